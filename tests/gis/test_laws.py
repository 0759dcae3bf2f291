"""Laws of measuring, transforming and encoding that hold for any polygon."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.checks import FINDING, PLOT, check_geometries, overlaps
from gis.crs import to_lonlat
from gis.encode import TOLERANCE_DEGREES, UNITS_PER_DEGREE, decode, encode
from gis.gcj import gcj02_to_wgs84, wgs84_to_gcj02
from gis.measure import area_m2

METRES_PER_DEGREE = 111_320


@st.composite
def stars(draw: st.DrawFn) -> shapely.Polygon:
    """Draw a star-shaped plot of 60 to 600 m round somewhere in Jiangsu, sometimes with a hole."""
    lon, lat = draw(st.floats(118, 121)), draw(st.floats(31, 33))
    radii = draw(st.lists(st.floats(0.0006, 0.003), min_size=4, max_size=24))
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    shell = np.column_stack([lon + np.cos(angles) * radii, lat + np.sin(angles) * radii])
    inner = np.column_stack([lon + np.cos(angles) * 0.0002, lat + np.sin(angles) * 0.0002])
    return shapely.Polygon(shell, [inner] if draw(st.booleans()) else None)


@given(st.lists(stars(), min_size=1, max_size=5))
def test_a_blob_draws_the_plot_it_was_made_of_to_two_metres(plots: list[shapely.Polygon]) -> None:
    shapes = np.array(plots, dtype=object)
    for plot, blob in zip(plots, encode(shapes), strict=True):
        limit = TOLERANCE_DEGREES + 1.5 / UNITS_PER_DEGREE
        assert decode(blob).hausdorff_distance(shapely.MultiPolygon([plot])) < limit
        assert blob == encode(np.array([plot], dtype=object))[0]


@given(stars(), stars())
def test_a_multipolygon_measures_the_sum_and_direction_does_not_matter(
    first: shapely.Polygon, second: shapely.Polygon
) -> None:
    both = shapely.MultiPolygon([first, shapely.affinity.translate(second, 10, 0)])
    alone = area_m2(np.array([*both.geoms, both, shapely.reverse(both), None], dtype=object))
    assert np.isclose(alone[0] + alone[1], alone[2], rtol=1e-12)
    assert np.isclose(alone[2], alone[3], rtol=1e-12)
    assert alone[4] == 0.0


@given(stars())
def test_a_plot_measures_the_same_from_any_datum_of_china(plot: shapely.Polygon) -> None:
    size = area_m2(np.array([plot], dtype=object))[0]
    moved = shapely.transform(plot, lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    back, _ = to_lonlat(np.array([moved], dtype=object), "GCJ-02")
    assert np.isclose(area_m2(back)[0], size, rtol=1e-6)


@given(st.floats(73, 135), st.floats(3, 53))
def test_the_shift_of_web_maps_is_undone_to_a_millimetre(lon: float, lat: float) -> None:
    x, y = np.array([lon]), np.array([lat])
    back = gcj02_to_wgs84(*wgs84_to_gcj02(x, y))
    assert max(abs(back[0] - x)[0], abs(back[1] - y)[0]) * METRES_PER_DEGREE < 0.001


@given(st.lists(stars(), min_size=2, max_size=6))
def test_overlaps_do_not_depend_on_order(plots: list[shapely.Polygon]) -> None:
    forward = overlaps(np.array(plots, dtype=object))
    backward = overlaps(np.array(plots[::-1], dtype=object))
    last = len(plots) - 1
    assert {(pair.left, pair.right) for pair in forward} == {(last - pair.right, last - pair.left) for pair in backward}


@given(stars())
def test_a_plot_is_no_finding_and_a_point_no_plot(plot: shapely.Polygon) -> None:
    shapes = np.array([plot, plot.centroid], dtype=object)
    assert [(issue.code, issue.place.row) for issue in check_geometries(shapes, PLOT)] == [("geometry_kind", 2)]
    assert [(issue.code, issue.place.row) for issue in check_geometries(shapes, FINDING)] == [("geometry_kind", 1)]
    assert check_geometries(shapes[:1], PLOT) == []


def test_heavy_pairs_are_left_to_a_worker() -> None:
    round_plot = shapely.Point(118.85, 31.92).buffer(0.001, quad_segs=200)
    twins = np.array([round_plot, round_plot], dtype=object)
    (pair,) = overlaps(twins, cost_limit=250_000)
    assert (pair.is_measured, pair.area_m2) == (False, 0.0)


def test_a_plot_has_at_most_twenty_thousand_vertices() -> None:
    fine = shapely.Point(118.85, 31.92).buffer(0.001, quad_segs=6_000)
    assert [issue.code for issue in check_geometries(np.array([fine], dtype=object), PLOT)] == ["vertices_many"]
