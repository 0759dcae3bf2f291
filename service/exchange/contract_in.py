"""A contract from its YAML file and the CSV of its lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from service.contracts.bodies import ContractTerms, LinesOfRegister
from service.contracts.described import LineSaid, OfRegister
from service.contracts.rules import BASES, Unit
from service.contracts.signing import sign_described
from service.core.actor import Actor
from service.core.dates import Span
from service.core.errors import CodeTaken, HasIssues, Issue
from service.core.http import Code
from service.core.i18n import N_
from service.core.readers import day, number
from service.exchange.report import Report, batch_of, close_batch
from service.exchange.texts import DAY, NUMBER_2, NUMBER_6, File, Rows, open_file, read_rows

UNKNOWN_UNIT = N_("The unit {unit} is not known; known: {known}.")
UNKNOWN_BASIS = N_("The basis {basis} is not known; known: {known}.")
COLUMNS = ("plot", "quantity", "unit", "basis", "unit_price", "grade")


class ContractFile(ContractTerms):
    """The whole file. `lines`: the name of a CSV beside it, or every plot of the register at one price."""

    contract: Annotated[Code, Field(pattern="^[^/]*$")]  # it stands in addresses
    lines: str | LinesOfRegister


@dataclass(frozen=True)
class InFiles:
    """Where a contract's two files say something. `rows`: of each line, the number of its row."""

    head_file: str
    lines_file: str = ""
    rows: tuple[int, ...] = ()

    def head(self, *path: str) -> str:
        """Name a field of the contract itself."""
        return f"{self.head_file}, {' › '.join(path)}"

    def line(self, number: int, field: str) -> str:
        """Name a field of a line; the first line has the number 0."""
        return f"{self.lines_file}, row {self.rows[number]}, {field}"


def import_contract(session: Session, actor: Actor, file: File, content: ContractFile) -> Report:
    """Sign the contract of a file with all its lines, or refuse with everything that is wrong."""
    head = content.head(content.contract)
    said: list[LineSaid] | OfRegister
    places, unreadable = InFiles(file.name), list[Issue]()
    if isinstance(content.lines, LinesOfRegister):
        said = content.lines.said
    else:
        said, places, unreadable = _read(file, content.lines, head.span)
    batch = batch_of(session, actor, "contract", file)
    signed = sign_described(session, actor, head, said, places, unreadable)
    if not signed.is_new:
        raise CodeTaken(code=head.code)
    return close_batch(session, actor, batch, rows=signed.lines, written=signed.lines)


def _read(file: File, name: str, span: Span) -> tuple[list[LineSaid], InFiles, list[Issue]]:
    """Return the lines of a CSV, where they stand, and what could not be read."""
    try:
        rows = read_rows(open_file(file.path.parent / name), COLUMNS)
    except HasIssues as refused:
        return [], InFiles(file.name), refused.issues
    lines = [_line(rows, at, row, span) for at, row in rows.rows]
    return lines, InFiles(file.name, rows.file.name, tuple(at for at, _ in rows.rows)), rows.issues


def _line(rows: Rows, at: int, row: Mapping[str, str], contract: Span) -> LineSaid:
    unit = _one_of(rows, at, row, "unit", tuple(unit.value for unit in Unit), "unknown_unit", UNKNOWN_UNIT)
    return LineSaid(
        plot=rows.code(at, row, "plot"),
        quantity=rows.cell(at, row, "quantity", number(2), NUMBER_2),
        unit=Unit(unit) if unit else None,
        basis=_one_of(rows, at, row, "basis", BASES, "unknown_basis", UNKNOWN_BASIS, default=BASES[0]),
        unit_price=rows.cell(at, row, "unit_price", number(6), NUMBER_6),
        grade=rows.code(at, row, "grade") if row["grade"] else "",
        first=rows.optional(at, row, "from", day, DAY) if row.get("from") else contract.valid_from,
        until=rows.optional(at, row, "until", day, DAY) if row.get("until") else contract.until,
    )


def _one_of(
    rows: Rows,
    at: int,
    row: Mapping[str, str],
    column: str,
    known: tuple[str, ...],
    code: str,
    message: str,
    default: str = "",
) -> str:
    """Return a cell that holds one of some words; empty, with an issue, when it holds another."""
    word = row[column] or default
    if word in known:
        return word
    rows.wrong(at, column, code, message, **{column: word, "known": ", ".join(known)})
    return ""
