"""Tables of a scheme: keys to values. A key cell is a code, a list, a test such as `">= 80, < 90"`, or `otherwise`."""

import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property

from service.schemes.exact import Missing, Value, number_of, text_of
from service.schemes.periods import day_of

SIGNS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TEST = re.compile(r"\s*(<=|>=|!=|<|>|=)\s*(.+?)\s*")


@dataclass(frozen=True)
class Operand:
    """One comparison of a cell: the sign, the text as written, and its number or day where it is one."""

    sign: str
    text: str
    number: Fraction | None
    day: date | None = None

    def holds(self, value: Value) -> bool:
        """Tell whether the value passes; numbers compare as numbers, everything else as it is written."""
        if isinstance(value, bool | str):
            same = text_of(value) == self.text
            return same if self.sign == "=" else not same if self.sign == "!=" else False
        if isinstance(value, Fraction):
            return self.number is not None and compare(self.sign, value, self.number)
        if isinstance(value, date):
            return self.day is not None and compare(self.sign, day_of(value), self.day)
        return False


def compare(sign: str, left: Fraction | date, right: Fraction | date) -> bool:
    """Compare two values of one kind by one of the six signs."""
    return bool(SIGNS[sign](left, right))


@dataclass(frozen=True)
class Cell:
    """A test on one value: any of the lists of comparisons, all of its comparisons; none: everything."""

    text: str
    choices: tuple[tuple[Operand, ...], ...]

    @property
    def is_rest(self) -> bool:
        """Whether this is `any` or `otherwise`."""
        return not self.choices

    @property
    def is_band(self) -> bool:
        """Whether an order is asked for, not equality."""
        return any(operand.sign in ("<", "<=", ">", ">=") for choice in self.choices for operand in choice)

    @property
    def codes(self) -> frozenset[str] | None:
        """The texts that pass, where the cell lists them; else None."""
        listed = [choice[0] for choice in self.choices if len(choice) == 1 and choice[0].sign == "="]
        every = self.choices and len(listed) == len(self.choices)
        return frozenset(operand.text for operand in listed) if every else None

    def holds(self, value: Value) -> bool:
        """Tell whether the value passes; a missing one passes only `any`."""
        if not self.choices:
            return True
        return not isinstance(value, Missing) and any(
            all(operand.holds(value) for operand in choice) for choice in self.choices
        )


def _operand(sign: str, text: str) -> Operand:
    match = re.fullmatch(r"(.+) [A-Z]{3}", text)
    day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", text) else None
    return Operand(sign, text, number_of(match[1] if match else text), day)


def read_cell(texts: str | Sequence[str]) -> Cell | None:
    """Read a key cell, or a cell of a `where` map; None where the test cannot be read.

    >>> read_cell(">= 80, < 90").holds(Fraction(90)), read_cell(["litter", "pest"]).holds("pest"), read_cell(">= x")
    (False, True, None)
    """
    if not isinstance(texts, str):
        return Cell(", ".join(texts), tuple((_operand("=", text),) for text in texts)) if texts else None
    text = texts.strip()
    if text in ("any", "otherwise"):
        return Cell(text, ())
    if not re.match(r"[<>!=]", text):
        return Cell(text, ((_operand("=", text),),)) if text else None
    operands = []
    for part in text.split(","):
        match = TEST.fullmatch(part)
        if match is None:
            return None
        operand = _operand(match[1], match[2])
        if operand.sign not in ("=", "!=") and operand.number is None and operand.day is None:
            return None
        operands.append(operand)
    return Cell(text, (tuple(operands),))


@dataclass(frozen=True)
class TableRow:
    """A row with the line of the file it stands on."""

    cells: tuple[Cell, ...]
    values: tuple[Value, ...]
    texts: tuple[str, ...]
    line: int

    @property
    def is_rest(self) -> bool:
        """Whether the row yields to rows without `any` or `otherwise`."""
        return any(cell.is_rest for cell in self.cells)


class NotOneRow(LookupError):
    """A table has no row, or several, for the arguments."""

    def __init__(self, found: int) -> None:
        super().__init__(found)
        self.found = found


@dataclass(frozen=True)
class Table:
    """A table; `whole` names the keys that are whole numbers, `kinds` the kind of each given column."""

    name: str
    by: tuple[str, ...]
    gives: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[TableRow, ...]
    line: int
    whole: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def _listed(self) -> Mapping[str, TableRow] | None:
        """Rows by code, where the table has one key and lists codes only, each once."""
        rows: dict[str, TableRow] = {}
        for row in self.rows:
            codes = row.cells[0].codes
            if len(self.by) > 1 or codes is None or any(code in rows for code in codes):
                return None
            rows |= dict.fromkeys(codes, row)
        return rows

    def find(self, arguments: Sequence[Value]) -> TableRow:
        """Return the one row for the arguments; raise NotOneRow where there is none or more than one."""
        if self._listed is not None and isinstance(arguments[0], str):
            row = self._listed.get(arguments[0])
            if row is None:
                raise NotOneRow(0)
            return row
        hits = [row for row in self.rows if all(map(Cell.holds, row.cells, arguments))]
        hits = [row for row in hits if not row.is_rest] or hits
        if len(hits) != 1:
            raise NotOneRow(len(hits))
        return hits[0]
