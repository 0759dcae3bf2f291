"""Files from strangers: every bad one gets its reason, a good one comes back as text and lon/lat."""

import json
import os
import pickle
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
import shapely

from gis import files
from gis.archive import ArchiveLimits, judge
from gis.files import Layout, read_plots

SQUARE = shapely.box(118.85, 31.92, 118.852, 31.922)
ROW = {"code": "J2-008", "name_zh": "庄排路花坛", "zone": "Z2", "declared_area": "1200.50"}


def frame(crs: str = "EPSG:4326") -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame([ROW], geometry=[SQUARE], crs="EPSG:4326").to_crs(crs)


def write(path: Path, driver: str, crs: str = "EPSG:4326", **options: str) -> Path:
    frame(crs).to_file(path, driver=driver, **options)
    return path


def shapefile(folder: Path, crs: str = "EPSG:4549", encoding: str = "UTF-8") -> Path:
    short = frame(crs).rename(columns={"declared_area": "area"})  # a dbf's names have ten letters at most
    short.to_file(folder / "区块.shp", driver="ESRI Shapefile", encoding=encoding)
    path = folder / "plots.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob("区块.*")):
            archive.write(part, part.name)
    return path


def csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "plots.csv"
    path.write_bytes(text.encode(encoding))
    return path


def errors(path: Path, declared: str, layout: Layout | None = None) -> list[str]:
    return [issue.code for issue in read_plots(path, declared, layout).errors]


def gpkg(folder: Path) -> Path:
    return write(folder / "plots.gpkg", "GPKG", "EPSG:4528", layer="plots")


def geojson(folder: Path) -> Path:
    return write(folder / "plots.geojson", "GeoJSON")


def table(folder: Path) -> Path:
    return csv(folder, f'\ufeffcode,name_zh,zone,declared_area,geometry\nJ2-008,庄排路花坛,Z2,1200.50,"{SQUARE.wkt}"\n')


@pytest.mark.parametrize("make", [gpkg, geojson, shapefile, table])
def test_four_formats_give_the_same_plot(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path)
    read = read_plots(path, files.format_of(path.name), Layout({"declared_area": "area"} if make is shapefile else {}))
    assert read.errors == []
    assert read.frame.loc[0, ["row", "code", "name_zh", "zone"]].tolist() == [1, "J2-008", "庄排路花坛", "Z2"]
    assert read.frame.loc[0, "declared_area"] == "1200.50"
    assert read.frame.loc[0, "grade"] is None
    assert read.frame.geometry[0].equals_exact(SQUARE, tolerance=1e-9, normalize=True)
    assert read.pipeline is not None
    assert read.pipeline.is_ballpark == (make in (gpkg, shapefile))


def test_the_result_crosses_from_a_fresh_interpreter(tmp_path: Path) -> None:
    code = (
        "import pickle, sys; from pathlib import Path; from gis.files import read_plots;"
        "sys.stdout.buffer.write(pickle.dumps(read_plots(Path(sys.argv[1]), 'GeoPackage')))"
    )
    home = str(Path(files.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, str(gpkg(tmp_path))], capture_output=True, check=True, env={"PYTHONPATH": home}
    )
    assert pickle.loads(done.stdout).frame["code"].tolist() == ["J2-008"]


def test_gdal_opens_three_formats_and_no_more(tmp_path: Path) -> None:
    assert "OGR_VRT" in os.environ["OGR_SKIP"]
    secret = tmp_path / "secret.csv"
    secret.write_text("code,geometry\nx,POINT (1 1)\n")
    layer = f"<OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    vrt = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    for name in ("plots.geojson", "plots.gpkg", "plots.zip"):
        path = tmp_path / name
        path.write_text(vrt)
        assert errors(path, files.format_of(name)) == ["format_mismatch"]
    with pytest.raises(RuntimeError, match="not recognized"):
        geopandas.read_file(tmp_path / "plots.geojson")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["file_empty"]),
        ("code,geometry\nx,POINT (1 1)\n", ["wkt_unreadable"]),
        ('code,geometry\nx,"POLYGON ((0 0, 1 0, 1 1, 0 0.5))"\n', ["geometry_unreadable"]),
        ('code,geometry\nx,"POLYGON ((((((0 0))))))"\n', ["wkt_too_deep"]),
        ('code,geometry\nx,"POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"\n', ["geometry_invalid"]),
        ('code,geometry\nx,"POLYGON ((0 0, 200 0, 200 1, 0 0))"\n', ["out_of_range"]),
        ("code,geometry\nx,POLYGON EMPTY\n", ["geometry_empty"]),
        ("code,geometry\nx,\n", ["geometry_missing"]),
        ("code,geometry\nx\n", ["row_length"]),
        ('code,geometry\nx,"unfinished\n', ["file_damaged"]),
        ("code,shape\nx,POLYGON EMPTY\n", ["column_missing"]),
        ("code,code,geometry\nx,y,POLYGON EMPTY\n", ["column_twice"]),
        ("name_zh,geometry\nx,POLYGON EMPTY\n", ["column_missing", "geometry_empty"]),
        ("code\x00,geometry\n", ["format_mismatch"]),
    ],
)
def test_a_csv_says_why_it_is_refused(text: str, expected: list[str], tmp_path: Path) -> None:
    assert errors(csv(tmp_path, text), "CSV") == expected


def test_an_encoding_is_asked_for_and_never_guessed(tmp_path: Path) -> None:
    path = csv(tmp_path, f'code,name_zh,geometry\nx,花坛,"{SQUARE.wkt}"\n', "gbk")
    assert errors(path, "CSV") == ["encoding_unusable"]
    assert read_plots(path, "CSV", Layout(encoding="GBK")).frame["name_zh"].tolist() == ["花坛"]
    assert errors(path, "CSV", Layout(encoding="zlib")) == ["encoding_unusable"]


def test_deep_and_broken_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plots.geojson"
    for text, expected in (
        ('{"a":' * 3000 + "1" + "}" * 3000, "file_too_deep"),
        ('{"type": "Feature"', "format_mismatch"),
        ('{"type":"Point","coordinates":[NaN,1]}', "format_mismatch"),
        ("[1]", "format_mismatch"),
    ):
        path.write_text(text)
        assert errors(path, "GeoJSON") == [expected]


def test_heights_are_dropped_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "plots.geojson"
    ring = [[0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 0, 5]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    read = read_plots(path, "GeoJSON")
    assert [issue.code for issue in read.issues if issue.is_remark] == ["z_dropped"]
    assert not read.frame.geometry[0].has_z


def test_more_numbers_than_three_are_dropped_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "plots.geojson"
    ring = [[0, 0, 5, 6], [1, 0, 5, 6], [1, 1, 5, 6], [0, 0, 5, 6]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    read = read_plots(path, "GeoJSON")
    assert "more_dimensions_dropped" in [issue.code for issue in read.issues]
    assert [issue.code for issue in read.errors] == ["column_missing"]
    assert shapely.get_coordinates(read.frame.geometry[0]).tolist() == [point[:2] for point in ring]


def test_a_cell_that_is_too_long_is_refused_by_its_own_name(tmp_path: Path) -> None:
    text = f'code,geometry\nx,"POLYGON (({"0 0, " * 450_000}0 0))"\n'
    assert errors(csv(tmp_path, text), "CSV") == ["wkt_too_long"]


def test_a_plot_outside_the_extent_is_named(tmp_path: Path) -> None:
    read = read_plots(geojson(tmp_path), "GeoJSON", extent=(100.0, 20.0, 110.0, 30.0))
    assert [(issue.code, issue.place.row) for issue in read.errors] == [("out_of_extent", 1)]


def test_unknown_coordinate_systems_and_formats_are_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path)
    assert errors(path, "GeoJSON", Layout(crs="EPSG:99999")) == ["crs_unknown"]
    assert errors(path, "GeoJSON", Layout(crs="EPSG:5703")) == ["crs_unusable"]
    assert errors(path, "GeoJSON", Layout(crs="+proj=longlat +nadgrids=/etc/passwd")) == ["crs_unknown"]
    assert errors(path, "KML") == ["format_unknown"]


def member(
    name: str, size: int = 10, packed: int = 10, *, link: bool = False, encrypted: bool = False
) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.file_size, info.compress_size = size, packed
    info.external_attr = (stat.S_IFLNK if link else stat.S_IFREG) << 16
    info.flag_bits = 1 if encrypted else 0
    return info


PARTS = [member(f"a{suffix}") for suffix in (".shp", ".shx", ".dbf", ".prj")]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (PARTS, []),
        ([member(f"a{number}.shp") for number in range(51)], ["archive_many_files"]),
        ([*PARTS, member("../a.cpg")], ["archive_name"]),
        ([*PARTS, member("dir\\a.cpg")], ["archive_name"]),
        ([*PARTS, member("a.exe")], ["archive_name"]),
        ([*PARTS[:3], member("a.prj", link=True)], ["archive_links"]),
        ([*PARTS[:3], member("a.prj", encrypted=True)], ["archive_encrypted"]),
        ([*PARTS[:3], member("a.prj", size=2000)], ["archive_ratio"]),
        ([*PARTS[:3], member("a.prj", 300_000_000, 100_000_000)], ["archive_size"]),
        ([*PARTS, member("b.shp")], ["archive_several"]),
        (PARTS[:3], ["archive_parts_missing"]),
    ],
)
def test_an_archive_is_judged_by_its_directory(members: list[zipfile.ZipInfo], expected: list[str]) -> None:
    assert [issue.code for issue in judge(members, ArchiveLimits(), needs_crs=True)] == expected


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        by_suffix = {Path(info.filename).suffix: info for info in archive.infolist()}
        by_suffix[".cpg"].header_offset = by_suffix[".dbf"].header_offset
        archive.writestr("区块.sbn", b"")  # so that the directory is written anew
    assert errors(path, "Shapefile") == ["archive_overlap"]


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.write_bytes(path.read_bytes()[:-60])
    assert errors(path, "Shapefile") == ["archive_unreadable"]


def test_a_damaged_geopackage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plots.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + b"\x00" * 4000)
    assert errors(path, "GeoPackage") == ["file_damaged"]
