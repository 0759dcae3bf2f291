"""From any datum to longitude and latitude of EPSG:4326 by a pipeline that is stated and kept."""

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from gis.gcj import bd09_to_wgs84, gcj02_to_wgs84
from gis.issue import Issue, Place

LONLAT = "EPSG:4326"
CHINESE_SHIFTS = {"GCJ-02": gcj02_to_wgs84, "BD-09": bd09_to_wgs84}
KNOWN_NAME = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|OGC)(?::[0-9.]*)?:([A-Za-z0-9]{1,8})", re.ASCII | re.IGNORECASE)
WKT_LIMIT = 8_000
Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How coordinates became EPSG:4326: PROJ's own text, and its release."""

    source: str
    steps: str
    proj: str
    is_ballpark: bool

    @property
    def name(self) -> str:
        """Return the one line that is stored beside every plot version."""
        return f"{self.source} -> {LONLAT} (PROJ {self.proj}): {self.steps}"


def authority_code(text: str) -> str:
    """Return "EPSG:2227" for the spellings that files use; "" for anything else, so no file or URL is ever opened.

    >>> authority_code("urn:ogc:def:crs:EPSG::4549"), authority_code("epsg:3857"), authority_code("/etc/passwd")
    ('EPSG:4549', 'EPSG:3857', '')
    >>> authority_code("urn:ogc:def:crs:OGC:1.3:CRS84"), authority_code("4490"), authority_code("gcj02")
    ('OGC:CRS84', 'EPSG:4490', 'GCJ-02')
    """
    cleaned = text.strip().upper()
    if cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= 6:
        return f"EPSG:{cleaned}"
    shift = {name.replace("-", ""): name for name in CHINESE_SHIFTS}.get(cleaned.replace("-", ""))
    if shift:
        return shift
    found = KNOWN_NAME.fullmatch(cleaned)
    return f"{found[1]}:{found[2]}" if found else ""


@lru_cache(maxsize=64)
def _transformer(crs: str) -> tuple[pyproj.Transformer, Pipeline]:
    """Return PROJ's best pipeline; CRSError for an unknown system, ValueError for one without plane or angles."""
    with warnings.catch_warnings():  # PROJ warns of grids it lacks; the pipeline that is used is stated instead
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(_system(crs), LONLAT, always_xy=True)
    source = group.transformers[0].source_crs if group.transformers else None
    if source is None or not (source.is_geographic or source.is_projected):
        raise ValueError(crs)
    best = group.transformers[0]
    name = authority_code(crs) or source.name
    ballpark = "allpark" in best.description
    return best, Pipeline(name, best.description, pyproj.proj_version_str, ballpark)


def _system(crs: str) -> pyproj.CRS:
    """Return a coordinate system by its code, or by the WKT that a .prj file holds; no other text reaches PROJ."""
    code = authority_code(crs)
    if code:
        return pyproj.CRS.from_user_input(code)
    if "[" not in crs or len(crs) > WKT_LIMIT:
        raise CRSError(crs[:40])
    system = pyproj.CRS.from_wkt(crs)
    known = system.to_epsg(min_confidence=70)
    return pyproj.CRS.from_epsg(known) if known else system


def pipeline(crs: str) -> Pipeline | Issue:
    """Return the pipeline that `to_lonlat` will use for a coordinate system, or why there is none."""
    code = authority_code(crs)
    if code in CHINESE_SHIFTS:
        return Pipeline(code, "inverse offset by fixed-point iteration, gis.gcj version 1", "-", False)
    try:
        return _transformer(code or crs)[1]
    except CRSError:
        return Issue("crs_unknown", details={"crs": code or crs[:40]})
    except ValueError:
        return Issue("crs_unusable", details={"crs": code or crs[:40]})


def to_lonlat(geometries: Geometries, crs: str) -> tuple[Geometries, Pipeline | Issue]:
    """Return the geometries in EPSG:4326, longitude first, heights dropped; points that cannot be turned become inf."""
    stated = pipeline(crs)
    if isinstance(stated, Issue):
        return geometries, stated
    flat = shapely.force_2d(geometries)
    if stated.source in {LONLAT, "OGC:CRS84"}:
        return flat, stated
    turn = CHINESE_SHIFTS.get(stated.source) or _transformer(authority_code(crs) or crs)[0].transform
    return shapely.transform(flat, lambda xy: np.column_stack(turn(xy[:, 0], xy[:, 1]))), stated


def remarks(stated: Pipeline) -> list[Issue]:
    """Return the remark that a pipeline deserves: a ballpark step is used, and said."""
    if not stated.is_ballpark:
        return []
    return [Issue("ballpark_transformation", Place(), {"source": stated.source, "metres": 1})]
