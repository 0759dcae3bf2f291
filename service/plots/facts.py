"""What a file says of plots, beside what the register says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import shapely
from sqlmodel import Session

from service.plots import queries
from service.plots.models import Plot, PlotVersion


@dataclass(frozen=True)
class PlotFacts:
    """What a register says of one plot. The shape is a MultiPolygon in lon/lat (EPSG:4326)."""

    code: str
    zone_id: UUID
    name_zh: str
    name_en: str
    kind: str
    grade: str | None
    declared_area_m2: Decimal | None
    measured_area_m2: float
    area_method: str
    crs_pipeline: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Change:
    """What a file says of a plot that is known, and the version that stands on the day; None before its first."""

    plot: Plot
    standing: PlotVersion | None
    fact: PlotFacts


@dataclass(frozen=True)
class Compared:
    """Facts by what they do to the register from a day on. What is the same already is left alone."""

    valid_from: date
    new: Sequence[PlotFacts]
    changed: Sequence[Change]
    unchanged: Sequence[Change]


def compare(session: Session, facts: Sequence[PlotFacts], valid_from: date) -> Compared:
    """Hold facts against the register of a day; nothing is written."""
    standing = {r.plot.code: r.version for r in queries.register(session, as_of=valid_from)}
    known = queries.plots_by_code(session)
    met = [Change(known[fact.code], standing.get(fact.code), fact) for fact in facts if fact.code in known]
    differing = [change for change in met if _differs(change)]
    new = [fact for fact in facts if fact.code not in known]
    apart = {id(change) for change in differing}
    return Compared(valid_from, new, differing, [change for change in met if id(change) not in apart])


def _differs(change: Change) -> bool:
    version, fact = change.standing, change.fact
    if version is None:
        return True
    names = ("zone_id", "name_zh", "name_en", "kind", "grade", "declared_area_m2")
    same = all(getattr(version, name) == getattr(fact, name) for name in names)
    return not (same and shapely.equals_identical(version.shape, fact.shape))
