"""A contract from its YAML file and the CSV of its lines."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import Session

from service.access.queries import organisation_by_code
from service.contracts.actions import NewLine, sign_contract
from service.contracts.models import Contract
from service.contracts.rules import DayCount, Rounding, Unit
from service.core.actor import Actor
from service.core.dates import Span, half_open
from service.core.errors import HasIssues, Issue
from service.core.http import Body, Code, Day
from service.core.i18n import N_
from service.exchange.authority_in import Names
from service.exchange.report import Report, batch_of, close_batch
from service.exchange.texts import File, Rows, day, number, open_file, read_rows
from service.plots.models import Plot
from service.plots.queries import Record, register
from service.schemes.queries import version_of
from service.standards.queries import grades

UNKNOWN_PLOT = N_("There is no plot {plot} on {day}.")
UNKNOWN_UNIT = N_("The unit {unit} is not known; known: {known}.")
UNKNOWN_LINE_GRADE = N_("There is no grade {grade} in the catalogue.")
NO_AREA = N_("The register declares no area of plot {plot}.")
COLUMNS = ("plot", "quantity", "unit", "basis", "unit_price", "grade")


class SchemePart(Body):
    """The scheme version that the contract names."""

    code: Code
    version: Annotated[int, Field(ge=1)]


class LinesOfRegister(Body):
    """One line for each plot of the register, by the area that the register declares."""

    plots: Literal["all"]
    quantity: Literal["declared_area"]
    unit_price: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=6)]


class ContractFile(Body):
    """The whole file. `from` and `until` are both included; prices are a unit and year, VAT included."""

    contract: Code
    title: Names
    contractor: Code
    parties: dict[Code, Code] = Field(default_factory=dict)
    from_: Day = Field(alias="from")
    until: Day
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    day_count: DayCount
    rounding: Rounding
    settled: Literal["month", "quarter"]
    vat_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)]
    scheme: SchemePart
    lines: str | LinesOfRegister


def import_contract(session: Session, actor: Actor, file: File, content: ContractFile) -> Report:
    """Sign the contract of a file with all its lines, or refuse with everything that is wrong."""
    span = half_open(content.from_, content.until)
    assert span.valid_to
    contractor = organisation_by_code(session, content.contractor)
    parties = [(part, organisation_by_code(session, code)) for part, code in content.parties.items()]
    scheme = version_of(session, content.scheme.code, content.scheme.version)
    contract = Contract(
        code=content.contract,
        title_zh=content.title.zh,
        title_en=content.title.en,
        contractor_id=contractor.id,
        scheme_id=scheme.id,
        valid_from=span.valid_from,
        valid_to=span.valid_to,
        currency=content.currency,
        day_count=content.day_count,
        rounding=content.rounding,
        settled=content.settled,
        vat_percent=content.vat_percent,
    )
    records = {record.plot.code: record for record in register(session, as_of=span.valid_from)}
    lines = (
        _lines_of_register(file, content.lines, records, span)
        if isinstance(content.lines, LinesOfRegister)
        else _lines_of_file(session, file, content.lines, records, span)
    )
    batch = batch_of(session, actor, "contract", file)
    sign_contract(session, actor, contract, lines, parties)
    return close_batch(session, actor, batch, rows=len(lines), written=len(lines))


def _lines_of_register(file: File, wanted: LinesOfRegister, records: dict[str, Record], span: Span) -> list[NewLine]:
    missing = [code for code, record in records.items() if record.version.declared_area_m2 is None]
    if missing:
        raise HasIssues([Issue("no_area", f"{file.name}, lines", NO_AREA, {"plot": code}) for code in missing])
    return [
        NewLine(
            plot_id=record.plot.id,
            plot_code=code,
            span=span,
            quantity=record.version.declared_area_m2 or Decimal(0),
            unit=Unit.M2,
            basis="projected",
            unit_price=wanted.unit_price,
            grade=record.version.grade,
        )
        for code, record in records.items()
    ]


def _lines_of_file(session: Session, file: File, name: str, records: dict[str, Record], span: Span) -> list[NewLine]:
    rows = read_rows(open_file(file.path.parent / name), COLUMNS)
    known_grades = set(grades(session))
    lines = [_line(rows, at, row, records, known_grades, span) for at, row in rows.rows]
    rows.refuse()
    return [line for line in lines if line]


def _line(
    rows: Rows, at: int, row: object, records: dict[str, Record], known_grades: set[str], contract: Span
) -> NewLine | None:
    assert isinstance(row, dict)
    code = rows.needed(at, row, "plot")
    plot: Plot | None = records[code].plot if code in records else None
    if code and plot is None:
        rows.wrong(at, "plot", "unknown_plot", UNKNOWN_PLOT, plot=code, day=contract.valid_from)
    unit = row["unit"]
    if unit not in {known.value for known in Unit}:
        rows.wrong(at, "unit", "unknown_unit", UNKNOWN_UNIT, unit=unit, known=", ".join(known.value for known in Unit))
    if row["grade"] and row["grade"] not in known_grades:
        rows.wrong(at, "grade", "unknown_grade", UNKNOWN_LINE_GRADE, grade=row["grade"])
    quantity = rows.cell(at, row, "quantity", number(2), "a number with at most 2 decimals")
    price = rows.cell(at, row, "unit_price", number(6), "a price with at most 6 decimals")
    first = rows.optional(at, row, "from", day, "a date") or contract.valid_from
    until = rows.optional(at, row, "until", day, "a date")
    span = Span(first, half_open(date.min, until).valid_to if until else contract.valid_to)
    if plot is None or quantity is None or price is None or rows.issues:
        return None
    return NewLine(plot.id, code, span, quantity, Unit(unit), row["basis"] or "projected", price, row["grade"] or None)
