"""Ways to repair an invalid plot: proposals to look at and confirm, never taken by themselves."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from gis.measure import area_m2

Method = Literal["linework", "structure"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One repair: what it would make of the plot, its geodesic area, and that less the area of the other repair."""

    method: Method
    geometry: shapely.Geometry
    area_m2: float
    difference_m2: float


def propose_repairs(geometry: shapely.Geometry) -> list[Proposal]:
    """Return both repairs of an invalid polygon in EPSG:4326, none for a valid one; lines and points are left out.

    "linework" keeps every edge, and what is covered twice becomes a hole; "structure" keeps shells and cuts holes.

    >>> bow = shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")
    >>> [(proposal.method, round(proposal.difference_m2)) for proposal in propose_repairs(bow)]
    [('linework', 0), ('structure', 0)]
    >>> propose_repairs(shapely.box(0, 0, 1, 1))
    []
    """
    if geometry.is_valid:
        return []
    methods: tuple[Method, Method] = ("linework", "structure")
    repaired = [_polygons(shapely.make_valid(geometry, method=method)) for method in methods]
    areas = area_m2(np.array(repaired, dtype=object)).tolist()
    return [
        Proposal(method, shape, area, area - other)
        for method, shape, area, other in zip(methods, repaired, areas, reversed(areas), strict=True)
    ]


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    inner = [polygon for part in shapely.get_parts(shape) if part.geom_type == "MultiPolygon" for polygon in part.geoms]
    polygons = parts + inner
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
