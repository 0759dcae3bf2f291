"""Streets and water of the operator's own, drawn quietly below the plots: an intranet has no tiles."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import orjson
import shapely

from gis.encode import TOLERANCE_DEGREES, UNITS_PER_DEGREE

# A street's `class` -> rank, 0 the greatest: words of city plans, and those of OpenStreetMap. A word not here is minor.
RANKS = {
    **dict.fromkeys(("motorway", "trunk", "avenue", "expressway"), 0),
    **dict.fromkeys(("primary", "arterial", "main"), 1),
    **dict.fromkeys(("secondary", "tertiary", "collector"), 2),
}
MINOR = 3
WIDTHS_M = (60.0, 45.0, 30.0, 15.0)
LINES = {"LineString", "MultiLineString"}
AREAS = {"Polygon", "MultiPolygon"}


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Layers in EPSG:4326; `name_zh` and `name_en`, or `name`, are optional columns.

    `streets` are lines with the optional columns class (a word of RANKS) and width_m, the width of the whole street.
    `water` are polygons.
    """

    streets: geopandas.GeoDataFrame | None = None
    water: geopandas.GeoDataFrame | None = None


def read_context(streets: Path | None = None, water: Path | None = None) -> Context | None:
    """Read two GeoJSON files of the operator's choice; GDAL never sees them; a ValueError names one that is none."""
    if streets is None and water is None:
        return None
    return Context(*(_read(path, path.stat().st_mtime_ns) if path else None for path in (streets, water)))


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> geopandas.GeoDataFrame:
    """Read a file once for as long as it does not change: every map shows the same streets."""
    collection = orjson.loads(path.read_bytes())
    if not isinstance(collection, dict) or not isinstance(collection.get("features"), list):
        raise ValueError(f"{path.name} is not a FeatureCollection of GeoJSON")
    features = collection["features"]
    return geopandas.GeoDataFrame.from_features(features, columns=None if features else ["geometry"], crs="EPSG:4326")


def context_columns(context: Context, language: str) -> dict[str, Any]:
    """Return what a map draws of it: each line or ring as its first point and then steps, in 1e-5 degree."""
    data: dict[str, Any] = {"streets": None, "water": None}
    if context.streets is not None:
        streets = _checked(context.streets, LINES)
        ranks = [RANKS.get(str(word), MINOR) for word in _column(streets, "class")]
        widths = [_width(value, rank) for value, rank in zip(_column(streets, "width_m"), ranks, strict=True)]
        lines = _slim(streets, rings=False)
        data["streets"] = {"name": _names(streets, language), "rank": ranks, "width_m": widths, "lines": lines}
    if context.water is not None:
        water = _checked(context.water, AREAS)
        data["water"] = {"name": _names(water, language), "rings": _slim(water, rings=True)}
    return data


def _checked(frame: geopandas.GeoDataFrame, kinds: set[str]) -> geopandas.GeoDataFrame:
    if frame.crs is None or frame.crs.to_epsg() != 4326:
        raise ValueError("a layer of context is in EPSG:4326")
    other = {str(kind) for kind in frame.geometry.geom_type} - kinds
    if other:
        raise ValueError(f"a layer of context holds {sorted(other)[0]}, and not {' or '.join(sorted(kinds))} alone")
    return frame


def _column(frame: geopandas.GeoDataFrame, name: str) -> list[Any]:
    return list(frame[name]) if name in frame else [None] * len(frame)


def _width(value: Any, rank: int) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else WIDTHS_M[rank]


def _names(frame: geopandas.GeoDataFrame, language: str) -> list[str]:
    """Return each name in the language, else in any that there is, else ''."""
    order = (f"name_{language}", "name", "name_en", "name_zh")
    choices = zip(*(_column(frame, column) for column in order), strict=True)
    return [next((name for name in names if isinstance(name, str) and name), "") for names in choices]


def _slim(frame: geopandas.GeoDataFrame, *, rings: bool) -> list[list[list[int]]]:
    shapes = shapely.simplify(frame.geometry.to_numpy(), TOLERANCE_DEGREES, preserve_topology=True)
    pieces, owner = shapely.get_parts(shapes, return_index=True)
    if rings:
        pieces, piece = shapely.get_rings(pieces, return_index=True)
        owner = owner[piece]
    steps: list[list[list[int]]] = [[] for _ in range(len(frame))]
    for line, number in zip(pieces, owner, strict=True):
        points = np.rint(shapely.get_coordinates(line) * UNITS_PER_DEGREE).astype(np.int64)
        points[1:] -= points[:-1].copy()
        steps[number].append(points.ravel().tolist())
    return steps
