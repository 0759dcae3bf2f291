"""GeoJSON geometries (RFC 7946), written for many shapes at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely


def written(shapes: Sequence[shapely.Geometry | None]) -> list[bytes | None]:
    """Return each shape as GeoJSON with every digit of its coordinates; None for None.

    The rings of all multipolygons, which plots are, are cut out of one array: it takes a third of the time.

    >>> written([shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), None])
    [b'{"type":"MultiPolygon","coordinates":[[[[1.0,0.0],[1.0,1.0],[0.0,1.0],[0.0,0.0],[1.0,0.0]]]]}', None]
    """
    given = np.array(shapes, dtype=object)
    several = np.flatnonzero(shapely.get_type_id(given) == shapely.GeometryType.MULTIPOLYGON)
    nested: dict[int, list[list[Any]]] = {int(number): [] for number in several}
    parts, owner = shapely.get_parts(given[several], return_index=True)
    polygons: list[list[Any]] = [[] for _ in parts]
    for number, polygon in zip(several[owner].tolist(), polygons, strict=True):
        nested[number].append(polygon)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates = shapely.get_coordinates(rings)
    ends = np.cumsum(shapely.get_num_points(rings)).tolist()
    for number, begin, end in zip(part.tolist(), [0, *ends], ends, strict=False):
        polygons[number].append(coordinates[begin:end])
    return [_text(shape, nested.get(number)) for number, shape in enumerate(given)]


def _text(shape: shapely.Geometry | None, rings: list[list[Any]] | None) -> bytes | None:
    if rings is None:
        return None if shape is None else shapely.to_geojson(shape).encode()
    return orjson.dumps({"type": "MultiPolygon", "coordinates": rings}, option=orjson.OPT_SERIALIZE_NUMPY)
