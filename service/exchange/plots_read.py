"""What the child process makes of a file of plots. It loads nothing but geometry: each upload waits for that twice."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from gis import measure
from gis.checks import Extent, overlap_issues
from gis.files import FIELDS, Layout, read_plots
from gis.issue import Issue

THREADS = 2


class Parsed(NamedTuple):
    """What a child process made of a file. Lists, one value for each row: they cross quicker than a frame.

    `columns`: the row's number and our fields, as text or None. `shapes`: WKB of MultiPolygons in lon/lat (EPSG:4326),
    `areas`: m2; both empty when an error forbids the import. `points`: lon/lat somewhere about each geometry that has
    a place, to show where a row lies.
    """

    columns: dict[str, list[Any]]
    shapes: list[bytes]
    areas: list[float]
    errors: list[Issue]
    remarks: list[Issue]
    pipeline: str
    points: list[tuple[float, float] | None]


def parse_plots(path: Path, declared: str, layout: Layout, extent: Extent | None) -> Parsed:
    """Read, check and measure a file. Runs in a child process."""
    read = read_plots(path, declared, layout, extent)
    columns = {name: read.frame[name].tolist() for name in ("row", *FIELDS)}
    if read.pipeline is None or read.errors:
        points = _points(read.frame.geometry.to_numpy()) if read.pipeline else []
        return Parsed(columns, [], [], read.errors, [], "", points)
    shapes = read.frame.geometry.to_numpy()
    points = _points(shapes)
    codes = [str(code) for code in columns["code"]]
    with ThreadPoolExecutor(THREADS) as pool:  # both leave Python alone while they calculate
        overlaps = pool.submit(overlap_issues, shapes, codes)
        areas = np.concatenate(list(pool.map(measure.area_m2, np.array_split(shapes, THREADS * 4))))
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    shapes[single] = shapely.multipolygons(shapes[single].reshape(-1, 1))
    remarks = [*read.issues, *overlaps.result()]
    return Parsed(columns, shapely.to_wkb(shapes).tolist(), areas.tolist(), [], remarks, read.pipeline.name, points)


def _points(shapes: Any) -> list[tuple[float, float] | None]:
    """Return the middle of each geometry's bounding box; also an invalid one has that."""
    west, south, east, north = shapely.bounds(shapes).T
    middles = np.column_stack([(west + east) / 2, (south + north) / 2])
    good = np.isfinite(middles).all(axis=1) & (np.abs(middles) <= (180, 90)).all(axis=1)
    return [(x, y) if is_good else None for (x, y), is_good in zip(middles.tolist(), good.tolist(), strict=True)]
