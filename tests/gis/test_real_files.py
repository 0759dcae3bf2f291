"""Facts of real files that must come out, to the last digit that is known."""

from decimal import Decimal
from pathlib import Path

import pytest
import shapely

from gis.checks import PLOT, check_geometries, overlaps
from gis.crs import to_lonlat
from gis.files import Layout, PlotsFile, read_plots
from gis.measure import AREA_UNITS_M2, area_m2
from tests.gis.real import needs_real_data, real, zipped

ACRE = float(AREA_UNITS_M2["acre"])
pytestmark = needs_real_data


def codes(read: PlotsFile) -> list[str]:
    return [issue.code for issue in read.errors]


def hectares(read: PlotsFile) -> float:
    return float(area_m2(read.frame.geometry.to_numpy()).sum()) / 10_000


def test_san_francisco_says_what_is_known_of_it() -> None:
    columns = {"code": "TMA_PropertyID", "name_en": "Map_Label", "zone": "PSA", "declared_area": "Acres"}
    layout = Layout(columns, geometry="shape", crs="EPSG:4326")
    read = read_plots(real("sf-parks/Recreation_and_Parks_Properties.csv"), "CSV", layout)
    shapes = read.frame.geometry.to_numpy()
    assert (len(read.frame), read.issues) == (158, [])
    acres = sum((Decimal(acres) for acres in read.frame["declared_area"]), Decimal(0))
    assert acres.quantize(Decimal("0.001")) == Decimal("2600.886")
    assert round(area_m2(shapes).sum() / ACRE, 3) == 2601.265
    assert len(overlaps(shapes)) == 4
    assert round(sum(pair.area_m2 for pair in overlaps(shapes, minimum_m2=0.0)), 1) == 3975.5
    assert round(sum(pair.area_m2 for pair in overlaps(shapes)), 1) == 3975.2


def test_san_francisco_in_its_own_plane_and_in_mercator_measures_the_same_on_the_ellipsoid() -> None:
    layout = Layout({"code": "TMA_PropertyID"}, geometry="shape", crs="EPSG:4326")
    frame = read_plots(real("sf-parks/Recreation_and_Parks_Properties.csv"), "CSV", layout).frame
    for crs in ("EPSG:2227", "EPSG:3857"):
        back, _ = to_lonlat(frame.to_crs(crs).geometry.to_numpy(), crs)
        assert area_m2(back).sum() / ACRE == pytest.approx(2601.265, abs=0.001)
    assert frame.to_crs("EPSG:2227").area.sum() / 43_560 == pytest.approx(2600.886, abs=0.001)
    assert frame.to_crs("EPSG:3857").area.sum() / ACRE == pytest.approx(4167.6, abs=0.1)


def test_austin_is_refused_for_one_plot_and_shows_both_repairs() -> None:
    path = real("austin-parks/data_raw_city_of_austin_parks.geojson")
    read = read_plots(path, "GeoJSON", Layout({"code": "OBJECTID", "declared_area": "PARK_ACRES"}))
    shapes = read.frame.geometry.to_numpy()
    assert codes(read) == ["geometry_invalid"]
    bad = ~shapely.is_valid(shapes)
    assert area_m2(shapes[~bad]).sum() / ACRE == pytest.approx(15_714.72, abs=0.01)


def test_singapore_names_its_two_invalid_parks() -> None:
    read = read_plots(real("singapore-parks/parks.geojson"), "GeoJSON", Layout({"code": "name"}))
    rows = [issue.place.row for issue in read.errors]
    assert list(read.frame.set_index("row").loc[rows, "code"]) == ["Hortpark", "Mount Faber Park"]
    found = overlaps(read.frame.geometry.to_numpy())
    assert (len(found), round(sum(pair.area_m2 for pair in found) / 10_000, 1)) == (14, 37.7)
    assert hectares(read) == pytest.approx(6526.3, abs=0.05)


def test_shanghai_reads_by_its_language_byte_and_is_refused_without(tmp_path: Path) -> None:
    layout = Layout({"code": "NAME"})
    read = read_plots(zipped("shanghai-gbk", tmp_path / "a.zip"), "Shapefile", layout)
    assert (read.frame["code"][0], read.issues) == ("宝山区", [])
    assert hectares(read) == pytest.approx(684_942.5, abs=0.1)
    silent = zipped("shanghai-gbk", tmp_path / "b.zip", without_language=True)
    assert codes(read_plots(silent, "Shapefile", layout)) == ["encoding_unknown"]
    asked = read_plots(silent, "Shapefile", Layout({"code": "NAME"}, encoding="GBK"))
    assert asked.frame["code"][0] == "宝山区"


def test_novi_sad_lies_about_its_encoding(tmp_path: Path) -> None:
    path = zipped("novi-sad-landuse", tmp_path / "n.zip")
    assert codes(read_plots(path, "Shapefile", Layout({"code": "osm_id"}))) == ["encoding_doubtful"]
    read = read_plots(path, "Shapefile", Layout({"code": "osm_id", "name_en": "name"}, encoding="UTF-8"))
    assert [read.frame["code"][issue.place.row - 1] for issue in read.errors if issue.place.row] == ["168217809"]
    assert "Kasarna „Liman“" in set(read.frame["name_en"])
    assert hectares(read) == pytest.approx(45_390.86, abs=0.01)


def test_madison_has_nothing_to_flag(tmp_path: Path) -> None:
    read = read_plots(zipped("madison-parks", tmp_path / "m.zip"), "Shapefile", Layout({"code": "OBJECTID"}))
    shapes = read.frame.geometry.to_numpy()
    assert (len(read.frame), read.issues, overlaps(shapes)) == (269, [], [])
    assert hectares(read) * 10_000 / ACRE == pytest.approx(4807.06, abs=0.01)


WINDING = {"invalid_exterior_not_ccw.geojson", "invalid_interior_not_cw.geojson"}


def test_each_broken_geojson_is_refused_and_each_valid_one_is_read() -> None:
    files = sorted(real("geojson-invalid/examples").glob("*/*.geojson"))
    assert len(files) == 74
    structural = {"document_not_geojson", "feature_unusable", "coordinates_unusable", "bbox_unusable"}
    structural |= {"ring_not_closed", "ring_too_short"}
    for path in files:
        read = read_plots(path, "GeoJSON", Layout())
        refused = bool(structural & {issue.code for issue in read.errors})
        is_broken = path.parent.name.startswith("invalid") and path.name not in WINDING
        assert refused == is_broken, path.name
        if path.name in WINDING:
            assert "winding_order" in {issue.code for issue in read.issues}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("problematic_outside_lat_lon_boundaries", "out_of_range"),
        ("problematic_self_intersection_large", "geometry_invalid"),
        ("problematic_inner_and_exterior_ring_intersect", "geometry_invalid"),
        ("problematic_feature_null_geometry", "geometry_missing"),
        ("problematic_zero_length_linestring", "geometry_kind"),
    ],
)
def test_a_file_may_be_right_and_its_plot_wrong(name: str, expected: str) -> None:
    read = read_plots(real(f"geojson-invalid/examples/problematic_geometries/{name}.geojson"), "GeoJSON", Layout())
    verdicts = {issue.code for issue in check_geometries(read.frame.geometry.to_numpy(), PLOT)}
    assert verdicts == {expected}


def test_an_old_crs_member_is_honoured_and_noted() -> None:
    path = real("geojson-invalid/examples/problematic_structure/problematic_crs_defined.geojson")
    read = read_plots(path, "GeoJSON", Layout())
    assert "crs_from_file" in {issue.code for issue in read.issues}
    west, south, _, _ = read.frame.total_bounds
    assert (round(west), round(south)) == (13, 53)
