"""The register of plots, and the dossier of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from service.contracts.queries import Cover, covers, lines_of
from service.contracts.rules import Unit
from service.core.actor import Role
from service.core.dates import Span
from service.core.http import ActorDep, After, Asked, Code
from service.core.i18n import N_
from service.core.money import minor
from service.core.paging import cursor, uncursor
from service.documents.queries import documents
from service.documents.rules import On
from service.findings.queries import FindingRecord, findings, photos, steps
from service.findings.rules import FILERS
from service.plots.models import Plot
from service.plots.queries import Record, plot_as_of, register, versions_of, zones
from service.settlement.queries import plot_deductions, settled_periods, statements
from service.standards.queries import finding_types, grades, operations
from service.web import document_form, labels, sketch, words
from service.web.document_form import Place, status_of
from service.web.forms import Draft, FormDep
from service.web.frame import View, ViewDep, given
from service.web.menu import PLOTS
from service.workplan.models import Task
from service.workplan.queries import tasks

router = APIRouter()
ROWS = 200
TIMELINE, TASKS = 12, 8
SEES_MONEY = (Role.MANAGER, Role.AUDITOR, Role.CONTRACTOR)


class Event(NamedTuple):
    """Something that happened on a plot: when, what, and the page that tells more."""

    at: datetime
    what: str
    href: str


@dataclass(frozen=True)
class Line:
    """A plot as the list shows it: what is contracted, what was measured, and what covers it."""

    record: Record
    cover: Cover | None

    @property
    def contracted(self) -> Decimal | None:
        """The contracted area in m2, where the contract counts area."""
        return contracted_area(self.cover)

    @property
    def measured(self) -> Decimal:
        """The measured area in m2, to the hundredth."""
        return hundredths(self.record.version.measured_area_m2)

    @property
    def apart(self) -> words.Difference | None:
        """Measured against contracted."""
        return None if self.contracted is None else words.difference(self.contracted, self.measured)

    @property
    def yearly_minor(self) -> int | None:
        """The price of a year, rounded."""
        return None if self.cover is None else yearly(self.cover)


def contracted_area(cover: Cover | None) -> Decimal | None:
    """Return the area in m2 that a contract covers; None when it counts something else."""
    return cover.version.quantity if cover and cover.version.unit is Unit.M2 else None


def hundredths(area_m2: float) -> Decimal:
    """Return a measured area as it is shown, in 0.01 m2."""
    return Decimal(str(area_m2)).quantize(Decimal("0.01"))


def yearly(cover: Cover) -> int:
    """Return a line's price of a year in minor units, rounded once."""
    return minor(price_of(cover), cover.contract.currency)


def price_of(cover: Cover) -> Fraction:
    """Return a line's price of a year in the major unit, exact."""
    return Fraction(cover.version.quantity) * Fraction(cover.version.unit_price)


@router.get("/plots")
def plots(view: ViewDep, zone: Asked = "", after: After = "") -> Response:
    """List the plots of a zone with what is contracted and what was measured, side by side."""
    tree = zones(view.session)
    view.chosen(N_("zone"), zone, [one.code for one in tree])
    rows = register(view.session, as_of=view.day, zone=zone)
    held = covers(view.session, as_of=view.day)
    lines = [Line(r, held.get(r.plot.id)) for r in rows]
    begin = uncursor(after)
    shown = [line for line in lines if line.record.plot.code > begin][: ROWS + 1]
    following = cursor(shown[ROWS - 1].record.plot.code) if len(shown) > ROWS else ""
    context = {
        "lines": shown[:ROWS],
        "totals": totals(lines),
        "zones": tree,
        "zone": zone,
        "sheet": given({"zone": zone, "as_of": str(view.day) if view.is_past else ""}),
        "following": following,
        "grades": grades(view.session),
    }
    return view.page("plots.html", PLOTS, ((view.say(PLOTS.word), "/plots"),), context)


@dataclass(frozen=True)
class Totals:
    """What a list of plots adds up to; money by currency, in minor units."""

    count: int
    contracted: Decimal
    measured: Decimal
    uncovered: int
    yearly: Mapping[str, int]


def totals(lines: Sequence[Line]) -> Totals:
    """Add up a list of plots. The prices of a year are added up exactly and rounded once a contract, as it pays."""
    exact: dict[tuple[str, str], Fraction] = {}
    for cover in (line.cover for line in lines if line.cover):
        contract = (cover.contract.code, cover.contract.currency)
        exact[contract] = exact.get(contract, Fraction(0)) + price_of(cover)
    yearly_: dict[str, int] = {}
    for (_, currency), price in exact.items():
        yearly_[currency] = yearly_.get(currency, 0) + minor(price, currency)
    return Totals(
        len(lines),
        sum((line.contracted or Decimal(0) for line in lines), Decimal(0)),
        sum((line.measured for line in lines), Decimal(0)),
        sum(line.cover is None for line in lines),
        yearly_,
    )


@router.get("/plots/{code:path}")
def dossier(view: ViewDep, code: Code) -> Response:
    """Show one plot, whole: area three ways, money, versions, work, findings, deductions, photos, what happened."""
    return _page(view, code, document_form.blank(view, On.PLOT))


@router.post("/plots/{code:path}")
def file_document(form: FormDep, request: Request, actor: ActorDep, code: Code) -> Response:
    """File a document on the plot."""
    return document_form.take(request, actor, form, PLACE, code)


def _page(view: View, code: str, filing: Draft | None) -> Response:
    session = view.session
    record = plot_as_of(session, code, as_of=view.day)
    cover = covers(session, as_of=view.day, plots=[record.plot.id]).get(record.plot.id)
    line = Line(record, cover)
    near = [r for r in neighbours(session, record, view.day) if r.plot.id != record.plot.id]
    found = findings(session, plot=record.plot.id, known_at=view.known_at)
    due = [task for task, _ in tasks(session, plot=record.plot.id) if task.due_from <= view.day]
    context = {
        "line": line,
        "record": record,
        "cover": cover,
        "zone_names": zone_names(view, record),
        "sketch": sketch.draw(record, near),
        "near": near,
        "versions": versions_of(session, record.plot)[::-1],
        "all_zones": {zone.id: zone for zone in zones(session)},
        "contract_lines": _contract_lines(session, record.plot, cover),
        "findings": found,
        "types": finding_types(session),
        "tasks": sorted(due, key=lambda task: (is_done(task, view.day), -task.due_until.toordinal()))[:TASKS],
        "is_done": is_done,
        "task_count": len(due),
        "operations": operations(session),
        "grades": grades(session),
        "pictures": [
            (finding, shown)
            for finding in found[:30]
            for shown in photos(session, finding.finding)
            if view.known_at is None or shown[0].at <= view.known_at
        ],
        "documents": documents(session, plot=record.plot.id, known_at=view.known_at),
        **document_form.shown(filing),
        "deductions": _deductions(view, record.plot),
        "currency": cover.contract.currency if cover else "CNY",
        "timeline": _timeline(view, found, due, record)[:TIMELINE],
        "may_file": view.actor.role in FILERS and not view.is_past,
        "tolerance": words.percent(words.TOLERANCE),
    }
    crumbs = (
        (view.say(PLOTS.word), "/plots"),
        (view.name(record.zone), f"/plots?zone={record.zone.code}"),
        (f"{record.plot.code} {view.name(record.version)}", ""),
    )
    return view.page("plot.html", PLOTS, crumbs, context, status=status_of(filing))


PLACE = Place(On.PLOT, "/plots/", lambda session, code: plot_as_of(session, code).plot.id, _page)


def is_done(task: Task, day: date) -> bool:
    """Tell whether a task was done on a day or before."""
    return task.done_on is not None and task.done_on <= day


def zone_names(view: View, record: Record) -> str:
    """Return the names of a plot's zones from the top down."""
    by_code = {zone.code: zone for zone in zones(view.session)}
    return " › ".join(view.name(by_code[code]) for code in record.zone.path.strip("/").split("/") if code in by_code)


def neighbours(session: Session, record: Record, day: date) -> list[Record]:
    """Return the plots within about 150 m of a plot's box, itself among them."""
    west, south, east, north = record.version.shape.bounds
    reach = 0.0016
    return register(session, as_of=day, box=(west - reach, south - reach, east + reach, north + reach))


def _contract_lines(session: Session, plot: Plot, cover: Cover | None) -> list[Any]:
    if cover is None:
        return []
    return [(line, version) for line, of, version in lines_of(session, cover.contract) if of.id == plot.id][::-1]


def _deductions(view: View, plot: Plot) -> list[tuple[Span, int, str]]:
    """Return what was deducted for a plot by period, the newest first, and the code of the statement that says why."""
    if view.actor.role not in SEES_MONEY:
        return []
    session = view.session
    periods = [p for p in settled_periods(session) if p.valid_from <= view.day][:12]
    rows = []
    for period in periods:
        due = plot_deductions(session, period).get(plot.id)
        if due:
            cover = covers(session, as_of=period.valid_from, plots=[plot.id]).get(plot.id)
            stated = statements(session, contract=cover.contract.id, period=period) if cover else []
            standing = [r.statement.code for r in stated if r.state != "sent_back"]
            rows.append((period, due, standing[0] if standing else ""))
    return rows


def _timeline(view: View, found: Sequence[FindingRecord], due: Sequence[Task], record: Record) -> list[Event]:
    """Return what happened on a plot until the day, newest first."""
    kinds, works = finding_types(view.session), operations(view.session)
    zone = view.session.info["zone"]
    events = []
    for finding in found[:30]:
        name = view.name(kinds[finding.finding.type])
        for step in steps(view.session, finding.finding):
            what = f"{finding.finding.code} {name}{view.colon}{view.say(labels.STEPS[step.state])}"
            events.append(Event(step.at.astimezone(zone), what, f"/findings/{finding.finding.code}"))
    for task in due:
        if task.done_on:
            what = view.say(N_("{work}: done"), work=view.name(works[task.operation]))
            events.append(Event(datetime.combine(task.done_on, time(), zone), what, ""))
    for n, version in enumerate(versions_of(view.session, record.plot), start=1):
        what = view.say(N_("Boundary version {number} holds"), number=n)
        events.append(Event(datetime.combine(version.valid_from, time(), zone), what, ""))
    return sorted((event for event in events if event.at.date() <= view.day), key=lambda event: event.at, reverse=True)
