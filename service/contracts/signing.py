"""Sign a contract that somebody describes by codes, in a file or over HTTP: one way for both."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlmodel import Session, select

from service.access.models import Authority, Organisation
from service.access.queries import organisations
from service.access.rules import require
from service.contracts import queries
from service.contracts.actions import sign_contract
from service.contracts.coverage import clashes
from service.contracts.described import Head, LineSaid, NewLine, OfRegister, Places
from service.contracts.models import Contract
from service.contracts.rules import Unit, misfits
from service.core.actor import Actor, Kind, Role
from service.core.dates import Span, UntilBeforeFrom
from service.core.db import lock
from service.core.errors import CodeTaken, HasIssues, Issue
from service.core.i18n import N_
from service.plots.queries import Record, register
from service.schemes.language import read_scheme
from service.schemes.models import SchemeVersion
from service.schemes.queries import versions
from service.standards.queries import grades

UNKNOWN_PLOT = N_("There is no plot {plot} on {day}.")
UNKNOWN_LINE_GRADE = N_("There is no grade {grade} in the catalogue.")
UNKNOWN_ORGANISATION = N_("There is no organisation {code}.")
NOT_A_CONTRACTOR = N_("{code} is no contractor.")
UNKNOWN_SCHEME = N_("There is no scheme {scheme}; import it first.")
OUTSIDE = N_("The line must lie within its contract, from {first} until {until}.")
LINE_TWICE = N_("The plot {plot} is covered already, on some of these days, by what stands at {place}.")
TOO_MANY = N_("The plot {plot} has more than {limit} lines in this contract.")
NO_AREA = N_("The register declares no area of plot {plot}.")
Row = tuple[str, Span, Decimal | None, Unit | None, str, Decimal | None, str | None]  # a line: plot, days, terms
MOST_OF_A_PLOT = 100  # lines: each is compared with each
FEW = 1000  # plots that are asked for by their codes; of more the whole register is read


class Signed(NamedTuple):
    """A contract, how many lines it was signed with, and whether that is new."""

    contract: Contract
    lines: int
    is_new: bool


def sign_described(
    session: Session,
    actor: Actor,
    head: Head,
    said: Sequence[LineSaid] | OfRegister,
    places: Places,
    unreadable: Sequence[Issue] = (),
) -> Signed:
    """Sign a contract with all its lines, or refuse with everything that is wrong and where.

    The very same again is returned; the same code with other content is refused. `unreadable`: what was wrong before.
    """
    require(actor, Role.HOST, Role.MANAGER)
    lock(session, select(Authority))  # one contract after another: two at once could both find a plot free
    former = session.exec(select(Contract).where(Contract.code == head.code)).one_or_none()
    if former and not unreadable:
        return Signed(former, _refuse_other(session, former, head, said), is_new=False)
    known = {organisation.code: organisation for organisation in organisations(session)}
    scheme = {(row.code, row.version): row for row in versions(session)}.get(head.scheme)
    issues = [*_head_issues(head, known, scheme, places), *unreadable]
    if isinstance(said, OfRegister):
        lines = _of_register(_records(session, head), said, head.span, places, issues)
    else:
        lines = _as_said(session, head, said, places, issues)
    if issues or scheme is None:
        raise HasIssues(issues)
    contract = _contract(head, known[head.contractor], scheme)
    parties = [(part, known[code]) for part, code in head.parties.items()]
    return Signed(sign_contract(session, actor, contract, lines, parties), len(lines), is_new=True)


def _contract(head: Head, contractor: Organisation, scheme: SchemeVersion) -> Contract:
    return Contract(
        code=head.code,
        title_zh=head.title_zh,
        title_en=head.title_en,
        contractor_id=contractor.id,
        scheme_id=scheme.id,
        **head.span._asdict(),
        currency=head.currency,
        day_count=head.day_count,
        rounding=head.rounding,
        settled=head.settled,
        vat_percent=head.vat_percent,
    )


def _head_issues(
    head: Head, known: Mapping[str, Organisation], scheme: SchemeVersion | None, places: Places
) -> Iterator[Issue]:
    """Yield the codes that name nobody, and terms that the scheme cannot pay."""
    named = {("contractor",): head.contractor} | {("parties", part): code for part, code in head.parties.items()}
    for path, code in named.items():
        if code not in known:
            yield Issue("unknown_organisation", places.head(*path), UNKNOWN_ORGANISATION, {"code": code})
    contractor = known.get(head.contractor)
    if contractor and contractor.kind not in (Kind.CONTRACTOR, Kind.BUILDER):
        yield Issue("not_a_contractor", places.head("contractor"), NOT_A_CONTRACTOR, {"code": contractor.code})
    place = places.head("scheme")
    if scheme is None:
        yield Issue("unknown_scheme", place, UNKNOWN_SCHEME, {"scheme": "{} v{}".format(*head.scheme)})
        return
    for misfit in misfits(head.currency, head.settled, read_scheme(scheme.text)):
        yield Issue(misfit.code, place, misfit.message, misfit.details)


def _records(
    session: Session, head: Head, codes: Iterable[str] | None = None, known_at: datetime | None = None
) -> dict[str, Record]:
    """Return the plots as the register has them on the contract's first day, by code."""
    wanted = sorted(set(codes)) if codes is not None else None
    few = wanted if wanted is not None and len(wanted) <= FEW else None
    rows = register(session, as_of=head.span.valid_from, codes=few, known_at=known_at)
    return {record.plot.code: record for record in rows}


def _of_register(
    records: Mapping[str, Record], said: OfRegister, span: Span, places: Places, issues: list[Issue]
) -> list[NewLine]:
    missing = [code for code, record in records.items() if record.version.declared_area_m2 is None]
    issues += [Issue("no_area", places.head("lines"), NO_AREA, {"plot": code}) for code in missing]
    return [_declared(record, said, span) for record in records.values()]


def _declared(record: Record, said: OfRegister, span: Span) -> NewLine:
    plot, version = record.plot, record.version
    area = version.declared_area_m2 or Decimal(0)
    return NewLine(plot.id, plot.code, span, area, Unit.M2, "projected", said.unit_price, version.grade)


def _as_said(
    session: Session, head: Head, said: Sequence[LineSaid], places: Places, issues: list[Issue]
) -> list[NewLine]:
    """Return the lines that could be read; what is wrong with any is added to the issues."""
    records = _records(session, head, (line.plot for line in said if line.plot))
    known_grades = grades(session)
    read: dict[int, NewLine] = {}
    counts: Counter[str] = Counter()
    for number, line in enumerate(said):
        if line.plot and line.plot not in records:
            details = {"plot": line.plot, "day": head.span.valid_from}
            issues.append(Issue("unknown_plot", places.line(number, "plot"), UNKNOWN_PLOT, details))
        if line.grade and line.grade not in known_grades:
            details = {"grade": line.grade}
            issues.append(Issue("unknown_grade", places.line(number, "grade"), UNKNOWN_LINE_GRADE, details))
        span = _days(line, head.span, number, places, issues)
        counts[line.plot] += 1
        if counts[line.plot] == MOST_OF_A_PLOT + 1:
            details = {"plot": line.plot, "limit": MOST_OF_A_PLOT}
            issues.append(Issue("too_many_lines", places.line(number, "plot"), TOO_MANY, details))
        if counts[line.plot] <= MOST_OF_A_PLOT and (new := _new_line(line, records.get(line.plot), span)):
            read[number] = new
    issues += _twice(read, places)
    numbers, lines = list(read), list(read.values())
    for position, taken in clashes(session, lines, code=head.code):
        if taken.details["contract"] != head.code:  # two lines of its own are told as that
            place = places.line(numbers[position], "plot")
            issues.append(Issue(taken.code, place, taken.message, taken.details))
    return lines


def _new_line(line: LineSaid, record: Record | None, span: Span | None) -> NewLine | None:
    if record is None or span is None or not line.unit or not line.basis:
        return None
    if line.quantity is None or line.unit_price is None:
        return None
    plot, grade = record.plot, line.grade or None
    return NewLine(plot.id, plot.code, span, line.quantity, line.unit, line.basis, line.unit_price, grade)


def _days(line: LineSaid, contract: Span, number: int, places: Places, issues: list[Issue]) -> Span | None:
    """Return the days of a line; None when they could not be read or lie outside of its contract."""
    first, until = line.first, line.until
    if first is None or until is None or contract.until is None:
        return None
    details = {"first": first, "until": until}
    if until < first:
        issues.append(Issue(UntilBeforeFrom.code, places.line(number, "until"), UntilBeforeFrom.message, details))
        return None
    if contract.valid_from <= first and until <= contract.until:
        return Span(first, until + timedelta(days=1))
    field = "from" if first < contract.valid_from else "until"
    details = {"first": contract.valid_from, "until": contract.until}
    issues.append(Issue("line_outside", places.line(number, field), OUTSIDE, details))
    return None


def _twice(lines: Mapping[int, NewLine], places: Places) -> Iterator[Issue]:
    """Two lines of one plot on the same day would pay it twice, or the later would win in silence."""
    last: dict[str, tuple[int, NewLine]] = {}  # of each plot the line that ends last, of those that begin before
    for number, line in sorted(lines.items(), key=lambda row: (row[1].span.valid_from, row[0])):
        other, before = last.get(line.plot_code, (number, None))
        if before and line.span.meets(before.span):
            details = {"plot": line.plot_code, "place": places.line(min(number, other), "plot")}
            yield Issue("line_twice", places.line(max(number, other), "plot"), LINE_TWICE, details)
        if before is None or _end(line) > _end(before):
            last[line.plot_code] = number, line


def _end(line: NewLine) -> date:
    return line.span.valid_to or date.max


def _refuse_other(session: Session, former: Contract, head: Head, said: Sequence[LineSaid] | OfRegister) -> int:
    """Return how many lines a contract was signed with; refused when it was signed as another than is described."""
    rows = [row for row in queries.lines_of(session, former) if row[2].amendment_id is None]
    told: list[Row]
    signed: list[Row] = [
        (plot.code, v.span, v.quantity, v.unit, v.basis, v.unit_price, v.grade)
        for _, plot, v in sorted(rows, key=lambda row: row[0].number)
    ]
    if isinstance(said, OfRegister):  # of the register as it was known when it was signed
        records = _records(session, head, known_at=rows[0][2].recorded_at if rows else None)
        declared = [_declared(record, said, head.span) for record in records.values()]
        told = [(n.plot_code, n.span, n.quantity, n.unit, n.basis, n.unit_price, n.grade) for n in declared]
    else:
        told = [_row(line) for line in said]
    if _head_of(session, former) != head or _in_order(signed) != _in_order(told):
        raise CodeTaken(code=head.code)
    return len(signed)


def _head_of(session: Session, contract: Contract) -> Head:
    scheme = session.get_one(SchemeVersion, contract.scheme_id)
    return Head(
        code=contract.code,
        title_zh=contract.title_zh,
        title_en=contract.title_en,
        contractor=session.get_one(Organisation, contract.contractor_id).code,
        parties={party.part: organisation.code for party, organisation in queries.parties(session, contract)},
        span=Span(contract.valid_from, contract.valid_to),
        currency=contract.currency,
        day_count=contract.day_count,
        rounding=contract.rounding,
        settled=contract.settled,
        vat_percent=contract.vat_percent,
        scheme=(scheme.code, scheme.version),
    )


def _row(line: LineSaid) -> Row:
    assert line.first, "what could not be read is refused before"
    span = Span(line.first, line.until and line.until + timedelta(days=1))
    return line.plot, span, line.quantity, line.unit, line.basis, line.unit_price, line.grade or None


def _in_order(rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """Number the plots as a contract numbers its lines; of a plot the days alone say in which order they come."""
    numbers = {plot: number for number, plot in enumerate(dict.fromkeys(row[0] for row in rows))}
    return sorted(((numbers[row[0]], row) for row in rows), key=lambda row: (row[0], row[1][1].valid_from))
