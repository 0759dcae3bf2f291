"""The map of the plots, with the same rows as a table beside it and the same answer in words."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from secrets import token_urlsafe
from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.core import readers
from service.core.dates import Span, period_of
from service.core.http import Asked, Note
from service.core.i18n import N_
from service.findings.queries import FindingRecord, findings
from service.findings.rules import OPEN, State
from service.plots.queries import Extent, extent, plots_in, zones
from service.settlement.queries import settled_periods
from service.standards.queries import grades
from service.web import assets, labels, words
from service.web.frame import View, ViewDep, basemap_host, end_of_past, given
from service.web.menu import MAP
from service.web.register_map import THEMES, Register, draw, overdue_on, period_before, read_register
from service.web.tile_map import draw_tiled

router = APIRouter()
TABLE_ROWS = 300
AT_ONCE = 20_000  # plots that a page carries itself; more come by tiles
Month = Annotated[str, Query(pattern=f"^({readers.MONTH})?$")]


@router.get("/map")
def map_of_plots(
    view: ViewDep, theme: Asked = "contractor", zone: Asked = "", month: Month = "", sel: Note = ""
) -> Response:
    """Draw the plots of a zone by a theme; scores and deductions are those of a month."""
    session, settings = view.session, view.request.app.state.settings
    within = readers.day(f"{month}-01") if month else None
    chosen = view.chosen(N_("theme"), theme, THEMES) or THEMES[0]
    tree = zones(session)
    view.chosen(N_("zone"), zone, [one.code for one in tree])
    held = extent(session, as_of=view.day, zone=zone)
    if held.plots > AT_ONCE:
        return _by_tiles(view, held, theme=chosen, zone=zone, selected=sel.split(",") if sel else ())
    data = read_register(session, as_of=view.day, zone=zone, within=within)
    title = view.say(N_("Map of plots"))
    drawn = draw(
        session,
        data,
        language=view.lang,
        theme=chosen,
        title=title,
        selected=sel.split(",") if sel else (),
        settings=settings,
    )
    nonce = token_urlsafe(16)
    context = {
        "nonce": nonce,
        "hosts": basemap_host(settings.basemap_url),
        "parts": drawn.parts(assets.address("maps"), nonce),
        "data": data,
        "count": len(data.rows),
        "told": in_words(
            view,
            len(data.rows),
            [r for row in data.rows for r in row.open_findings],
            sum(r.late_tasks for r in data.rows),
        ),
        "theme_chosen": chosen,
        "zone": zone,
        "zones": tree,
        "grades": grades(session),
        "months": months(settled_periods(session), data),
        "month": f"{data.period.valid_from:%Y-%m}",
        "rows": data.rows[:TABLE_ROWS],
        "sheet": {"from": data.period.valid_from, "until": data.period.until} | given({"zone": zone}),
        "has_scores": any(row.score is not None for row in data.rows),
        "has_money": any(row.deducted_minor is not None for row in data.rows),
    }
    return view.page("map.html", MAP, ((view.say(MAP.word), "/map"),), context)


def _by_tiles(view: View, held: Extent, *, theme: str, zone: str, selected: Sequence[str]) -> Response:
    """Draw the map of more plots than a page carries: without scores and deductions, and without a table."""
    session, nonce = view.session, token_urlsafe(16)
    within = plots_in(session, zone=zone, as_of=view.day)
    found = findings(session, states=OPEN, plots=within, known_at=end_of_past(session, view.day))
    drawn = draw_tiled(view, held, found, theme=theme, zone=zone, selected=selected)
    late = overdue_on(session, view.day, within)
    context = {
        "nonce": nonce,
        "hosts": basemap_host(view.request.app.state.settings.basemap_url),
        "parts": drawn.parts(assets.address("maps"), nonce),
        "data": None,
        "count": held.plots,
        "told": in_words(view, held.plots, found, len(late)),
        "theme_chosen": theme,
        "zone": zone,
        "zones": zones(session),
        "has_scores": False,
        "has_money": False,
        "most": AT_ONCE,
    }
    return view.page("map.html", MAP, ((view.say(MAP.word), "/map"),), context)


def months(settled: Sequence[Span], data: Register) -> list[date]:
    """Return the first days of the periods to choose from, newest first: settled ones, the last one, the one shown."""
    firsts = {period_of(span.valid_from, data.level).valid_from for span in settled}
    last = period_before(data.day, data.level).valid_from
    return sorted(firsts | {data.period.valid_from, last}, reverse=True)[:24]


def in_words(view: View, plots: int, found: Sequence[FindingRecord], late_tasks: int) -> str:
    """Say what the map shows, for whoever does not see it: how many, where most, what is late."""
    by_plot = Counter(record.plot.code for record in found)
    late = sum(record.overdue_days(view.day) > 0 for record in found)
    told = [
        view.say(
            N_("Map as of {day}: {plots} plots, {with_findings} of them with open findings, {findings} in all."),
            day=words.short_day(view.day, view.lang),
            plots=words.number(plots),
            with_findings=words.number(len(by_plot)),
            findings=words.number(len(found)),
        )
    ]
    if found:
        mark = "、" if view.lang == "zh" else ", "
        counts = ((view.say(labels.STATES[state]), sum(r.state is state for r in found)) for state in State)
        told.append(
            view.say(
                N_("By state: {states}; overdue {late}."),
                states=mark.join(f"{word} {count}" for word, count in counts if count),
                late=words.number(late),
            )
        )
        most, count = max(sorted(by_plot.items()), key=lambda pair: pair[1])
        if count > 1:
            told.append(view.say(N_("Most on {plot}: {count}."), plot=most, count=count))
    told.append(view.say(N_("Overdue tasks: {count}."), count=words.number(late_tasks)))
    return ("" if view.lang == "zh" else " ").join(told)
