"""The drawing board: a plane in metres around the park's middle, and the way from it to lon/lat."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

# CGCS2000 / 3-degree Gauss-Kruger CM 120E: the zone of Nanjing (118.5 to 121.5 E), true to 1.5 in 10,000 here.
PLANE_CRS = "EPSG:4549"
MIDDLE_LONLAT = (118.86, 31.915)
STEP_M = 15.0
DECIMALS = 7  # of a degree: about a centimetre

Point = tuple[float, float]
Array = npt.NDArray[np.float64]

_TO_LONLAT = pyproj.Transformer.from_crs(PLANE_CRS, "EPSG:4326", always_xy=True)
_ORIGIN = np.array(pyproj.Transformer.from_crs("EPSG:4326", PLANE_CRS, always_xy=True).transform(*MIDDLE_LONLAT))


def curve(points: Sequence[Point], *, closed: bool = False) -> LineString:
    """Draw a smooth line through all points (Catmull-Rom), one vertex about every 15 m.

    >>> curve([(0, 0), (30, 0)]).length
    30.0
    """
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        knots = np.vstack([knots[-1], knots, knots[:2]])
    else:
        knots = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    parts = [_piece(*knots[i : i + 4]) for i in range(len(knots) - 3)]
    return LineString(np.vstack([*(part[:-1] for part in parts), parts[-1][-1:]]))


def _piece(before: Array, start: Array, end: Array, after: Array) -> Array:
    steps = max(2, round(float(np.hypot(*(end - start))) / STEP_M))
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    return np.asarray(
        0.5
        * (
            2 * start
            + (end - before) * t
            + (2 * before - 5 * start + 4 * end - after) * t**2
            + (3 * start - before - 3 * end + after) * t**3
        )
    )


def to_lonlat(drawing: BaseGeometry) -> BaseGeometry:
    """Turn a drawing in metres from the middle into lon/lat (EPSG:4326), rounded to a centimetre."""

    def place(metres: Array) -> Array:
        lon, lat = _TO_LONLAT.transform(metres[:, 0] + _ORIGIN[0], metres[:, 1] + _ORIGIN[1])
        return np.round(np.column_stack([lon, lat]), DECIMALS)

    return shapely.transform(drawing, place)
