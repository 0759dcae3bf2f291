"""GPS fix to plot.

Single: by the query of the API and of the filing form, as an inspector of half of the register, as of a day; the peer
asks every shape of a GeoDataFrame in memory. In bulk: the plot of each fix, of several the first; the peer is
`geopandas.sjoin`, reduced to the same answer. Fixes scatter by about 40 m round the middle of plots.
"""

import json
from dataclasses import asdict
from functools import partial
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.relate import plots_of
from service.plots.queries import Fix, plot_of
from tests.benchmarks.land import DAY, PLOTS, land, stars
from tests.benchmarks.row import Row, seconds
from tests.conftest import World

SINGLE, SINGLE_PLAIN, BULK, REACH_M = 500, 10, 1_000_000, 10
SIZE = f"{PLOTS:,} plots"


def fixes(shapes: NDArray[np.object_], count: int) -> NDArray[np.float64]:
    """Return lon/lat."""
    chance = np.random.default_rng(5)
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    found: NDArray[np.float64] = middles[chance.integers(0, len(middles), count)] + chance.normal(0, 4e-4, (count, 2))
    return found


def single(world: World, points: NDArray[np.float64]) -> None:
    """Look up one after another."""
    with world.session("inspector") as session:
        for lon, lat in points.tolist():
            plot_of(session, Fix(lon, lat, REACH_M), as_of=DAY)


def single_plain(frame: geopandas.GeoDataFrame, points: NDArray[np.float64]) -> None:
    """Look up one after another."""
    for point in shapely.points(points):
        frame[frame.contains(point)]


def bulk_plain(points: NDArray[np.float64], shapes: NDArray[np.object_]) -> Any:
    """Return the first plot of each fix that has one."""
    left = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*points.T), crs="EPSG:4326")
    right = geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4326")
    return geopandas.sjoin(left, right, predicate="intersects").groupby(level=0)["index_right"].min()


def main() -> list[Row]:
    """Measure both in one run."""
    world, shapes = land(), stars(PLOTS, 110.0, 30.0)
    points = fixes(shapes, BULK)
    frame = geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4326")
    ours_ms = seconds(partial(single, world, points[:SINGLE]), runs=3) * 1000 / SINGLE
    plain_ms = seconds(partial(single_plain, frame, points[:SINGLE_PLAIN]), runs=3) * 1000 / SINGLE_PLAIN
    told, plain = plots_of(points, shapes), bulk_plain(points, shapes)
    assert (told[plain.index] == plain.to_numpy()).all()
    assert (told >= 0).sum() == len(plain)
    bulk_s = seconds(partial(plots_of, points, shapes), runs=3)
    near_s = seconds(partial(plots_of, points, shapes, REACH_M), runs=1)
    bulk_plain_s = seconds(partial(bulk_plain, points, shapes), runs=3)
    size = f"{BULK:,} fixes, {SIZE}"
    return [
        Row(f"one fix, within {REACH_M} m", SIZE, ours_ms, "ms", "gdf[gdf.contains(point)]", plain_ms, 3),
        Row("many fixes, in the plot", size, bulk_s, "s", "sjoin", bulk_plain_s, 1.8),
        Row(f"many fixes, within {REACH_M} m", size, near_s, "s"),
    ]


if __name__ == "__main__":
    for row in main():
        print(json.dumps(asdict(row) | {"ratio": row.ratio}))
