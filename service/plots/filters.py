"""What a list of plots is asked by, as pages of rows or as a sheet."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query

from service.core.errors import Invalid
from service.core.geojson import BBox
from service.core.geometry import Box
from service.core.http import AsOf, Code, KnownAt
from service.core.i18n import N_
from service.plots.queries import Fix
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


class BadFix(Invalid):
    """A fix is two numbers."""

    code, message = "bad_fix", N_("at is longitude,latitude in degrees, and stands without bbox.")


def _fix(
    box: BBox,
    at: Annotated[str, Query(max_length=60, description="longitude,latitude of a fix, in degrees.")] = "",
    accuracy_m: Annotated[float, Query(ge=0, le=1000, description="By how much the fix may be wrong, in metres.")] = 0,
) -> Fix | None:
    try:
        longitude, latitude = map(float, at.split(",")) if at else (0, 0)
    except ValueError:
        raise BadFix from None
    if not (abs(longitude) <= 180 and abs(latitude) <= 90) or (at and box):
        raise BadFix
    return Fix(longitude, latitude, accuracy_m) if at else None


FixDep = Annotated[Fix | None, Depends(_fix)]
