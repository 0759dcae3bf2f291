"""The map of a register that is too large to send whole: it asks for tiles as it moves."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from maps.page import MapPage
from maps.register import Tiled, register_map
from maps.themes import counted_theme
from service.access.queries import organisations
from service.contracts.queries import counts_by_contractor
from service.core.actor import Kind
from service.core.i18n import N_
from service.findings.queries import FindingRecord
from service.plots.queries import Extent, plots_in, register
from service.standards.queries import finding_types
from service.web.frame import View
from service.web.map_words import labels_in
from service.web.register_map import basemap_of, category_themes, context_of, points_of

TILES = "/api/v1/plots/tiles/{z}/{x}/{y}"
AT_ONCE = 1000


def draw_tiled(
    view: View, held: Extent, found: Sequence[FindingRecord], *, theme: str, zone: str, selected: Sequence[str]
) -> MapPage:
    """Draw the map of plots that are not read; it colours them by what each tile says of them."""
    session, settings = view.session, view.request.app.state.settings
    parties = {row.code: row for row in organisations(session, kind=Kind.CONTRACTOR)}
    counts = counts_by_contractor(session, plots_in(session, zone=zone, as_of=view.day), as_of=view.day)
    by_holder = dict[str | None, int]([*counts.items(), (None, max(0, held.plots - sum(counts.values())))])
    shown = {code: row for code, row in parties.items() if code in by_holder}
    asked = {"as_of": view.day.isoformat()} | ({"zone": zone} if zone else {})
    plots = Tiled(
        url=f"{TILES}?{urlencode(asked)}",
        href="/plots/{code}",
        name=f"name_{view.lang}",
        box=held.box or (-180, -85, 180, 85),
        count=held.plots,
    )
    return register_map(
        plots,
        themes=category_themes(session, counted_theme, shown, by_holder, held.grades, view.lang),
        labels=labels_in(view.say),
        findings=points_of(_places(view, found), finding_types(session), view.day, view.lang),
        shown=theme,
        selected=selected,
        language=view.lang,
        title=view.say(N_("Map of plots")),
        basemap=basemap_of(settings),
        context=context_of(settings),
    )


def _places(view: View, found: Sequence[FindingRecord]) -> list[tuple[FindingRecord, Any]]:
    """Return findings with their points; one without a point of its own stands inside its plot, if that is there."""
    homeless = sorted({record.plot.code for record in found if record.finding.point is None})
    inside = {
        row.plot.code: row.version.shape.representative_point()
        for first in range(0, len(homeless), AT_ONCE)
        for row in register(view.session, as_of=view.day, codes=homeless[first : first + AT_ONCE])
    }
    placed = [(record, record.finding.point or inside.get(record.plot.code)) for record in found]
    return [(record, point) for record, point in placed if point is not None]
