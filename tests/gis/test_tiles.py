"""Vector tiles, read back by a reader of the tests' own."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.mvt import encode_tile
from gis.tiles import BUFFER, EXTENT, PIXEL, TOLERANCE, Tile
from tests.gis.mvt_reader import Read, read_tile
from tests.gis.test_laws import stars

FRAME = shapely.box(0, 0, EXTENT, EXTENT)
ZOOMS = st.integers(9, 18)


def tile_at(place: Sequence[float], z: int) -> Tile:
    """Return the tile in which a point lies."""
    lon, lat = place
    down = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return Tile(z, int((lon + 180) / 360 * 2**z), int(down * 2**z))


def placed(tile: Tile, shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape in the units of a tile, as it is."""

    def units(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        down = 0.5 - np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / (2 * np.pi)
        world = np.column_stack([(lonlat[:, 0] + 180) / 360, down]) * 2**tile.z
        placed: NDArray[np.float64] = (world - [tile.x, tile.y]) * EXTENT
        return placed

    return shapely.transform(shape, units)


def drawn(tile: Tile, *plots: shapely.Geometry) -> dict[str, Read]:
    """Return what a tile shows of plots, which are called by their numbers."""
    codes = [str(number) for number in range(len(plots))]
    layers = read_tile(
        encode_tile(tile, "plots", np.array(plots, dtype=object), {"code": codes, "grade": [None] * len(plots)})
    )
    return {read.properties["code"]: read for read in layers.get("plots", [])}


@given(stars(), ZOOMS, st.booleans())
def test_what_is_read_is_what_was_written_to_half_a_pixel(plot: shapely.Polygon, z: int, at_its_edge: bool) -> None:
    tile = tile_at((plot.exterior if at_its_edge else plot.representative_point()).coords[0], z)
    exact = placed(tile, plot)
    west, north, east, south = exact.bounds
    read = drawn(tile, plot)["0"]
    assert all(-BUFFER <= side <= EXTENT + BUFFER for side in read.shape.bounds)
    if max(east - west, south - north) < PIXEL:
        return
    exact = exact.buffer(0).intersection(FRAME)
    # where a line leaves the tile it may bend within the buffer, so that the last units are not compared
    inner = FRAME.buffer(-TOLERANCE)
    ours = read.shape.buffer(0).intersection(inner)
    assert ours.difference(exact.buffer(PIXEL / 2)).area == 0
    assert exact.intersection(inner).difference(ours.buffer(PIXEL / 2)).area < PIXEL**2


@given(stars(), ZOOMS)
def test_outlines_run_clockwise_and_holes_against(plot: shapely.Polygon, z: int) -> None:
    read = drawn(tile_at(plot.representative_point().coords[0], z), plot)["0"]
    (_, first), *rest = read.rings
    assert first > 0
    assert all(area < 0 for _, area in rest)
    assert len(rest) <= len(plot.interiors)


@given(stars(), st.integers(12, 18))
def test_neighbours_draw_the_same_at_the_edge_between_them(plot: shapely.Polygon, z: int) -> None:
    here = tile_at(plot.exterior.coords[0], z)
    next_to = Tile(z, here.x + 1, here.y)
    edge = shapely.LineString([(EXTENT, 0), (EXTENT, EXTENT)])
    one = drawn(here, plot).get("0")
    other = drawn(next_to, plot).get("0")
    reaches = placed(here, plot).intersects(shapely.box(EXTENT - 1, 1, EXTENT + 1, EXTENT - 1))
    if not reaches or one is None or other is None:
        return
    ours = one.shape.buffer(0).intersection(edge)
    theirs = shapely.affinity.translate(other.shape.buffer(0), EXTENT, 0).intersection(edge)
    assert ours.symmetric_difference(theirs).length <= 2 * shapely.count_coordinates(
        one.shape
    )  # a unit at each crossing


def test_a_plot_smaller_than_a_pixel_is_seen_and_one_stands_for_those_in_the_same() -> None:
    plots = [shapely.box(x, 31.9, x + 1e-5, 31.90001) for x in (118.8, 118.80001, 130.0)]
    read = drawn(Tile(3, 6, 3), *plots)
    assert list(read) == ["0", "2"]
    assert [one.shape.area for one in read.values()] == [(PIXEL / 2) ** 2] * 2


def test_a_long_thin_strip_stays_a_line() -> None:
    strip = shapely.Polygon([(118.8, 31.9), (119.2, 32.2), (119.2, 32.2000001)])
    read = drawn(tile_at((118.9, 32.0), 8), strip)["0"]
    assert read.shape.area > 0
    assert read.shape.bounds[2] - read.shape.bounds[0] > 20 * PIXEL


def test_parts_and_holes_under_a_pixel_are_left_out_beside_larger_ones() -> None:
    large, small = shapely.box(118.0, 31.0, 119.0, 32.0), shapely.box(119.5, 31.0, 119.5001, 31.0001)
    hole = shapely.box(118.5, 31.5, 118.5001, 31.5001)
    plot = shapely.MultiPolygon([small, large.difference(hole)])
    (ring,) = drawn(Tile(6, 53, 25), plot)["0"].rings
    assert len(ring[0]) == 4


def test_a_tile_in_the_middle_of_a_plot_is_full_and_one_aside_is_empty() -> None:
    plot = shapely.box(118.0, 31.0, 119.0, 32.0)
    full = drawn(tile_at((118.5, 31.5), 16), plot)["0"].shape
    assert full.equals(FRAME.buffer(BUFFER, join_style="mitre"))
    assert encode_tile(tile_at((120, 31.5), 16), "plots", np.array([plot]), {"code": ["A"]}) == b""
    assert encode_tile(Tile(0, 0, 0), "plots", np.array([], dtype=object), {"code": []}) == b""


def test_empty_shapes_and_the_poles_are_no_trouble() -> None:
    plots = [shapely.MultiPolygon(), shapely.Polygon(), shapely.box(-180, -90, 180, 90)]
    assert list(drawn(Tile(0, 0, 0), *plots)) == ["2"]


def test_a_tile_knows_where_it_lies() -> None:
    for tile in (Tile(0, 0, 0), Tile(9, 425, 207), Tile(18, 217652, 106454)):
        west, south, east, north = placed(tile, shapely.box(*tile.box)).bounds
        inside = [max(-BUFFER, side) for side in (west, south)]
        assert inside[0] >= -BUFFER - 1e-6
        assert max(east, north) <= EXTENT + BUFFER + 1e-6
    assert not Tile(19, 0, 0).is_there
