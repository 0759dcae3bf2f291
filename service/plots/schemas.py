"""What the register and the features above it have in common at the edge."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlmodel import Session, col, select

from service.core.errors import found
from service.core.geojson import BBox
from service.core.http import Code, ReadSession
from service.plots.models import Plot
from service.plots.queries import plots_in


def plot_named(session: Session, code: str) -> Plot:
    """Return a plot whatever is true of it today; one out of sight is refused like one that is not there."""
    return found(session.exec(select(Plot).where(col(Plot.code) == code)).one_or_none())


PlotCode = Annotated[Code | None, Query(alias="plot", description="A plot's code.")]


def _plot(session: ReadSession, plot: PlotCode = None) -> UUID | None:
    return plot_named(session, plot).id if plot else None


PlotFilter = Annotated[UUID | None, Depends(_plot, scope="function")]


ZoneCode = Annotated[Code | None, Query(alias="zone", description="A zone's code; the zones below it count.")]


def _ground(session: ReadSession, box: BBox, zone: ZoneCode = None) -> Any:
    return plots_in(session, zone=zone or "", box=box)


# the plots that lie in a zone and a box today, as a subquery; None when nobody asks
GroundFilter = Annotated[Any, Depends(_ground, scope="function")]
