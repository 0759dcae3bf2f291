"""The map of a dry run: the plots as the file draws them, or those of the register about, and every issue's place."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas
import shapely

from maps.page import MapPage
from maps.register import register_map
from maps.style import OTHER
from maps.themes import Theme, category_theme
from service.core.i18n import N_
from service.exchange.dry_run import DRAWN, ERROR, REMARK, SET_ASIDE, Drawn, DryRun, Told
from service.plots.queries import Record, register
from service.web import words
from service.web.frame import View
from service.web.map_words import labels_in
from service.web.register_map import basemap_of, context_of, page_of_plot

CHANGES = {"new": N_("New"), "changed": N_("Changed"), "unchanged": N_("Unchanged")}
WEIGHTS = {ERROR: N_("Error"), REMARK: N_("Remark"), SET_ASIDE: N_("Set aside")}
SHAPES = {ERROR: "sent_back", REMARK: "to_cure", SET_ASIDE: "excused"}  # of the map's own shapes for states
STANDING = "standing"
ABOUT = 0.003  # degrees round the issues, so that they do not stand alone
LONG = 120  # characters of a sentence in a popup


def draw(view: View, run: DryRun) -> MapPage | None:
    """Draw what a dry run has found; None when nothing of it has a place."""
    placed = [(n, told) for n, told in enumerate(run.issues, start=1) if told.lon is not None][:DRAWN]
    about = [] if run.plots else _about(view, [told for _, told in placed])
    if not placed and not run.plots:
        return None
    tell = view.say
    frame = _of_the_file(view, run.plots) if run.plots else _of_the_register(view, about)
    changes = [plot.change for plot in run.plots] or [STANDING] * len(about)
    theme = _theme(view, changes)
    labels = labels_in(view.say)
    shown = {SHAPES[weight]: tell(word) for weight, word in WEIGHTS.items()}
    own = replace(
        labels,
        map=tell(N_("Map of the dry run")),
        findings=tell(N_("Issues")),
        open_finding=tell(N_("To the row")),
        states={**labels.states, **shown},
    )
    settings = view.request.app.state.settings
    return register_map(
        frame,
        themes=[theme],
        labels=own,
        findings=_points(view, placed),
        language=view.lang,
        title=tell(N_("Map of the dry run")),
        basemap=basemap_of(settings),
        context=context_of(settings),
    )


def _theme(view: View, changes: Sequence[str]) -> Theme:
    """Colour plots by what the file does to them; those that stay as they are stand back."""
    if STANDING in changes:
        return category_theme("change", view.say(N_("Plots")), changes, {STANDING: view.say(N_("In the register"))}, "")
    names = {name: view.say(word) for name, word in CHANGES.items()}
    theme = category_theme("change", view.say(N_("In this file")), changes, names, "")
    new, changed, unchanged = theme.classes
    return replace(theme, classes=(new, changed, replace(unchanged, colours=OTHER)))


def _about(view: View, placed: Sequence[Told]) -> list[Record]:
    """Return the plots of the register near the issues of a file that draws none itself."""
    if not placed:
        return []
    points = shapely.points([told.lon for told in placed], [told.lat for told in placed])
    west, south, east, north = shapely.total_bounds(points)
    box = (west - ABOUT, south - ABOUT, east + ABOUT, north + ABOUT)
    return register(view.session, as_of=view.day, box=box, limit=DRAWN)


def _of_the_file(view: View, plots: Sequence[Drawn]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {
            "id": [f"p{n}" for n in range(len(plots))],
            "code": [plot.code for plot in plots],
            "name": [view.name(plot) for plot in plots],
            "href": ["" if plot.change == "new" else page_of_plot(plot.code) for plot in plots],
            "area_m2": [plot.area_m2 for plot in plots],
            "popup": [[(view.say(N_("Measured (m²)")), words.area(plot.area_m2))] for plot in plots],
        },
        geometry=shapely.from_wkb([plot.shape for plot in plots]),
        crs="EPSG:4326",
    )


def _of_the_register(view: View, plots: Sequence[Record]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {
            "id": [str(record.plot.id) for record in plots],
            "code": [record.plot.code for record in plots],
            "name": [view.name(record.version) for record in plots],
            "href": [page_of_plot(record.plot.code) for record in plots],
            "area_m2": [record.version.measured_area_m2 for record in plots],
            "popup": [[] for _ in plots],
        },
        geometry=[record.version.shape for record in plots],
        crs="EPSG:4326",
    )


def _points(view: View, placed: Sequence[tuple[int, Told]]) -> geopandas.GeoDataFrame:
    rows = [view.say(N_("Row {row}"), row=told.row) if told.row else "" for _, told in placed]
    return geopandas.GeoDataFrame(
        {
            "id": [f"i{n}" for n, _ in placed],
            "code": rows,
            "state": [SHAPES[told.weight] for _, told in placed],
            "label": [told.sentence(view.lang)[:LONG] for _, told in placed],
            "href": [f"#issue-{n}" for n, _ in placed],
            "popup": [[(view.say(N_("Column")), told.column)] if told.column else [] for _, told in placed],
        },
        geometry=shapely.points([told.lon for _, told in placed], [told.lat for _, told in placed]),
        crs="EPSG:4326",
    )
