"""The map of the register: plots by contractor, grade, score and deduction, open findings, overdue work."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

import geopandas
from sqlmodel import Session

from maps.context import Context, read_context
from maps.page import MapPage
from maps.register import Basemap, register_map
from maps.themes import STEPS, Theme, category_theme, ramp_theme, round_limits
from service.access.models import Organisation
from service.access.queries import contractor_places, the_authority
from service.assessment.queries import plot_scores
from service.contracts.queries import Cover, covers
from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.dates import Span, period_of
from service.core.db import today
from service.core.i18n import N_, named
from service.core.money import major
from service.core.settings import Settings
from service.findings.queries import FindingRecord, findings
from service.findings.rules import OPEN, TO_CURE
from service.inspections.queries import scores
from service.plots.models import Plot
from service.plots.queries import Record, register
from service.settlement.queries import plot_deductions
from service.standards.models import FindingType
from service.standards.queries import finding_types, grades
from service.web import labels, words
from service.web.frame import end_of_past, say
from service.web.map_words import labels_in
from service.web.plots_page import contracted_area
from service.workplan.queries import tasks

THEMES = ("contractor", "grade", "score", "deductions", "findings")
FULL_SCORE = 100
ROUNDED = N_("quantiles, rounded")
SEES_SCORES = (*OVERSEERS, *ZONED, Role.CONTRACTOR, Role.VIEWER)
SEES_MONEY = (*OVERSEERS, Role.CONTRACTOR)


@dataclass(frozen=True)
class Row:
    """A plot with everything that the map and the table beside it say of it. `deducted_minor` is negative or 0."""

    record: Record
    cover: Cover | None
    score: Decimal | None
    deducted_minor: int | None
    open_findings: Sequence[FindingRecord]
    late_findings: int
    late_tasks: int
    currency: str


@dataclass(frozen=True)
class Register:
    """The rows of one map, the day, and the period that its scores and deductions are of: a month or a quarter."""

    rows: Sequence[Row]
    period: Span
    level: str
    day: date
    types: Mapping[str, FindingType]

    @property
    def currencies(self) -> Sequence[str]:
        """The currencies of the contracts shown."""
        return sorted({row.currency for row in self.rows})

    @property
    def deducted(self) -> Mapping[str, int]:
        """What is deducted in all, in minor units by currency."""
        return {
            one: sum(row.deducted_minor or 0 for row in self.rows if row.currency == one) for one in self.currencies
        }

    @property
    def open_count(self) -> int:
        """How many findings are open."""
        return sum(len(row.open_findings) for row in self.rows)


def read_register(
    session: Session, *, as_of: date | None = None, zone: str = "", within: date | None = None
) -> Register:
    """Read what a map shows, with the eyes of the session's actor.

    `within`: a day of the period of scores and deductions; the last period that was over when left out.
    """
    day = as_of or today(session)
    actor: Actor = session.info["actor"]
    places = register(session, as_of=day, zone=zone)
    held = covers(session, as_of=day)
    level = level_of([held[r.plot.id] for r in places if r.plot.id in held])
    span = period_of(within, level) if within else period_before(day, level)
    authority = the_authority(session)
    usual = authority[0].currency if authority else "CNY"
    own_scores = plot_scores(session, span) if actor.role in SEES_SCORES else {}
    due = plot_deductions(session, span) if actor.role in SEES_MONEY else None
    found: dict[UUID, list[FindingRecord]] = {}
    for record in findings(session, states=OPEN, known_at=end_of_past(session, day)):
        found.setdefault(record.plot.id, []).append(record)
    late: dict[UUID, int] = {}
    for plot in overdue_on(session, day):
        late[plot.id] = late.get(plot.id, 0) + 1
    rows = [
        Row(
            r,
            held.get(r.plot.id),
            own_scores.get(r.plot.id),
            None if due is None else due.get(r.plot.id, 0),
            found.get(r.plot.id, ()),
            sum(f.overdue_days(day) > 0 for f in found.get(r.plot.id, ())),
            late.get(r.plot.id, 0),
            held[r.plot.id].contract.currency if r.plot.id in held else usual,
        )
        for r in places
    ]
    return Register(rows, span, level, day, finding_types(session))


def level_of(shown: Sequence[Cover]) -> str:
    """Return by what most of the plots shown are settled: month or quarter; month without any."""
    counts = Counter(cover.contract.settled for cover in shown)
    return max(sorted(counts), key=counts.__getitem__, default="month")


def overdue_on(session: Session, day: date, plots: Any = None) -> list[Plot]:
    """Return the plot of each task that was overdue on a day; `plots`: only on these, a subquery of ids."""
    if day >= today(session):
        return [plot for _, plot in tasks(session, overdue=True, plots=plots)]
    due = tasks(session, until=day - timedelta(days=1), plots=plots)
    return [plot for task, plot in due if task.done_on is None or task.done_on > day]


def period_before(day: date, level: str) -> Span:
    """Return the last month or quarter that was over on a day.

    >>> period_before(date(2013, 9, 3), "month").valid_from, period_before(date(2013, 9, 3), "quarter").valid_from
    (datetime.date(2013, 8, 1), datetime.date(2013, 4, 1))
    """
    return period_of(period_of(day, level).valid_from - timedelta(days=1), level)


def draw(
    session: Session,
    data: Register,
    *,
    language: str,
    theme: str = THEMES[0],
    title: str = "",
    caption: str = "",
    selected: Sequence[str] = (),
    settings: Settings | None = None,
    links: bool = True,
) -> MapPage:
    """Draw the map of a register; `theme` is shown first. Without `links` it names no page of ours."""
    tell = partial(say, language)
    frame = _frame(session, data, language, links)
    return register_map(
        frame,
        themes=themes_of(session, data, language),
        labels=labels_in(tell),
        findings=points_of(_places(data), data.types, data.day, language, links),
        overdue={str(row.record.plot.id): row.late_tasks for row in data.rows if row.late_tasks},
        shown=theme,
        selected=[str(row.record.plot.id) for row in data.rows if row.record.plot.code in selected],
        language=language,
        title=title,
        caption=caption,
        basemap=basemap_of(settings) if settings else None,
        context=context_of(settings) if settings else None,
    )


def basemap_of(settings: Settings) -> Basemap | None:
    """Return the basemap that the operator configured, if any."""
    return Basemap(settings.basemap_url, settings.basemap_credit) if settings.basemap_url else None


def context_of(settings: Settings) -> Context | None:
    """Return the operator's own streets and water, if there are any."""
    streets, water = (settings.context / name for name in ("streets.geojson", "water.geojson"))
    return read_context(streets if streets.exists() else None, water if water.exists() else None)


def register_file(session: Session, settings: Settings, *, language: str, as_of: date | None = None) -> bytes:
    """Return the whole map as one file that opens without a server and asks nobody for anything."""
    data = read_register(session, as_of=as_of)
    inside = settings.model_copy(update={"basemap_url": ""})  # a file asks nobody, not even for tiles
    authority = the_authority(session)
    title = named(language, authority[1]) if authority else say(language, N_("Map"))
    caption = say(language, N_("Plots as of {day}"), day=data.day)
    return draw(session, data, language=language, title=title, caption=caption, settings=inside, links=False).file()


def themes_of(session: Session, data: Register, language: str) -> list[Theme]:
    """Return what plots can be coloured by, as far as the actor may know it."""
    tell = partial(say, language)
    contractors: dict[str, Organisation] = {r.cover.contractor.code: r.cover.contractor for r in data.rows if r.cover}
    holders = [row.cover.contractor.code if row.cover else None for row in data.rows]
    levels = [row.record.version.grade for row in data.rows]
    period = words.month(data.period.valid_from, data.level, language)
    found = category_themes(session, category_theme, contractors, holders, levels, language)
    if any(row.score is not None for row in data.rows):
        found.append(_scores(session, data, period, tell))
    for currency in data.currencies if any(row.deducted_minor is not None for row in data.rows) else ():
        found.append(_deductions(data, currency, period, language, tell))
    return found


def category_themes(
    session: Session,
    made: Callable[..., Theme],
    contractors: Mapping[str, Organisation],
    held: Collection[str | None],
    graded: Collection[str | None],
    language: str,
) -> list[Theme]:
    """Return the themes by contractor and by grade; `made` makes one, of each plot's code or of counts by code."""
    tell = partial(say, language)
    names = {code: named(language, contractors[code]) for code in sorted(contractors)}
    levels = grades(session)
    used = {code: named(language, level) for code, level in levels.items() if code in graded}
    places = {code: place for place, code in enumerate(levels)}
    other = tell(N_("Others"))
    return [
        made("contractor", tell(N_("Contractor")), held, names, other, places=contractor_places(session)),
        made("grade", tell(N_("Grade")), graded, used, other, places=places),
    ]


def _scores(session: Session, data: Register, period: str, tell: Callable[..., str]) -> Theme:
    """Colour by score; the full one is a class of its own."""
    given = [row.score for row in data.rows]
    below = [value for value in given if value is not None and value < FULL_SCORE]
    limits = round_limits(below, STEPS - 1)
    if not limits or len(below) < len([value for value in given if value is not None]):
        limits.append(Decimal(FULL_SCORE))
    is_recorded = bool(scores(session, span=data.period))
    meant = tell(N_("mean of the inspections")) if is_recorded else tell(N_("100 less the points of its own findings"))
    title = tell(N_("Score, {period}"), period=period)
    return ramp_theme("score", title, tell(N_("points")), given, "cool", limits, f"{meant} · {tell(ROUNDED)}")


def _deductions(data: Register, currency: str, period: str, language: str, tell: Callable[..., str]) -> Theme:
    """Colour by deduction in one currency; none is a class of its own."""
    due = [
        None if r.deducted_minor is None or r.currency != currency else -major(r.deducted_minor, currency)
        for r in data.rows
    ]
    key = "deductions" if currency == data.currencies[0] else f"deductions_{currency}"
    title, none = tell(N_("Deductions, {period}"), period=period), tell(N_("none"))
    limits = round_limits([value for value in due if value]) or [Decimal(1)]
    unit = words.currency_name(currency, language)
    return ramp_theme(key, title, unit, due, "warm", limits, tell(ROUNDED), none=none)


def page_of_plot(code: str) -> str:
    """Return the address of a plot's page.

    >>> page_of_plot("J2-017"), page_of_plot("北1#")
    ('/plots/J2-017', '/plots/%E5%8C%971%23')
    """
    return f"/plots/{quote(code)}"


def _frame(session: Session, data: Register, language: str, links: bool) -> geopandas.GeoDataFrame:
    levels = grades(session)
    return geopandas.GeoDataFrame(
        {
            "id": [str(row.record.plot.id) for row in data.rows],
            "code": [row.record.plot.code for row in data.rows],
            "name": [named(language, row.record.version) for row in data.rows],
            "zone": [named(language, row.record.zone) for row in data.rows],
            "href": [page_of_plot(row.record.plot.code) if links else "" for row in data.rows],
            "area_m2": [contracted_area(row.cover) or 0 for row in data.rows],
            "popup": [popup(row, levels, language) for row in data.rows],
        },
        geometry=[row.record.version.shape for row in data.rows],
        crs="EPSG:4326",
    )


def popup(row: Row, levels: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return at most seven lines, in the order of FACE: figures, state, who, areas."""
    tell = partial(say, language)
    version, cover = row.record.version, row.cover
    lines = []
    if row.score is not None:
        lines.append((tell(N_("Score")), words.score(row.score)))
    if row.deducted_minor:
        lines.append((tell(N_("Deductions")), words.money(row.deducted_minor, row.currency, language)))
    if row.open_findings:
        said = tell(N_("{open} open, {late} overdue"), open=len(row.open_findings), late=row.late_findings)
        lines.append((tell(N_("Findings")), said))
    if row.late_tasks:
        lines.append((tell(N_("Overdue tasks")), words.number(row.late_tasks)))
    contractor = named(language, cover.contractor) if cover else tell(N_("no contract"))
    grade = f" · {named(language, levels[version.grade])}" if version.grade else ""
    lines.append((tell(N_("Contractor")), contractor + grade))
    areas = f"{words.area(contracted_area(cover))} / {words.area(version.measured_area_m2)}"
    lines.append((tell(N_("Contracted / measured")), areas))
    return lines


def _places(data: Register) -> list[tuple[FindingRecord, Any]]:
    """Return open findings with their points; one without a point of its own stands inside its plot."""
    found = [(row, record) for row in data.rows for record in row.open_findings]
    return [(r, r.finding.point or row.record.version.shape.representative_point()) for row, r in found]


def points_of(
    found: Sequence[tuple[FindingRecord, Any]],
    types: Mapping[str, FindingType],
    day: date,
    language: str,
    links: bool = True,
) -> geopandas.GeoDataFrame:
    """Return findings as a map takes them, each at its point."""
    return geopandas.GeoDataFrame(
        {
            "id": [str(record.finding.id) for record, _ in found],
            "code": [record.finding.code for record, _ in found],
            "state": [labels.MAP_STATES[record.state] for record, _ in found],
            "label": [named(language, types[record.finding.type]) for record, _ in found],
            "href": [f"/findings/{record.finding.code}" if links else "" for record, _ in found],
            "plot": [record.plot.code for record, _ in found],
            "plot_href": [page_of_plot(record.plot.code) if links else "" for record, _ in found],
            "is_overdue": [record.overdue_days(day) > 0 for record, _ in found],
            "popup": [_finding_popup(record, day, language) for record, _ in found],
        },
        geometry=[point for _, point in found],
        crs="EPSG:4326",
    )


def _finding_popup(record: FindingRecord, day: date, language: str) -> list[tuple[str, str]]:
    tell = partial(say, language)
    lines = [(tell(N_("Quantity")), words.quantity(record.finding.quantity, record.finding.unit, language))]
    if record.last.due_on and record.state in TO_CURE:
        lines.append((tell(N_("Cure by")), words.day(record.last.due_on)))
    if late := record.overdue_days(day):
        lines.append((tell(N_("Overdue")), words.quantity(Decimal(late), "day", language)))
    return lines
