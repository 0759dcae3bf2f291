"""Polygons cut to the tiles of a web map: whole numbers in Web Mercator, for drawing only; nothing is measured there.

A tile is EXTENT units wide and is drawn 512 pixels wide, so that a pixel is PIXEL units. What is simplified or left out
is decided on whole rings before they are cut: neighbouring tiles draw the same.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.encode import Integers, varints

EXTENT, BUFFER, PIXEL = 4096, 64, 8
TOLERANCE = 2  # units: a quarter of a pixel
DEEPEST = 18
TOP = 85.0511287  # degrees north, where the square of Web Mercator ends
MOVE, LINE, CLOSE = 9, 2, 15  # commands of the format: one move, lines (their number comes above), one end of a ring


class Tile(NamedTuple):
    """A tile: zoom, column from 180 degrees west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def is_there(self) -> bool:
        """Whether its zoom has such a column and row.

        >>> Tile(1, 1, 0).is_there, Tile(1, 2, 0).is_there
        (True, False)
        """
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, with the buffer round it.

        >>> [round(side, 1) for side in Tile(1, 1, 0).box]
        [-2.8, -2.8, 180.0, 85.1]
        """
        units = EXTENT << self.z
        edges = np.array([self.x, self.y + 1, self.x + 1, self.y]) * EXTENT + np.array([-1, 1, 1, -1]) * BUFFER
        edges = np.clip(edges, 0, units) / units
        lon = edges[::2] * 360 - 180
        lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * edges[1::2]))))
        return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])


@dataclass(frozen=True, slots=True)
class Rings:
    """Open rings: points, the ring of each point (rising), and of each ring its plot, its part, and what is a hole."""

    points: Integers
    ring: Integers
    plot: Integers
    part: Integers
    hole: NDArray[np.bool_]

    @property
    def before(self) -> Integers:
        """The place of the point before each point, round its ring."""
        first = np.append(True, self.ring[1:] != self.ring[:-1])[: len(self.ring)]
        last = np.append(first[1:], True)[: len(self.ring)]
        places = np.arange(-1, len(self.ring) - 1)
        places[first] = np.flatnonzero(last)
        return places

    @property
    def size(self) -> Integers:
        """How many points each ring has."""
        return np.bincount(self.ring, minlength=len(self.plot))

    @property
    def doubled_area(self) -> Integers:
        """Twice the area of each ring, positive where it runs clockwise on the screen (y grows to the south)."""
        (x, y), (before_x, before_y) = self.points.T, self.points[self.before].T
        total = np.zeros(len(self.plot), dtype=np.int64)
        np.add.at(total, self.ring, before_x * y - x * before_y)
        return total

    def spans(self) -> tuple[Integers, Integers]:
        """Return the least and the greatest x and y of each ring, none of which may be empty."""
        starts = np.searchsorted(self.ring, np.arange(len(self.plot)))
        return np.minimum.reduceat(self.points, starts), np.maximum.reduceat(self.points, starts)

    def having(self, kept: NDArray[np.bool_]) -> Self:
        """Keep some rings."""
        at = kept[self.ring]
        ring = (np.cumsum(kept) - 1)[self.ring[at]]
        return type(self)(self.points[at], ring, self.plot[kept], self.part[kept], self.hole[kept])

    def with_squares(self, which: NDArray[np.bool_], corners: Integers) -> Self:
        """Put four corners (a row of `corners` each) in the place of the points of some rings."""
        left = ~which[self.ring]
        points = np.concatenate([self.points[left], corners.reshape(-1, 2)])
        ring = np.append(self.ring[left], np.repeat(np.flatnonzero(which), 4))
        order = np.argsort(ring, kind="stable")
        return replace(self, points=points[order], ring=ring[order])

    def without_repeats(self) -> Self:
        """Leave out points that stand where the one before stands; a ring of one place loses all."""
        kept = (self.points != self.points[self.before]).any(axis=1)
        return replace(self, points=self.points[kept], ring=self.ring[kept])


def cut(tile: Tile, shapes: NDArray[np.object_]) -> tuple[Integers, list[bytes]]:
    """Return the numbers of the plots that a tile shows, rising, and the drawing commands of each.

    `shapes` are Polygons or MultiPolygons in EPSG:4326. A plot smaller than a pixel becomes half a pixel, one to each
    pixel; holes and further parts that small are left out. A strip thinner than a unit becomes a unit wide.

    >>> numbers, commands = cut(Tile(0, 0, 0), np.array([shapely.box(0, 0, 90, 45)], dtype=object))
    >>> numbers.tolist(), [row.hex() for row in commands]
    ([0], ['09802080201a00fd0880100000fe080f'])
    """
    rings = _projected(tile, shapes)
    if len(rings.plot):
        rings = _thickened(_without_specks(rings).without_repeats())
    for axis in (0, 1):
        for sign, limit in ((1, -BUFFER), (-1, EXTENT + BUFFER)):
            rings = _clipped(rings, axis, sign, limit)
    rings = rings.without_repeats()
    rings = _turned(_whole(rings))
    return np.unique(rings.plot), varints(*_commands(rings)) if len(rings.plot) else []


def _projected(tile: Tile, shapes: NDArray[np.object_]) -> Rings:
    """Simplify, and place in units of the tile, from its north-western corner to the east and south."""
    units = EXTENT << tile.z
    slim = shapely.simplify(shapes, TOLERANCE * 360 / units, preserve_topology=False)
    slim = np.where(shapely.is_empty(slim), shapes, slim)  # one that collapses is still to be seen
    parts, plot = shapely.get_parts(slim, return_index=True)
    outlines, part = shapely.get_rings(parts, return_index=True)
    lonlat, ring = shapely.get_coordinates(outlines, return_index=True)
    is_open = np.append(ring[1:] == ring[:-1], False)[: len(ring)]
    lon, lat = lonlat[is_open].T
    down = 0.5 - np.arctanh(np.sin(np.radians(np.clip(lat, -TOP, TOP)))) / (2 * np.pi)
    world = np.column_stack([(lon + 180) / 360, down]) * units
    points = np.rint(world).astype(np.int64) - np.array([tile.x, tile.y]) * EXTENT
    is_hole = np.append(False, part[1:] == part[:-1])[: len(part)]
    rings = Rings(points, ring[is_open], plot[part], part, is_hole)
    return rings.having(rings.size > 0)


def _without_specks(rings: Rings) -> Rings:
    """Of what is smaller than a pixel keep one ring a plot, and only where the whole plot is so small; one a pixel."""
    low, high = rings.spans()
    extent = (high - low).max(axis=1)
    is_speck = extent < PIXEL
    large = np.zeros(int(rings.plot[-1]) + 1, dtype=bool)
    large[rings.plot[~is_speck]] = True
    alone = np.flatnonzero(is_speck & ~rings.hole & ~large[rings.plot])
    alone = alone[np.lexsort((-extent[alone], rings.plot[alone]))]
    _, first = np.unique(rings.plot[alone], return_index=True)
    alone = alone[first]
    middle = (low + high) // 2
    _, first = np.unique(middle[alone] // PIXEL, axis=0, return_index=True)
    stands_for = np.zeros(len(rings.plot), dtype=bool)
    stands_for[alone[first]] = True
    half = PIXEL // 4
    square = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    squares = rings.with_squares(stands_for, middle[stands_for][:, None] + square)
    return squares.having(~is_speck | stands_for)


def _thickened(rings: Rings) -> Rings:
    """Give the outlines that have no area one unit of width, across the line between their ends."""
    is_line = (rings.doubled_area == 0) & ~rings.hole
    if not is_line.any():
        return rings
    lines = rings.having(is_line)
    order = np.lexsort((lines.points[:, 1], lines.points[:, 0], lines.ring))
    starts = np.searchsorted(lines.ring, np.arange(len(lines.plot)))
    ends = np.append(starts[1:], len(order)) - 1
    one, other = lines.points[order[starts]], lines.points[order[ends]]
    run = np.abs(other - one)
    across = np.where((run[:, 0] >= run[:, 1])[:, None], [[0, 1]], [[1, 0]])
    return rings.with_squares(is_line, np.stack([one, other, other + across, one + across], axis=1))


def _clipped(rings: Rings, axis: int, sign: int, limit: int) -> Rings:
    """Cut to one side of a line: to what lies from `limit` on in the direction of `sign`."""
    inside = sign * (rings.points[:, axis] - limit) >= 0
    if inside.all():
        return rings
    before = rings.before
    start, end = rings.points[before], rings.points
    crosses = inside != inside[before]
    run = np.where(crosses, end[:, axis] - start[:, axis], 1)
    share = (limit - start[:, axis]) / run
    crossing = np.rint(start + (end - start) * share[:, None]).astype(np.int64)
    crossing[:, axis] = limit
    count = crosses.astype(np.int64) + inside
    at = np.cumsum(count) - count
    points = np.empty((int(count.sum()), 2), dtype=np.int64)
    points[at[crosses]] = crossing[crosses]
    points[(at + crosses)[inside]] = end[inside]
    return replace(rings, points=points, ring=np.repeat(rings.ring, count))


def _whole(rings: Rings) -> Rings:
    """Leave out rings without area, and holes of what is left out."""
    kept = rings.doubled_area != 0
    there = np.unique(rings.part[kept & ~rings.hole])
    return rings.having(kept & np.isin(rings.part, there))


def _turned(rings: Rings) -> Rings:
    """Turn outlines clockwise on the screen and holes against it, as the format wants."""
    is_wrong = (rings.doubled_area > 0) == rings.hole
    places = np.arange(len(rings.ring))
    starts = np.searchsorted(rings.ring, np.arange(len(rings.plot)))
    turned = (2 * starts + rings.size - 1)[rings.ring] - places
    return replace(rings, points=rings.points[np.where(is_wrong[rings.ring], turned, places)])


def _commands(rings: Rings) -> tuple[Integers, Integers]:
    """Return all numbers of the drawing in their order, and for each the plot that it belongs to."""
    plot = rings.plot[rings.ring]
    steps = rings.points.copy()
    steps[1:] -= np.where((plot[1:] == plot[:-1])[:, None], rings.points[:-1], 0)
    zigzag = (steps << 1) ^ (steps >> 63)
    number, size = np.arange(len(rings.plot)), rings.size
    first = np.searchsorted(rings.ring, number)
    begins = 2 * first + 3 * number  # each ring has two numbers a point, and three commands
    place = np.arange(len(plot))
    at = 2 * place + 3 * rings.ring + np.where(place == first[rings.ring], 1, 2)
    numbers = np.empty(2 * len(plot) + 3 * len(number), dtype=np.int64)
    numbers[begins] = MOVE
    numbers[begins + 3] = ((size - 1) << 3) | LINE
    numbers[begins + 2 * size + 2] = CLOSE
    numbers[at], numbers[at + 1] = zigzag[:, 0], zigzag[:, 1]
    return numbers, np.repeat(rings.plot, 2 * size + 3)
