"""Which plot a point lies on. Points and plots in lon/lat (EPSG:4326)."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.measure import METRES_A_DEGREE

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
AT_ONCE, THREADS = 100_000, 2
STEPS = 2**10  # of a degree: points that follow each other in this grid lie near each other


def metres_off(shapes: Shapes, points: Floats) -> Floats:
    """Return how far each point lies outside the shape beside it, in metres; 0 inside and on the edge.

    Measured in the plane that touches the ground at the point: right to a part in a thousand within kilometres.

    >>> metres_off(np.array([shapely.box(0, 60, 1, 61)]), np.array([[-0.001, 60.5]])).round(1)
    array([54.8])
    """
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    metres = (coordinates - points[owner]) * METRES_A_DEGREE
    metres[:, 0] *= np.cos(np.radians(points[owner, 1]))
    laid = shapely.set_coordinates(shapes.copy(), metres)
    away: Floats = shapely.distance(laid, shapely.Point(0, 0))
    return away


def plots_of(points: Floats, shapes: Shapes, reach_m: float = 0) -> NDArray[np.int64]:
    """Return for each point the position of the plot that it lies on, -1 for none.

    A point in or on the edge of a plot lies on it, of several on the first. Any other lies on the nearest plot within
    `reach_m`, of those equally near on the first.

    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> plots_of(np.array([[0.5, 0.5], [1, 0.5], [2.0001, 0.5], [3, 3]]), squares, 15).tolist()
    [0, 0, 1, -1]
    """
    tree = shapely.STRtree(shapes)
    shapely.prepare(shapes)
    column, row = np.floor(points * STEPS).T
    order = np.lexsort((column, row // 4))  # strips of the grid: neighbours follow each other
    found = np.full(len(points), -1, dtype=np.int64)

    def locate(some: NDArray[np.int64]) -> None:
        found[some] = _inside(tree, shapes, points[some])

    with ThreadPoolExecutor(THREADS) as pool:  # shapely leaves Python alone while it calculates
        list(pool.map(locate, np.array_split(order, len(order) // AT_ONCE + 1)))
    if reach_m > 0:
        left = np.flatnonzero(found < 0)
        found[left] = _nearest(tree, shapes, points[left], reach_m)
    return found


def _inside(tree: shapely.STRtree, shapes: Shapes, points: Floats) -> NDArray[np.int64]:
    point, shape = tree.query(shapely.points(points))
    holds = shapely.intersects_xy(shapes[shape], points[point])
    return _first(len(points), point[holds], shape[holds])


def _nearest(tree: shapely.STRtree, shapes: Shapes, points: Floats, reach_m: float) -> NDArray[np.int64]:
    reach = reach_m / METRES_A_DEGREE
    wide = reach / np.maximum(np.cos(np.radians(points[:, 1])), reach)
    lon, lat = points.T
    point, shape = tree.query(shapely.box(lon - wide, lat - reach, lon + wide, lat + reach))
    away = metres_off(shapes[shape], points[point])
    near = away <= reach_m
    point, shape, away = point[near], shape[near], away[near]
    order = np.lexsort((shape, away, point))
    found = np.full(len(points), -1, dtype=np.int64)
    nearest, first = np.unique(point[order], return_index=True)
    found[nearest] = shape[order][first]
    return found


def _first(count: int, point: NDArray[np.int64], shape: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return by point the smallest of its shapes, -1 without one."""
    none = np.iinfo(np.int64).max
    found = np.full(count, none, dtype=np.int64)
    np.minimum.at(found, point, shape)
    return np.where(found == none, -1, found)
