"""A small drawing of a plot among its neighbours, as numbers for an SVG path. It shows shape and place, not scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, radians

import shapely

from gis.measure import METRES_A_DEGREE
from service.plots.queries import Record

WIDTH, HEIGHT, MARGIN = 320, 200, 0.35
LETTER, LINE = 6.6, 16  # how wide a letter of a code is in the drawing, and how high a code


@dataclass(frozen=True)
class Outline:
    """One plot of a drawing: the path, and where its code stands."""

    code: str
    path: str
    x: int
    y: int
    is_wide: bool


@dataclass(frozen=True)
class Sketch:
    """A drawing: this plot, its neighbours, and a scale bar (round metres, its length in the drawing)."""

    own: Outline
    others: tuple[Outline, ...]
    bar_m: int
    bar: int


@dataclass(frozen=True)
class Frame:
    """How lon/lat comes into the drawing: north is up, metres east and north have the same length."""

    west: float
    north: float
    squeeze: float
    scale: float
    left: float
    top: float

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return x and y of a point."""
        x = self.left + (longitude - self.west) * self.squeeze * self.scale
        return x, self.top + (self.north - latitude) * self.scale


def frame_of(shape: shapely.Geometry) -> Frame:
    """Fit a shape and a margin round it into the drawing."""
    west, south, east, north = shape.bounds
    squeeze = cos(radians((south + north) / 2))
    across, up = max((east - west) * squeeze, 1e-7), max(north - south, 1e-7)
    scale = min(WIDTH / (across * (1 + 2 * MARGIN)), HEIGHT / (up * (1 + 2 * MARGIN)))
    return Frame(west, north, squeeze, scale, (WIDTH - across * scale) / 2, (HEIGHT - up * scale) / 2)


def draw(record: Record, near: Sequence[Record]) -> Sketch:
    """Draw a plot among its neighbours."""
    frame = frame_of(record.version.shape)
    metre = frame.scale / METRES_A_DEGREE
    bar_m = next(
        step
        for step in (10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
        if step * metre < 120 or step == 1
    )
    own = _outline(frame, record)
    others: list[Outline] = []
    for outline in (_outline(frame, other) for other in near):
        is_clear = all(_are_apart(outline, other) for other in (own, *others) if other.is_wide)
        others.append(replace(outline, is_wide=outline.is_wide and is_clear))
    return Sketch(own, tuple(others), bar_m, round(bar_m * metre))


def _are_apart(one: Outline, other: Outline) -> bool:
    """Tell whether the codes of two plots, each in the middle of its own, do not touch."""
    room = LETTER * (len(one.code) + len(other.code)) / 2 + 4
    return abs(one.x - other.x) > room or abs(one.y - other.y) > LINE


def _outline(frame: Frame, record: Record) -> Outline:
    shape = record.version.shape
    paths = []
    for polygon in getattr(shape, "geoms", [shape]):
        for ring in (polygon.exterior, *polygon.interiors):
            points = " ".join("{:.1f},{:.1f}".format(*frame.place(x, y)) for x, y in ring.coords)
            paths.append(f"M{points}z")
    inside = shape.representative_point()
    x, y = frame.place(inside.x, inside.y)
    west, _, east, _ = shape.bounds
    is_wide = (east - west) * frame.squeeze * frame.scale > 44 and 24 < x < WIDTH - 24 and 12 < y < HEIGHT - 8
    return Outline(record.plot.code, "".join(paths), round(x), round(y), is_wide)
