"""A file of plots, read into EPSG:4326 with everything that is wrong with it, all at once.

Run it in a fresh interpreter (the caller's sandbox): files come from strangers. The result can be pickled.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas
import shapely

from gis import readers
from gis.archive import ArchiveLimits
from gis.checks import PLOT, Extent, check_geometries
from gis.crs import LONLAT, Pipeline, remarks, to_lonlat
from gis.issue import Issue, Place

FIELDS = ("code", "name_zh", "name_en", "zone", "kind", "grade", "declared_area")
SUFFIXES = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".zip": "Shapefile",
    ".csv": "CSV",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a foreign file maps onto ours: our field -> its column, the column of WKT, its datum, its text encoding."""

    columns: Mapping[str, str] = field(default_factory=dict)
    geometry: str = "geometry"
    crs: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class PlotsFile:
    """What a file holds. `frame`: row (first record 1), our fields as text or None, geometry in EPSG:4326.

    With an error among the issues nothing may be imported; `pipeline` says how the coordinates were transformed.
    """

    frame: geopandas.GeoDataFrame
    issues: list[Issue]
    pipeline: Pipeline | None

    @property
    def errors(self) -> list[Issue]:
        """Return the issues that forbid the import."""
        return [issue for issue in self.issues if not issue.is_remark]


def format_of(name: str) -> str:
    """Return the format that a file's name declares, "" for one that cannot be imported.

    >>> format_of("plots.GPKG"), format_of("plots.kml")
    ('GeoPackage', '')
    """
    return SUFFIXES.get(Path(name).suffix.lower(), "")


def read_plots(
    path: Path,
    declared: str,
    layout: Layout | None = None,
    extent: Extent | None = None,
    limits: ArchiveLimits | None = None,
) -> PlotsFile:
    """Read a file under a server-made path; `declared` is the format that its original name says.

    The content must begin as that format does. Geometries are checked as plots, never repaired.
    """
    wanted = layout or Layout()
    encoding = readers.known_encoding(wanted.encoding) if wanted.encoding else None
    if wanted.encoding and encoding is None:
        return _nothing([Issue("encoding_unusable", details={"encoding": wanted.encoding[:20]})])
    table = _table(path, declared, wanted, encoding, limits or ArchiveLimits())
    if not table.columns and not len(table.geometries):
        return _nothing(table.issues or [Issue("file_empty")])
    crs = wanted.crs or table.crs
    if not crs:
        return _nothing([*table.issues, Issue("crs_missing")])
    heights = [_height(number) for number in np.flatnonzero(shapely.has_z(table.geometries))]
    geometries, stated = to_lonlat(table.geometries, crs)
    if isinstance(stated, Issue):
        return _nothing([*table.issues, stated])
    fields, missing = _fields(table.columns, wanted.columns, len(geometries))
    unreadable = {issue.place.row for issue in table.issues if not issue.is_remark}
    checked = [i for i in check_geometries(geometries, PLOT.inside(extent)) if i.place.row not in unreadable]
    noted = {issue.place.row for issue in table.issues if issue.code == "z_dropped"}
    issues = table.issues + [i for i in heights if i.place.row not in noted] + remarks(stated) + missing + checked
    frame = geopandas.GeoDataFrame(
        {"row": np.arange(1, len(geometries) + 1), **fields}, geometry=geometries, crs=LONLAT
    )
    return PlotsFile(frame, sorted(issues, key=lambda issue: issue.place.row or 0), stated)


def _height(number: Any) -> Issue:
    return Issue("z_dropped", Place(int(number) + 1))


def _nothing(issues: list[Issue]) -> PlotsFile:
    empty = geopandas.GeoDataFrame({"row": [], **{name: [] for name in FIELDS}}, geometry=[], crs=LONLAT)
    return PlotsFile(empty, issues, None)


def _table(path: Path, declared: str, layout: Layout, encoding: str | None, limits: ArchiveLimits) -> readers.Table:
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    mismatch = readers.Table(issues=[Issue("format_mismatch", details={"format": declared})])
    if declared == "GeoPackage":
        return readers.read_geopackage(path, encoding) if start.startswith(readers.GPKG_MAGIC) else mismatch
    if declared == "Shapefile":
        fits = start.startswith(readers.ZIP_MAGIC)
        return readers.read_shapefile(path, encoding, not layout.crs, limits) if fits else mismatch
    if declared == "GeoJSON":
        return readers.read_geojson(path) if start.startswith(b"{") else mismatch
    if declared == "CSV":
        table = readers.read_csv(path, layout.geometry, encoding)
        table.crs = LONLAT
        return table
    return readers.Table(issues=[Issue("format_unknown", details={"format": declared[:20]})])


def _fields(
    columns: Mapping[str, list[Any]], mapping: Mapping[str, str], count: int
) -> tuple[dict[str, "pandas.Series[Any]"], list[Issue]]:
    """Return our fields as columns of text or None; a column that the layout names, or the code, must be there."""
    fields: dict[str, pandas.Series[Any]] = {}
    issues = []
    for name in FIELDS:
        source = mapping.get(name, name)
        values = columns.get(source)
        if values is None and (name in mapping or name == "code"):
            issues.append(Issue("column_missing", Place(column=source), {"column": source}))
        issues += [
            Issue("cell_unusable", Place(row, source))
            for row, value in enumerate(values or (), 1)
            if isinstance(value, list | dict)
        ]
        cells = [plain(value) for value in values] if values else [None] * count
        fields[name] = pandas.Series(cells, dtype=object)
    return fields, issues


def plain(value: Any) -> str | None:
    """Return a cell as text without blanks around it, None for an empty one; whole floats lose their ".0".

    >>> plain(142.0), plain(" J2-008 "), plain(float("nan")), plain(""), plain(0.1)
    ('142', 'J2-008', None, None, '0.1')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None
