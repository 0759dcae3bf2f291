"""A contract from its YAML file and the CSV of its lines."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import Session

from service.access.models import Organisation
from service.access.queries import organisations
from service.contracts.actions import NewLine, sign_contract
from service.contracts.models import Contract
from service.contracts.rules import BASES, DayCount, Rounding, Unit, misfits
from service.core.actor import Actor, Kind
from service.core.dates import Span, UntilBeforeFrom, half_open
from service.core.errors import HasIssues, Issue
from service.core.http import Body, Code, Day, NamesIn, Number
from service.core.i18n import N_
from service.core.readers import day, number
from service.exchange.report import Report, batch_of, close_batch
from service.exchange.texts import DAY, NUMBER_2, NUMBER_6, File, Plain, Rows, open_file, read_rows
from service.plots.models import Plot
from service.plots.queries import Record, register
from service.schemes.language import read_scheme
from service.schemes.models import SchemeVersion
from service.schemes.queries import versions
from service.standards.queries import grades

UNKNOWN_PLOT = N_("There is no plot {plot} on {day}.")
UNKNOWN_UNIT = N_("The unit {unit} is not known; known: {known}.")
UNKNOWN_LINE_GRADE = N_("There is no grade {grade} in the catalogue.")
UNKNOWN_ORGANISATION = N_("There is no organisation {code}.")
NOT_A_CONTRACTOR = N_("{code} is no contractor.")
UNKNOWN_SCHEME = N_("There is no scheme {scheme}; import it first.")
UNKNOWN_BASIS = N_("The basis {basis} is not known; known: {known}.")
OUTSIDE = N_("The line must lie within its contract, from {first} until {until}.")
LINE_TWICE = N_("The plot {plot} stands in row {row} already, on some of these days.")
NO_AREA = N_("The register declares no area of plot {plot}.")
COLUMNS = ("plot", "quantity", "unit", "basis", "unit_price", "grade")


class SchemePart(Body):
    """The scheme version that the contract names."""

    code: Code
    version: Number


class LinesOfRegister(Body):
    """One line for each plot of the register, by the area that the register declares."""

    plots: Literal["all"]
    quantity: Literal["declared_area"]
    unit_price: Annotated[Decimal, Plain, Field(ge=0, max_digits=14, decimal_places=6)]


class ContractFile(Body):
    """The whole file. `from` and `until` are both included; prices are a unit and year, VAT included."""

    contract: Annotated[Code, Field(pattern="^[^/]*$")]  # it stands in addresses
    title: NamesIn
    contractor: Code
    parties: dict[Code, Code] = Field(default_factory=dict)
    from_: Day = Field(alias="from")
    until: Day
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    day_count: DayCount
    rounding: Rounding
    settled: Literal["month", "quarter"]
    vat_percent: Annotated[Decimal, Plain, Field(ge=0, le=100, decimal_places=6)]
    scheme: SchemePart
    lines: str | LinesOfRegister


def import_contract(session: Session, actor: Actor, file: File, content: ContractFile) -> Report:
    """Sign the contract of a file with all its lines, or refuse with everything that is wrong."""
    span = half_open(content.from_, content.until)
    assert span.valid_to
    known = {organisation.code: organisation for organisation in organisations(session)}
    schemes = {(scheme.code, scheme.version): scheme for scheme in versions(session)}
    scheme = schemes.get((content.scheme.code, content.scheme.version))
    records = {record.plot.code: record for record in register(session, as_of=span.valid_from)}
    issues = _header_issues(file, content, known, scheme)
    lines: list[NewLine] = []
    if isinstance(content.lines, LinesOfRegister):
        lines = _lines_of_register(file, content.lines, records, span, issues)
    else:
        lines = _lines_of_file(session, file, content.lines, records, span, issues)
    if issues or scheme is None:
        raise HasIssues(issues)
    contractor = known[content.contractor]
    parties = [(part, known[code]) for part, code in content.parties.items()]
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
    batch = batch_of(session, actor, "contract", file)
    sign_contract(session, actor, contract, lines, parties)
    return close_batch(session, actor, batch, rows=len(lines), written=len(lines))


def _header_issues(
    file: File, content: ContractFile, known: Mapping[str, Organisation], scheme: SchemeVersion | None
) -> list[Issue]:
    """Return the codes of the file's head that name nobody, and terms that the scheme cannot pay."""
    issues = [
        Issue("unknown_organisation", f"{file.name}, {place}", UNKNOWN_ORGANISATION, {"code": code})
        for place, code in {"contractor": content.contractor, **content.parties}.items()
        if code not in known
    ]
    contractor = known.get(content.contractor)
    if contractor and contractor.kind not in (Kind.CONTRACTOR, Kind.BUILDER):
        details = {"code": contractor.code}
        issues.append(Issue("not_a_contractor", f"{file.name}, contractor", NOT_A_CONTRACTOR, details))
    place = f"{file.name}, scheme"
    if scheme is None:
        named = f"{content.scheme.code} v{content.scheme.version}"
        return [*issues, Issue("unknown_scheme", place, UNKNOWN_SCHEME, {"scheme": named})]
    unfit = misfits(content.currency, content.settled, read_scheme(scheme.text))
    return issues + [Issue(misfit.code, place, misfit.message, misfit.details) for misfit in unfit]


def _lines_of_register(
    file: File, wanted: LinesOfRegister, records: Mapping[str, Record], span: Span, issues: list[Issue]
) -> list[NewLine]:
    missing = [code for code, record in records.items() if record.version.declared_area_m2 is None]
    issues += [Issue("no_area", f"{file.name}, lines", NO_AREA, {"plot": code}) for code in missing]
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


def _lines_of_file(
    session: Session, file: File, name: str, records: Mapping[str, Record], span: Span, issues: list[Issue]
) -> list[NewLine]:
    try:
        rows = read_rows(open_file(file.path.parent / name), COLUMNS)
    except HasIssues as refused:
        issues += refused.issues
        return []
    known_grades = set(grades(session))
    lines = [(at, _line(rows, at, row, records, known_grades, span)) for at, row in rows.rows]
    read = [(at, line) for at, line in lines if line]
    _refuse_twice(rows, read)
    issues += rows.issues
    return [line for _, line in read]


def _line(
    rows: Rows,
    at: int,
    row: Mapping[str, str],
    records: Mapping[str, Record],
    known_grades: set[str],
    contract: Span,
) -> NewLine | None:
    code = rows.needed(at, row, "plot")
    plot: Plot | None = records[code].plot if code in records else None
    if code and plot is None:
        rows.wrong(at, "plot", "unknown_plot", UNKNOWN_PLOT, plot=code, day=contract.valid_from)
    unit = _one_of(rows, at, row, "unit", tuple(unit.value for unit in Unit), "unknown_unit", UNKNOWN_UNIT)
    basis = _one_of(rows, at, row, "basis", BASES, "unknown_basis", UNKNOWN_BASIS, default=BASES[0])
    if row["grade"] and row["grade"] not in known_grades:
        rows.wrong(at, "grade", "unknown_grade", UNKNOWN_LINE_GRADE, grade=row["grade"])
    quantity = rows.cell(at, row, "quantity", number(2), NUMBER_2)
    price = rows.cell(at, row, "unit_price", number(6), NUMBER_6)
    span = _days(rows, at, row, contract)
    if plot is None or not unit or not basis or quantity is None or price is None or span is None:
        return None
    return NewLine(plot.id, code, span, quantity, Unit(unit), basis, price, row["grade"] or None)


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


def _days(rows: Rows, at: int, row: Mapping[str, str], contract: Span) -> Span | None:
    """Return the days of a line, those of its contract where it names none; None when they lie outside."""
    first = rows.optional(at, row, "from", day, DAY) if row.get("from") else contract.valid_from
    until = rows.optional(at, row, "until", day, DAY) if row.get("until") else contract.until
    if first is None or until is None or contract.until is None:
        return None
    if until < first:
        rows.wrong(at, "until", UntilBeforeFrom.code, UntilBeforeFrom.message, first=first, until=until)
        return None
    if contract.valid_from <= first and until <= contract.until:
        return Span(first, until + timedelta(days=1))
    column = "from" if first < contract.valid_from else "until"
    rows.wrong(at, column, "line_outside", OUTSIDE, first=contract.valid_from, until=contract.until)
    return None


def _refuse_twice(rows: Rows, lines: list[tuple[int, NewLine]]) -> None:
    """Two lines of one plot on the same day would pay it twice, or the later would win in silence."""
    before: dict[str, list[tuple[int, Span]]] = {}
    for at, line in lines:
        for row, span in before.setdefault(line.plot_code, []):
            if span.holds(line.span.valid_from) or line.span.holds(span.valid_from):
                rows.wrong(at, "plot", "line_twice", LINE_TWICE, plot=line.plot_code, row=row)
        before[line.plot_code].append((at, line.span))
