"""The register's plots: every sketch cut free of roads, water and its neighbours, placed on the earth and measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from shapely import MultiPolygon, STRtree
from shapely.geometry.base import BaseGeometry

from data.founding_case.plane import to_lonlat
from data.founding_case.plot_list import SKETCHES, SKETCHES_OF_2012, Sketch
from data.founding_case.shapes import Corner, Median, Strip, draw
from data.founding_case.streets import lake, river, road_surface
from gis.measure import area_m2

# The verges of a group were designed wide enough for its tendered area: one factor for all strips of the group.
VERGE_WIDTHS = {"J1": 1.0175, "J2": 1.0037, "J3": 1.0522}
PATH_M = 3.0
BANK_M = 6.0
IN_ONE = {"corner", "park"}
CRUMB_M2 = 150.0
CHORD_M = 0.25


@dataclass(frozen=True)
class Plot:
    """One drawn plot; the outline is lon/lat, the area the ellipsoid's."""

    sketch: Sketch
    outline: MultiPolygon
    drawn_m2: float

    @property
    def code(self) -> str:
        """Its code in the register."""
        return self.sketch.code

    @property
    def group(self) -> str:
        """The group (组团) it lies in, which is also its contract's lot."""
        return self.sketch.code[:2]


def _turn(sketch: Sketch) -> int:
    """Gardens and parks keep their outline; strips make room for them."""
    return {Corner: 1, Median: 0, Strip: 3}.get(type(sketch.shape), 2)


@cache
def plots() -> tuple[Plot, ...]:
    """All plots of 2013 in the order of their codes; no two share ground."""
    return _placed(SKETCHES, _drawings())


@cache
def plots_of_2012() -> tuple[Plot, ...]:
    """All plots of 2012: one fewer than in 2013, some smaller, in another zone or of another grade."""
    drawings = dict(_drawings())
    today = {sketch.code: sketch for sketch in SKETCHES}
    for sketch in SKETCHES_OF_2012:
        if sketch.shape != today[sketch.code].shape:
            others = {code: drawing for code, drawing in drawings.items() if code != sketch.code}
            drawings[sketch.code] = _cut(sketch, _no_ground(), others)
    return _placed(SKETCHES_OF_2012, drawings)


def _placed(sketches: Sequence[Sketch], drawings: Mapping[str, MultiPolygon]) -> tuple[Plot, ...]:
    outlines = [shapely.orient_polygons(to_lonlat(drawings[sketch.code])) for sketch in sketches]
    areas = area_m2(np.array(outlines, dtype=object))
    return tuple(Plot(*known) for known in zip(sketches, outlines, map(float, areas), strict=True))


@cache
def _no_ground() -> BaseGeometry:
    """Roads and water with its banks."""
    return shapely.union_all([road_surface(), shapely.union_all([lake(), river()]).buffer(BANK_M)])


@cache
def _drawings() -> Mapping[str, MultiPolygon]:
    done: dict[str, MultiPolygon] = {}
    for sketch in sorted(SKETCHES, key=_turn):
        done[sketch.code] = _cut(sketch, _no_ground(), done)
    return {code: done[code] for code in sorted(done)}


def _cut(sketch: Sketch, no_ground: BaseGeometry, done: Mapping[str, MultiPolygon]) -> MultiPolygon:
    """Draw a sketch and take from it what is no ground and what others have, with a path between."""
    drawing = draw(sketch.shape, seed=sketch.code, widths=VERGE_WIDTHS[sketch.code[:2]])
    if not isinstance(sketch.shape, Median):
        drawing = drawing.difference(no_ground)
    taken = [done[code] for code in _near(drawing, done)]
    free = drawing.difference(shapely.union_all(taken).buffer(PATH_M, quad_segs=4)) if taken else drawing
    return _whole(free, in_one=sketch.kind in IN_ONE)


def _near(drawing: BaseGeometry, done: Mapping[str, MultiPolygon]) -> list[str]:
    codes = list(done)
    return [codes[i] for i in sorted(STRtree(list(done.values())).query(drawing.buffer(PATH_M)))]


def _whole(drawing: BaseGeometry, *, in_one: bool) -> MultiPolygon:
    """Drop crumbs left at crossings, all but the greatest part of a garden or park, and vertices that say nothing."""
    parts = sorted(shapely.get_parts(shapely.simplify(drawing, CHORD_M)), key=lambda part: -part.area)
    return MultiPolygon(parts[:1] if in_one else [part for part in parts if part.area >= CRUMB_M2])
