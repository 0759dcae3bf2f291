"""Read the operator's text files: CSV rows and YAML documents, every value as text, with what is wrong and where."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from service.core.errors import HasIssues, Issue
from service.core.http import UNREADABLE
from service.core.i18n import N_
from service.core.problems import INVALID, SENTENCES

B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")
LARGEST = 50_000_000
COLUMN_MISSING = N_("There is no column {column}.")
NO_ROWS = N_("The file has no rows.")
NOT_TEXT = N_("The file is not UTF-8 text.")
TOO_LARGE = N_("The file is larger than {limit} bytes.")
NO_FILE = N_("There is no such file.")
NOT_YAML = N_("The file is not plain YAML.")
BAD_CELL = N_("{value} is not {wanted}.")
ROW_LENGTH = N_("The row has {count} cells; the header has {expected}.")
NEEDED = N_("This cell is needed.")
CONTROLS = N_("The text holds characters that are not allowed, such as control characters.")


@dataclass(frozen=True)
class File:
    """A file as it came: its name, bytes and hash."""

    path: Path
    content: bytes

    @property
    def name(self) -> str:
        """Its name, without folders."""
        return self.path.name

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


def open_file(path: Path) -> File:
    """Read a file of the operator's."""
    if not path.is_file():
        raise HasIssues([Issue("no_file", str(path), NO_FILE)])
    if path.stat().st_size > LARGEST:
        raise HasIssues([Issue("too_large", path.name, TOO_LARGE, {"limit": LARGEST})])
    return File(path, path.read_bytes())


@dataclass
class Rows:
    """A CSV's rows, each with its number (the first below the header is 1), and the issues met while reading them."""

    file: File
    rows: list[tuple[int, Mapping[str, str]]]
    issues: list[Issue] = field(default_factory=list)

    def cell(self, number: int, row: Mapping[str, str], column: str, read: Callable[[str], T], wanted: str) -> T | None:
        """Return a cell read by `read`; None, with an issue, when it cannot be."""
        text = row.get(column, "")
        try:
            return read(text)
        except (ValueError, InvalidOperation):
            self.wrong(number, column, "bad_cell", BAD_CELL, value=text[:40], wanted=wanted)
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

    def wrong(self, number: int, column: str, code: str, message: str, **details: object) -> None:
        """Note an issue at a row and column."""
        self.issues.append(Issue(code, f"{self.file.name}, row {number}, {column}", message, details))

    def refuse(self) -> None:
        """Refuse the file if anything was wrong, with all of it."""
        if self.issues:
            raise HasIssues(self.issues)


def read_rows(file: File, needed: Sequence[str], names: Mapping[str, str] | None = None) -> Rows:
    """Return the rows of a CSV under our column names. `names`: our name to the file's. Refused without a column."""
    csv.field_size_limit(LARGEST)
    reader = csv.reader(io.StringIO(file.text, newline=""))
    header = [name.strip() for name in next(reader, [])]
    ours = {column: (names or {}).get(column, column) for column in {*needed, *(names or {}), *header}}
    missing = [ours[column] for column in needed if ours[column] not in header]
    if missing:
        raise HasIssues([Issue("column_missing", file.name, COLUMN_MISSING, {"column": name}) for name in missing])
    rows = Rows(file, [])
    for number, cells in enumerate(reader, start=1):
        if len(cells) != len(header):
            rows.wrong(number, "-", "row_length", ROW_LENGTH, count=len(cells), expected=len(header))
            continue
        named = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        for column, text in named.items():
            if UNREADABLE.search(text):
                rows.wrong(number, column, "unreadable_text", CONTROLS)
        rows.rows.append((number, {column: named.get(name, "") for column, name in ours.items()}))
    if not rows.rows and not rows.issues:
        rows.issues.append(Issue("no_rows", file.name, NO_ROWS))
    return rows


def read_document(file: File, model: type[B]) -> B:
    """Return a YAML document as a model. All scalars are read as text, so that no number passes through a float."""
    try:
        document = yaml.load(file.text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file.name}, line {mark.line + 1}" if mark else file.name
        raise HasIssues([Issue("not_yaml", place, NOT_YAML)]) from None
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise HasIssues([_issue(file, e) for e in error.errors()]) from None


def _issue(file: File, error: Any) -> Issue:
    place = " › ".join(str(part) for part in error["loc"])
    return Issue(error["type"], f"{file.name}, {place}", SENTENCES.get(error["type"], INVALID), error.get("ctx", {}))


def day(text: str) -> date:
    """Read a date.

    >>> day("2013-08-31")
    datetime.date(2013, 8, 31)
    """
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text)


def number(places: int) -> Callable[[str], Decimal]:
    """Return a reader of plain decimal numbers with at most so many places.

    >>> number(2)("41300.00"), number(0)("12")
    (Decimal('41300.00'), Decimal('12'))
    """

    def read(text: str) -> Decimal:
        if not set(text) <= set("-.0123456789"):
            raise ValueError(text)
        value = Decimal(text)
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or -exponent > places or abs(value) >= 10**12:
            raise ValueError(text)
        return value

    return read
