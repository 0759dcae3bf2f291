"""The words that the map shows by itself, marked for translation here: maps know no languages."""

from collections.abc import Callable

from maps.labels import Labels
from service.core.i18n import N_

WORDS = {
    "map": N_("Map of plots"),
    "theme": N_("Theme"),
    "layers": N_("Layers"),
    "plots": N_("Plots"),
    "findings": N_("Findings"),
    "overdue": N_("Overdue"),
    "tasks_overdue": N_("Tasks overdue"),
    "codes": N_("Plot codes, zoomed in"),
    "context": N_("Streets and water"),
    "no_data": N_("No data"),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "show_all": N_("Show all plots"),
    "north": N_("N"),
    "no_basemap": N_("Basemap: none"),
    "own_streets": N_("Base: own street map"),
    "tiles_failed": N_("The basemap does not answer; the plots are complete."),
    "plots_failed": N_("Some plots did not come; move the map to ask again."),
    "skip": N_("Skip map"),
    "wheel": N_("Hold Ctrl, or click the map first, to zoom with the wheel"),
    "keys": N_(
        "Arrow keys move the map, plus and minus zoom, Enter opens the plot in the middle, N and P "
        "step through the plots, Esc leaves the map. Shift and click or drag selects several plots."
    ),
    "plot": N_("Plot"),
    "open_plot": N_("Open dossier"),
    "open_finding": N_("Open finding"),
    "close": N_("Close"),
    "selected": N_("Selected"),
    "clear": N_("Clear"),
    "total_area": N_("Contracted area"),
    "toggle_class": N_("Click a class to hide or show its plots"),
    "no_script": N_("This map needs JavaScript."),
    "too_old": N_("This browser is too old to draw the map; it needs one of 2023 or later."),
}
STATES = {
    "filed": N_("To confirm"),
    "to_cure": N_("To cure"),
    "to_verify": N_("To verify"),
    "sent_back": N_("Sent back"),
    "verified": N_("Verified"),
    "withdrawn": N_("Withdrawn"),
}


def labels_in(say: Callable[[str], str]) -> Labels:
    """Return the map's words, each through a function that translates one sentence."""
    return Labels(**{name: say(text) for name, text in WORDS.items()}, states={s: say(t) for s, t in STATES.items()})
