"""Ninety-six plots side by side, for looking at the map in a browser."""

import shapely
from sqlmodel import Session

from service.core.actor import Actor
from service.plots.actions import enter_plots
from service.plots.facts import PlotFacts
from service.plots.queries import plot_as_of, zone_by_code
from tests.park import YEAR

MORE = 92  # beside the park's own four


def enter_more_plots(session: Session, actor: Actor) -> None:
    """Enter squares of about 100 m, each 0.002 degrees from the next, east of the park's own."""
    zone, like = zone_by_code(session, "N1"), plot_as_of(session, "N-1", as_of=YEAR.valid_from).version
    west, south, _, _ = like.shape.bounds
    facts = []
    for n in range(MORE):
        x, y = west + 0.006 + 0.002 * (n % 12), south - 0.002 * (n // 12)
        facts.append(
            PlotFacts(
                code=f"M-{n:03}",
                zone_id=zone.id,
                name_zh=f"第{n}块",
                name_en=f"Plot {n}",
                kind="lawn",
                grade=None,
                declared_area_m2=None,
                measured_area_m2=10_000.0,
                area_method=like.area_method,
                crs_pipeline=like.crs_pipeline,
                shape=shapely.MultiPolygon([shapely.box(x, y, x + 0.0015, y + 0.0015)]),
            )
        )
    enter_plots(session, actor, facts, valid_from=YEAR.valid_from, source=zone)
