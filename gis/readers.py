"""One reader per file format: bytes of an unknown author in, a table of raw values and geometries out."""

import codecs
import csv
import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pyogrio
import pyogrio.errors
import shapely
from numpy.typing import NDArray

from gis import archive, geojson
from gis.issue import Issue, Place

WKT_CHARACTERS = 2_000_000
WKT_DEPTH = 4
WKT = re.compile(r"\s*(?:MULTI)?POLYGON\s*(?:Z|M|ZM)?\s*(?:EMPTY|\([-+0-9.eE,()\s]*\))\s*", re.IGNORECASE | re.ASCII)
ENCODINGS = frozenset({"utf-8", "gbk", "gb2312", "gb18030", "big5", "cp1252", "iso8859-1", "latin-1", "cp936", "ascii"})
DRIVERS = frozenset({"GPKG", "GeoJSON", "ESRI Shapefile"})
GPKG_MAGIC, SHP_MAGIC, ZIP_MAGIC = b"SQLite format 3\x00", b"\x00\x00\x27\x0a", b"PK\x03\x04"


@dataclass(slots=True)
class Table:
    """A file as it was read: columns by their names in the file, geometries in the file's own coordinate system."""

    columns: Mapping[str, list[Any]] = field(default_factory=dict)
    geometries: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    crs: str = ""
    issues: list[Issue] = field(default_factory=list)


def known_encoding(name: str) -> str | None:
    """Return Python's name of an encoding of text, None for one that is not on the list.

    >>> known_encoding("GBK"), known_encoding("UTF8"), known_encoding("zlib")
    ('gbk', 'utf-8', None)
    """
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    return found if found in ENCODINGS else None


def read_csv(path: Path, geometry: str, encoding: str | None) -> Table:
    """Read a CSV with a header row and a column of WKT; every cell stays text."""
    wanted = encoding or "utf-8"
    try:
        text = path.read_bytes().decode("utf-8-sig" if wanted == "utf-8" else wanted)
    except UnicodeDecodeError:
        return Table(issues=[Issue("encoding_unusable", details={"encoding": wanted})])
    if "\x00" in text:
        return Table(issues=[Issue("format_mismatch", details={"format": "CSV"})])
    csv.field_size_limit(len(text) + 1)  # a long cell is refused by its own name later
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return Table(issues=[Issue("file_damaged", details={"format": "CSV"})])
    if not records:
        return Table(issues=[Issue("file_empty")])
    header, rows = [name.strip() for name in records[0]], [record for record in records[1:] if record]
    issues = [
        Issue("row_length", Place(number), {"count": len(row), "expected": len(header)})
        for number, row in enumerate(rows, 1)
        if len(row) != len(header)
    ]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    issues += [Issue("column_twice", details={"column": name}) for name in twice]
    if geometry not in header:
        issues.append(Issue("column_missing", details={"column": geometry}))
    if issues:
        return Table(issues=issues)
    columns = {name: [row[index] for row in rows] for index, name in enumerate(header)}
    geometries, issues = parse_wkt(columns.pop(geometry), geometry)
    return Table(columns, geometries, "", issues)


def parse_wkt(texts: list[str], column: str) -> tuple[NDArray[np.object_], list[Issue]]:
    """Return polygons of WKT cells, None for an empty or a refused one; length and depth are checked before parsing."""
    issues: dict[int, Issue] = {}
    for number, text in enumerate(texts):
        place = Place(number + 1, column)
        if len(text) >= WKT_CHARACTERS:
            issues[number] = Issue("wkt_too_long", place, {"count": len(text), "limit": WKT_CHARACTERS})
        elif text.strip() and _depth(text) > WKT_DEPTH:
            issues[number] = Issue("wkt_too_deep", place)
        elif text.strip() and not WKT.fullmatch(text):
            issues[number] = Issue("wkt_unreadable", place)
    wanted = [text if number not in issues and text.strip() else None for number, text in enumerate(texts)]
    parsed = shapely.from_wkt(np.array(wanted, dtype=object), on_invalid="ignore")
    for index in np.flatnonzero(shapely.is_missing(parsed)):
        number = int(index)
        if wanted[number] is not None:
            issues[number] = Issue("geometry_unreadable", Place(number + 1, column))
    return parsed, [issues[number] for number in sorted(issues)]


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[()]", text):
        depth += 1 if bracket == "(" else -1
        deepest = max(deepest, depth)
    return deepest


def read_geojson(path: Path) -> Table:
    """Read GeoJSON by our own validator; a `crs` member of the older standard is honoured and noted."""
    try:
        document = orjson.loads(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        code = "file_too_deep" if "depth limit" in str(error) else "format_mismatch"
        return Table(issues=[Issue(code, details={"format": "GeoJSON"})])
    issues = geojson.check_geojson(document)
    if any(not issue.is_remark for issue in issues):
        return Table(issues=issues)
    found = geojson.features(document)
    properties = [feature["properties"] or {} for feature in found]
    names = dict.fromkeys(name for members in properties for name in members)
    if any(issue.code == "more_dimensions_dropped" for issue in issues):
        found = [{**feature, "geometry": geojson.flat(feature["geometry"])} for feature in found]
    texts = [orjson.dumps(f["geometry"]).decode() if f["geometry"] is not None else None for f in found]
    geometries = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    issues += [
        Issue("geometry_unreadable", Place(number))
        for number, (text, geometry) in enumerate(zip(texts, geometries, strict=True), 1)
        if text is not None and geometry is None
    ]
    columns = {name: [members.get(name) for members in properties] for name in names}
    crs = geojson.crs_name(document)
    if crs:
        issues.append(Issue("crs_from_file", details={"crs": crs[:60]}))
    return Table(columns, geometries, crs or "EPSG:4326", issues)


def read_geopackage(path: Path, encoding: str | None) -> Table:
    """Read the one layer of a GeoPackage that has geometry."""
    return _read_gdal(path, "GPKG", encoding)


def read_shapefile(path: Path, encoding: str | None, needs_crs: bool, limits: archive.ArchiveLimits) -> Table:
    """Read the one Shapefile of a zip archive; text of an unstated encoding is refused, not guessed."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        issues = archive.unpack(path, folder, limits, needs_crs)
        if issues:
            return Table(issues=issues)
        shp = folder / f"{archive.STEM}.shp"
        if not shp.read_bytes().startswith(SHP_MAGIC):
            return Table(issues=[Issue("format_mismatch", details={"format": "Shapefile"})])
        doubts = _doubts(folder, encoding)
        if any(not doubt.is_remark for doubt in doubts):
            return Table(issues=doubts)
        table = _read_gdal(shp, "ESRI Shapefile", encoding)
        table.issues = doubts + table.issues
        return table


def _doubts(folder: Path, encoding: str | None) -> list[Issue]:
    """Return what speaks against the encoding that a dbf declares by its .cpg or by byte 29."""
    content = (folder / f"{archive.STEM}.dbf").read_bytes()
    if encoding or content[32:].isascii() or len(content) < 32:
        return []
    cpg = folder / f"{archive.STEM}.cpg"
    stated = cpg.read_text("ascii", "replace").strip() if cpg.is_file() else ""
    if not stated and content[29] == 0:
        return [Issue("encoding_unknown")]
    try:
        content[int.from_bytes(content[8:10], "little") :].decode("utf-8")
    except UnicodeDecodeError:
        return []
    named = stated or f"code page {content[29]}"
    return [] if known_encoding(named) == "utf-8" else [Issue("encoding_doubtful", details={"encoding": named})]


def _read_gdal(path: Path, driver: str, encoding: str | None) -> Table:
    strangers = set(pyogrio.list_drivers()) - DRIVERS
    if strangers:
        raise RuntimeError(f"GDAL was started with drivers that gis/__init__.py does not skip: {sorted(strangers)}")
    damaged = Table(issues=[Issue("file_damaged", details={"format": driver})])
    try:
        with warnings.catch_warnings():  # what GDAL mutters about a file is said by our own issues
            warnings.simplefilter("ignore", RuntimeWarning)
            layers = [name for name, kind in pyogrio.list_layers(path) if kind]
            if len(layers) != 1:
                return Table(issues=[Issue("layers_several", details={"count": len(layers)})])
            if pyogrio.read_info(path, layer=layers[0])["driver"] != driver:
                return damaged
            meta, _, geometries, values = pyogrio.raw.read(path, layer=layers[0], encoding=encoding)
    except UnicodeDecodeError:
        return Table(issues=[Issue("encoding_unusable", details={"encoding": encoding or "?"})])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError):
        return damaged
    columns = {str(name): list(column) for name, column in zip(meta["fields"], values, strict=True)}
    parsed = shapely.from_wkb(geometries, on_invalid="ignore")
    issues = [
        Issue("geometry_unreadable", Place(number))
        for number, (raw, geometry) in enumerate(zip(geometries, parsed, strict=True), 1)
        if raw is not None and geometry is None
    ]
    return Table(columns, parsed, meta["crs"] or "", issues)
