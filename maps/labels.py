"""Every word that a map shows by itself. English here; the caller hands in a translation."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields


def _states() -> dict[str, str]:
    return {
        "filed": "To confirm",
        "to_cure": "To cure",
        "to_verify": "To verify",
        "sent_back": "Sent back",
        "verified": "Verified",
        "withdrawn": "Withdrawn",
    }


@dataclass(frozen=True, slots=True)
class Labels:
    """Texts of the controls; no text has placeholders, numbers are set beside them."""

    map: str = "Map of plots"
    theme: str = "Theme"
    layers: str = "Layers"
    plots: str = "Plots"
    findings: str = "Findings"
    overdue: str = "Overdue"
    tasks_overdue: str = "Tasks overdue"
    codes: str = "Plot codes, zoomed in"
    context: str = "Streets and water"
    no_data: str = "No data"
    zoom_in: str = "Zoom in"
    zoom_out: str = "Zoom out"
    show_all: str = "Show all plots"
    north: str = "N"
    no_basemap: str = "Basemap: none"
    own_streets: str = "Base: own street map"
    tiles_failed: str = "The basemap does not answer; the plots are complete."
    plots_failed: str = "Some plots did not come; move the map to ask again."
    skip: str = "Skip map"
    wheel: str = "Hold Ctrl, or click the map first, to zoom with the wheel"
    keys: str = (
        "Arrow keys move the map, plus and minus zoom, Enter opens the plot in the middle, "
        "N and P step through the plots, Esc leaves the map. Shift and click or drag selects several plots."
    )
    plot: str = "Plot"
    open_plot: str = "Open dossier"
    open_finding: str = "Open finding"
    close: str = "Close"
    selected: str = "Selected"
    clear: str = "Clear"
    total_area: str = "Contracted area"
    toggle_class: str = "Click a class to hide or show its plots"
    no_script: str = "This map needs JavaScript."
    too_old: str = "This browser is too old to draw the map; it needs one of 2023 or later."
    states: dict[str, str] = field(default_factory=_states)

    def through(self, translate: Callable[[str], str]) -> "Labels":
        """Return the same texts, each through a function that translates one English text.

        >>> Labels().through(str.upper).states["filed"]
        'TO CONFIRM'
        """
        texts = {item.name: translate(getattr(self, item.name)) for item in fields(self) if item.name != "states"}
        return Labels(**texts, states={state: translate(text) for state, text in self.states.items()})
