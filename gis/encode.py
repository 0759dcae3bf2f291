"""Polygons as few bytes: the form in which maps carry plots. Computed once per plot version and kept beside it.

A plot is a row of unsigned varints: parts; per part its rings; per ring its points and then, per point, the step east
and the step north from the point before (from 0, 0 for the plot's first), zigzag, in units of 1e-5 degree, about 1 m.
The closing point of a ring is left out.
"""

from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

UNITS_PER_DEGREE = 100_000
TOLERANCE_DEGREES = 1e-5
Integers = NDArray[np.int64]


def encode(geometries: NDArray[np.object_]) -> list[bytes]:
    """Return the blob of each valid Polygon or MultiPolygon in EPSG:4326, simplified by about 1 m.

    >>> [blob.hex() for blob in encode(np.array([shapely.box(0, 0, 0.0001, 0.0001)]))]
    ['0101041400001413000013']
    """
    if not len(geometries):
        return []
    slim = shapely.simplify(np.asarray(geometries, dtype=object), TOLERANCE_DEGREES, preserve_topology=True)
    parts, owner = shapely.get_parts(slim, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return [b"\x00"] * len(geometries)
    is_last = np.append(ring[1:] != ring[:-1], True)
    points, ring = points[~is_last], ring[~is_last]
    return varints(*_stream(len(geometries), owner, part, ring, points))


def _stream(
    count: int, owner: Integers, part: Integers, ring: Integers, points: NDArray[np.float64]
) -> tuple[Integers, Integers]:
    """Return all numbers in their order, and for each the plot that it belongs to."""
    plot_of_ring = owner[part]
    plot_of_point = plot_of_ring[ring]
    part_of_point = part[ring]
    steps = np.rint(points * UNITS_PER_DEGREE).astype(np.int64)
    steps[1:] -= np.where((plot_of_point[1:] == plot_of_point[:-1])[:, None], steps[:-1].copy(), 0)
    zigzag = (steps << 1) ^ (steps >> 63)
    # A number's position is the count of numbers before it: headers of plots, parts, rings, and two per point.
    index = np.arange(len(points))
    at_point = (plot_of_point + 1) + (part_of_point + 1) + (ring + 1) + 2 * index
    first_point = np.searchsorted(ring, np.arange(len(part)))
    at_ring = (plot_of_ring + 1) + (part + 1) + np.arange(len(part)) + 2 * first_point
    first_ring = np.searchsorted(part, np.arange(len(owner)))
    first_of_part = np.searchsorted(part_of_point, np.arange(len(owner)))
    at_part = (owner + 1) + np.arange(len(owner)) + first_ring + 2 * first_of_part
    plots = np.arange(count)
    first_part = np.searchsorted(owner, plots)
    at_plot = plots + first_part + np.searchsorted(plot_of_ring, plots) + 2 * np.searchsorted(plot_of_point, plots)
    numbers = np.empty(count + len(owner) + len(part) + 2 * len(points), dtype=np.int64)
    plot_of = np.empty_like(numbers)
    for at, values, whose in (
        (at_plot, np.bincount(owner, minlength=count), plots),
        (at_part, np.bincount(part, minlength=len(owner)), owner),
        (at_ring, np.bincount(ring, minlength=len(part)), plot_of_ring),
        (at_point, zigzag[:, 0], plot_of_point),
        (at_point + 1, zigzag[:, 1], plot_of_point),
    ):
        numbers[at], plot_of[at] = values, whose
    return numbers, plot_of


def varints(numbers: Integers, plot_of: Integers) -> list[bytes]:
    """Return the varint bytes of each plot that has numbers (0 up to 2**35), in the order of the plots.

    >>> [row.hex() for row in varints(np.array([1, 300, 5]), np.array([0, 0, 7]))]
    ['01ac02', '05']
    """
    width = np.ones(len(numbers), dtype=np.int64)
    for bits in (7, 14, 21, 28):
        width += numbers >= (1 << bits)
    ends = np.cumsum(width)
    content = np.empty(int(ends[-1]), dtype=np.uint8)
    for byte in range(5):
        some = width > byte
        more = np.where(width[some] > byte + 1, 0x80, 0)
        content[(ends - width)[some] + byte] = ((numbers[some] >> (7 * byte)) & 0x7F) | more
    last = np.append(plot_of[1:] != plot_of[:-1], True)
    stops = [0, *ends[last].tolist()]
    raw = content.tobytes()
    return [raw[start:stop] for start, stop in pairwise(stops)]


def decode(blob: bytes) -> shapely.MultiPolygon:
    """Return the polygons of a blob in EPSG:4326, as a map will draw them."""
    numbers, value, shift = [], 0, 0
    for byte in blob:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    stream = iter(numbers)
    x = y = 0
    parts = []
    for _ in range(next(stream)):
        rings = []
        for _ in range(next(stream)):
            ring = []
            for _ in range(next(stream)):
                east, north = next(stream), next(stream)
                x += (east >> 1) ^ -(east & 1)
                y += (north >> 1) ^ -(north & 1)
                ring.append((x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE))
            rings.append(ring)
        parts.append((rings[0], rings[1:]))
    return shapely.MultiPolygon(parts)
