"""Read the operator's text files: CSV rows and YAML documents, every value as text, with what is wrong and where."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from service.core.errors import HasIssues, Issue, Spot
from service.core.i18n import N_, Phrase
from service.core.readers import CONTROL, PLAIN
from service.core.sandbox import Limits, run_apart
from service.core.sentences import INVALID, SENTENCES

B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")
LARGEST = 50_000_000  # bytes of a text file
LONGEST, LONGEST_CODE, SHOWN = 2000, 80, 40  # characters of a cell, of a code, and of what an issue repeats
COLUMN_MISSING = N_("There is no column {column}.")
NO_ROWS = N_("The file has no rows.")
NOT_TEXT = N_("The file is not UTF-8 text.")
TOO_LARGE = N_("The file is larger than {limit} bytes.")
NO_FILE = N_("There is no such file.")
NOT_YAML = N_("The file is not plain YAML.")
BAD_CELL = N_("{value} is not {wanted}.")
ROW_LENGTH = N_("The row has {count} cells; the header has {expected}.")
NEEDED = N_("This cell is needed.")
TOO_MANY_ROWS = N_("The file has {count} rows; {limit} are allowed.")
COLUMN_TWICE = N_("The column {column} stands twice in the header.")
NOT_CSV = N_("The file is not CSV.")
TOO_LONG = SENTENCES["string_too_long"]
TWICE = N_("{word} stands twice.")
OTHERS = {
    "unknown_time_zone": N_("There is no such time zone."),
    "extent": N_("An extent is west, south, east, north in degrees."),
    "model_type": N_("Here belong words with values, such as `code: C1`."),
    "list_type": N_("Here belongs a list."),
}
DAY, WHOLE = N_("a date, YYYY-MM-DD"), N_("a whole number")
NUMBER_2, NUMBER_6 = N_("a number with at most 2 decimals"), N_("a number with at most 6 decimals")
CONTROLS = N_("The text holds characters that are not allowed, such as control characters.")


@dataclass(frozen=True)
class File:
    """A file as it came: its name, bytes and hash. `called`: its own name, where it lies under one of ours."""

    path: Path
    content: bytes
    called: str = ""

    @property
    def name(self) -> str:
        """Its name, without folders."""
        return self.called or self.path.name

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""
        return sha256(self.content).hexdigest()

    @property
    def text(self) -> str:
        """Its text; a byte order mark is dropped."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise HasIssues([Issue("not_text", f"{self.name}, byte {error.start}", NOT_TEXT)]) from None


def open_file(path: Path, largest: int = LARGEST) -> File:
    """Read a file of the operator's, of at most so many bytes."""
    if not path.is_file():
        raise HasIssues([Issue("no_file", str(path), NO_FILE)])
    if path.stat().st_size > largest:
        raise HasIssues([Issue("too_large", path.name, TOO_LARGE, {"limit": largest})])
    return File(path, path.read_bytes())


@dataclass
class Rows:
    """A CSV's rows, each with its number (the first below the header is 1), and the issues met while reading them."""

    file: File
    rows: list[tuple[int, Mapping[str, str]]]
    issues: list[Issue] = field(default_factory=list)

    def cell(self, number: int, row: Mapping[str, str], column: str, read: Callable[[str], T], wanted: str) -> T | None:
        """Return a cell read by `read`; None, with an issue that says what was `wanted`, when it cannot be."""
        text = row.get(column, "")
        try:
            return read(text)
        except ValueError:
            if text:
                self.wrong(number, column, "bad_cell", BAD_CELL, value=text, wanted=Phrase(wanted))
            else:
                self.wrong(number, column, "missing", NEEDED)
            return None

    def optional(
        self, number: int, row: Mapping[str, str], column: str, read: Callable[[str], T], wanted: str
    ) -> T | None:
        """Return a cell as `cell` does; None when it is empty."""
        return self.cell(number, row, column, read, wanted) if row.get(column) else None

    def needed(self, number: int, row: Mapping[str, str], column: str) -> str:
        """Return a cell's text; empty, with an issue, when there is none."""
        text = row.get(column, "")
        if not text:
            self.wrong(number, column, "missing", NEEDED)
        return text

    def code(self, number: int, row: Mapping[str, str], column: str) -> str:
        """Return a needed cell that is a code."""
        text = self.needed(number, row, column)
        if len(text) > LONGEST_CODE:
            self.wrong(number, column, "string_too_long", TOO_LONG, max_length=LONGEST_CODE)
        return text

    def wrong(self, number: int, column: str, code: str, message: str, **details: object) -> None:
        """Note an issue at a row and column; of what stands there it repeats only the beginning."""
        short = {n: v[:SHOWN] if type(v) is str else v for n, v in details.items()}
        place, at = f"{self.file.name}, row {number}, {column}", Spot(number, column)
        self.issues.append(Issue(code, place, message, short, at))

    def refuse(self) -> None:
        """Refuse the file if anything was wrong, with all of it."""
        if self.issues:
            raise HasIssues(self.issues)


def read_rows(
    file: File, needed: Sequence[str], names: Mapping[str, str] | None = None, empty: Collection[str] = ()
) -> Rows:
    """Return the rows of a CSV under our column names; refused without a needed column.

    `names`: our name to the file's. `empty`: words that the file writes into cells that are empty.
    """
    csv.field_size_limit(LARGEST)
    records = _records(file)
    header = [name.strip() for name in next(records, [])]
    ours = {column: (names or {}).get(column, column) for column in {*needed, *(names or {}), *header}}
    used = {ours[column] for column in {*needed, *(names or {})}}
    missing = [ours[column] for column in needed if ours[column] not in header]
    issues = [Issue("column_missing", file.name, COLUMN_MISSING, {"column": name}) for name in missing]
    twice = [name for name in sorted(used) if header.count(name) > 1]
    issues += [Issue("column_twice", file.name, COLUMN_TWICE, {"column": name}) for name in twice]
    if issues:
        raise HasIssues(issues)
    rows = Rows(file, [])
    for number, cells in enumerate(records, start=1):
        if len(cells) == len(header):
            texts = (cell.strip() for cell in cells)
            named = dict(zip(header, ("" if text in empty else text for text in texts), strict=True))
            _note_texts(rows, number, named)
            rows.rows.append((number, {column: named.get(name, "") for column, name in ours.items()}))
        elif cells:  # a blank line is counted, and means nothing
            rows.wrong(number, "-", "row_length", ROW_LENGTH, count=len(cells), expected=len(header))
    if not rows.rows and not rows.issues:
        rows.issues.append(Issue("no_rows", file.name, NO_ROWS))
    return rows


def read_rows_apart(
    file: File, needed: Sequence[str], names: Mapping[str, str], empty: Collection[str], *, most: int, limits: Limits
) -> Rows:
    """Read a stranger's CSV as `read_rows` does, in a child process, and of at most so many rows.

    A small file of commas is a million rows, which would fill the memory of the server.
    """
    rows, issues = run_apart(
        rows_or_issues, limits=limits, file=file, needed=needed, names=names, empty=empty, most=most
    )
    if rows is None:
        raise HasIssues(issues)
    return Rows(file, rows, issues)


def rows_or_issues(
    file: File, needed: Sequence[str], names: Mapping[str, str], empty: Collection[str], most: int
) -> tuple[list[tuple[int, Mapping[str, str]]] | None, list[Issue]]:
    """Return the rows of a CSV with what is wrong with some of them; None when it cannot be read. For the child."""
    try:
        read = read_rows(file, needed, names, empty)
    except HasIssues as refused:
        return None, refused.issues
    if len(read.rows) > most:
        return None, [Issue("too_many_rows", file.name, TOO_MANY_ROWS, {"count": len(read.rows), "limit": most})]
    return read.rows, read.issues


def _records(file: File) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(file.text, newline=""))
    except csv.Error:
        raise HasIssues([Issue("not_csv", file.name, NOT_CSV)]) from None


def _note_texts(rows: Rows, number: int, cells: Mapping[str, str]) -> None:
    for column, text in cells.items():
        if CONTROL.search(text):
            rows.wrong(number, column, "unreadable_text", CONTROLS)
        if len(text) > LONGEST:
            rows.wrong(number, column, "string_too_long", TOO_LONG, max_length=LONGEST)


class _Twice(yaml.MarkedYAMLError):
    """A key that stands twice in one map: the later would win in silence."""


class _Loader(yaml.BaseLoader):
    """Every scalar is text, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse the second of two equal keys."""
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise _Twice(problem=key.value, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_document(file: File, model: type[B]) -> B:
    """Return a YAML document as a model. All scalars are read as text, so that no number passes through a float."""
    try:
        document = yaml.load(file.text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file.name}, line {mark.line + 1}" if mark else file.name
        if isinstance(error, _Twice):
            raise HasIssues([Issue("key_twice", place, TWICE, {"word": str(error.problem)[:SHOWN]})]) from None
        raise HasIssues([Issue("not_yaml", place, NOT_YAML)]) from None
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise HasIssues([_issue(file, e) for e in error.errors()]) from None


def _issue(file: File, error: Any) -> Issue:
    place = " › ".join(str(part)[:SHOWN] for part in error["loc"])
    sentence = SENTENCES.get(error["type"]) or OTHERS.get(error["type"], INVALID)
    return Issue(error["type"], f"{file.name}, {place}" if place else file.name, sentence, error.get("ctx", {}))


def _plain(value: Any) -> Any:
    """Refuse what Decimal would take but no reader writes: full-width digits, underscores, exponents."""
    if isinstance(value, str) and not PLAIN.fullmatch(value):
        raise PydanticCustomError("plain_number", "no plain number")
    return value


Plain = BeforeValidator(_plain)
