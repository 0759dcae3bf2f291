"""What a list of plots is asked by, as pages of rows or as a sheet."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query

from service.core.geojson import BBox
from service.core.geometry import Box
from service.core.http import AsOf, Code, KnownAt
from service.plots.schemas import ZoneCode


@dataclass(frozen=True)
class AskedPlots:
    """Which plots, as of which day; the names are those of the query that finds them."""

    box: Box | None
    as_of: date | None
    known_at: datetime | None
    zone: str
    kind: str
    grade: str


def _asked(
    box: BBox,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    zone: ZoneCode = None,
    kind: Annotated[Code | None, Query(description="Only plots of a kind, such as lawn.")] = None,
    grade: Annotated[Code | None, Query(description="Only plots of a grade of care.")] = None,
) -> AskedPlots:
    return AskedPlots(box, as_of, known_at, zone or "", kind or "", grade or "")


RegisterFilter = Annotated[AskedPlots, Depends(_asked)]
