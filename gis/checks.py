"""What a geometry must be before it may become a plot or a finding; nothing is repaired here.

A new check of single geometries is one function and one line in GEOMETRY_CHECKS.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.issue import Issue, Place
from gis.measure import area_m2

Geometries = NDArray[np.object_]
Flags = NDArray[np.bool_]
Extent = tuple[float, float, float, float]
WORLD: Extent = (-180.0, -90.0, 180.0, 90.0)
REASON = re.compile(r"(?P<reason>[^\[]+)(?:\[(?P<x>\S+) (?P<y>[^\]\s]+)[^\]]*\])?")


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed: kinds of geometry, an extent west, south, east, north in degrees, vertices of one geometry."""

    kinds: frozenset[str]
    extent: Extent | None = None
    vertices: int = 20_000

    def inside(self, extent: Extent | None) -> "Rules":
        """Return the same rules for an authority's extent."""
        return Rules(self.kinds, extent, self.vertices)


PLOT = Rules(frozenset({"Polygon", "MultiPolygon"}))
FINDING = Rules(frozenset({"Point"}))


def _missing(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    for number in np.flatnonzero(shapely.is_missing(geometries)):
        yield int(number), Issue("geometry_missing")


def _kind(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    for number, geometry in enumerate(geometries):
        if geometry is not None and geometry.geom_type not in rules.kinds:
            yield number, Issue("geometry_kind", details={"kind": geometry.geom_type})


def _empty(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    for number in np.flatnonzero(shapely.is_empty(geometries)):
        yield int(number), Issue("geometry_empty")


def _vertices(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    counts = shapely.get_num_coordinates(geometries)
    for number in np.flatnonzero(counts > rules.vertices):
        yield int(number), Issue("vertices_many", details={"count": int(counts[number]), "limit": rules.vertices})


def _finite(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    for number in np.unique(owner[~np.isfinite(coordinates).all(axis=1)]):
        yield int(number), Issue("not_finite")


def _range(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    for number in np.flatnonzero(_beyond(geometries, WORLD)):
        yield int(number), Issue("out_of_range")


def _extent(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    if rules.extent is None:
        return
    for number in np.flatnonzero(_beyond(geometries, rules.extent)):
        west, south, east, north = shapely.bounds(geometries[number])
        place = Place(lon=float(west + east) / 2, lat=float(south + north) / 2)
        yield int(number), Issue("out_of_extent", place)


def _valid(geometries: Geometries, rules: Rules) -> Iterator[tuple[int, Issue]]:
    for number in np.flatnonzero(~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)):
        found = REASON.fullmatch(str(shapely.is_valid_reason(geometries[number])))
        reason = found["reason"].strip() if found else ""
        place = Place(lon=float(found["x"]), lat=float(found["y"])) if found and found["x"] else Place()
        yield int(number), Issue("geometry_invalid", place, {"reason": reason})


def _beyond(geometries: Geometries, extent: Extent) -> Flags:
    west, south, east, north = shapely.bounds(geometries).T
    outside: Flags = (west < extent[0]) | (south < extent[1]) | (east > extent[2]) | (north > extent[3])
    return outside


Check = Callable[[Geometries, Rules], Iterator[tuple[int, Issue]]]
# In this order: a geometry that one check stopped is not shown to the next, so each has one issue, its first.
GEOMETRY_CHECKS: tuple[Check, ...] = (_missing, _kind, _empty, _vertices, _finite, _range, _extent, _valid)


def check_geometries(geometries: Geometries, rules: Rules, rows: Sequence[int] | None = None) -> list[Issue]:
    """Return the first issue of each geometry that may not be used, in the order of rows (default: 1, 2, ...).

    >>> bow = shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")
    >>> [(issue.code, issue.place.row, issue.place.lon) for issue in check_geometries(np.array([bow]), PLOT)]
    [('geometry_invalid', 1, 1.0)]
    """
    left = np.arange(len(geometries))
    found: dict[int, Issue] = {}
    for check in GEOMETRY_CHECKS:
        stopped = {int(left[position]): issue for position, issue in check(geometries[left], rules)}
        found |= stopped
        left = np.setdiff1d(left, list(stopped))
    numbers = range(1, len(geometries) + 1) if rows is None else rows
    return [_at(numbers[index], found[index]) for index in sorted(found)]


def _at(row: int, issue: Issue) -> Issue:
    return Issue(issue.code, Place(row, issue.place.column, issue.place.lon, issue.place.lat), issue.details)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two plots, by their positions, and the geodesic area in m2 that they share; 0.0 when it was left to a worker."""

    left: int
    right: int
    area_m2: float
    is_measured: bool = True


def overlaps(geometries: Geometries, minimum_m2: float = 1.0, cost_limit: int | None = None) -> list[Overlap]:
    """Return the pairs of valid plots in EPSG:4326 that share more than `minimum_m2`, by position, left < right.

    `cost_limit` bounds the product of the two plots' vertices (250,000 inside a request); a pair beyond it comes back
    unmeasured. Missing and invalid geometries take no part.

    >>> squares = np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1), shapely.box(3, 0, 4, 1)])
    >>> [(pair.left, pair.right, round(pair.area_m2 / 1e6)) for pair in overlaps(squares)]
    [(0, 1, 12309)]
    """
    usable = np.flatnonzero(shapely.is_valid(geometries) & ~shapely.is_empty(geometries))
    shapes = geometries[usable]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    vertices = shapely.get_num_coordinates(shapes).astype(np.int64)
    heavy = vertices[left] * vertices[right] > (cost_limit if cost_limit is not None else np.iinfo(np.int64).max)
    found = [
        Overlap(int(usable[a]), int(usable[b]), 0.0, False) for a, b in zip(left[heavy], right[heavy], strict=True)
    ]
    left, right = left[~heavy], right[~heavy]
    shared = area_m2(shapely.intersection(shapes[left], shapes[right]))
    for a, b, size in zip(left, right, shared, strict=True):
        if size > minimum_m2:
            found.append(Overlap(int(usable[a]), int(usable[b]), float(size)))
    return sorted(found, key=lambda pair: (pair.left, pair.right))


def overlap_issues(geometries: Geometries, codes: Sequence[str]) -> list[Issue]:
    """Return one issue per overlapping pair; the row is that of the second plot."""
    issues = []
    for pair in overlaps(geometries, cost_limit=250_000):
        details: dict[str, object] = {"left": codes[pair.left], "right": codes[pair.right]}
        if pair.is_measured:
            issues.append(Issue("overlap", Place(pair.right + 1), details | {"area_m2": pair.area_m2}))
        else:
            counts = shapely.get_num_coordinates(geometries[[pair.left, pair.right]])
            details |= {"left_vertices": int(counts[0]), "right_vertices": int(counts[1])}
            issues.append(Issue("overlap_not_measured", Place(pair.right + 1), details))
    return issues
