"""The structure of GeoJSON (RFC 7946), checked by ourselves: GDAL reads half of the broken files without complaint."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from gis.issue import Issue, Place

# How many lists stand around a position, per type.
NESTING = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
COLLECTION_DEPTH = 4


def features(document: Any) -> list[Mapping[str, Any]]:
    """Return the features of a checked document; a bare geometry is one feature without properties."""
    if document["type"] == "FeatureCollection":
        return list(document["features"])
    if document["type"] == "Feature":
        return [document]
    return [{"type": "Feature", "properties": None, "geometry": document}]


def crs_name(document: Any) -> str:
    """Return the name in the `crs` member of older files, "" when there is none."""
    member = document.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else ""


def check_geojson(document: Any) -> list[Issue]:
    """Return errors of structure and remarks, by feature number (the first is 1); what may be a plot is judged later.

    >>> [issue.code for issue in check_geojson({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]})]
    ['ring_too_short']
    >>> check_geojson({"type": "Point", "coordinates": [1, 2]})
    []
    """
    kind = _type(document)
    if kind == "FeatureCollection":
        members = document.get("features")
        if not isinstance(members, list):
            return [Issue("document_not_geojson")]
        issues = list(_bbox(document, None))
        for number, feature in enumerate(members, 1):
            issues += _feature(feature, number)
        return issues
    if kind == "Feature":
        return list(_feature(document, 1))
    if kind == "GeometryCollection" or kind in NESTING:
        return list(_geometry(document, 1, 0))
    return [Issue("document_not_geojson")]


def _type(member: Any) -> str:
    kind = member.get("type") if isinstance(member, dict) else ""
    return kind if isinstance(kind, str) else ""


def _feature(feature: Any, number: int) -> Iterator[Issue]:
    fits = (
        isinstance(feature, dict)
        and feature.get("type") == "Feature"
        and isinstance(feature.get("properties", ""), dict | None)
        and isinstance(feature.get("geometry", ""), dict | None)
        and (isinstance(feature.get("id", ""), str | int | float) and not isinstance(feature.get("id"), bool))
    )
    if not fits:
        yield Issue("feature_unusable", Place(number))
        return
    yield from _bbox(feature, number)
    if feature["geometry"] is not None:
        yield from _geometry(feature["geometry"], number, 0)


def _geometry(geometry: Any, number: int, depth: int) -> Iterator[Issue]:
    kind = _type(geometry)
    if depth > COLLECTION_DEPTH:
        yield Issue("file_too_deep", Place(number))
    elif kind == "GeometryCollection" and isinstance(geometry.get("geometries"), list):
        yield from _bbox(geometry, number)
        for member in geometry["geometries"]:
            yield from _geometry(member, number, depth + 1)
    elif kind in NESTING:
        yield from _bbox(geometry, number)
        yield from _coordinates(kind, geometry.get("coordinates"), number)
    else:
        yield Issue("coordinates_unusable", Place(number), {"type": kind[:40] or "?"})


def _coordinates(kind: str, coordinates: Any, number: int) -> Iterator[Issue]:
    unusable = Issue("coordinates_unusable", Place(number), {"type": kind})
    lines = _lines(coordinates, NESTING[kind])
    if lines is None or (kind == "LineString" and len(lines[0]) < 2):
        yield unusable
        return
    most = max((len(position) for line in lines for position in line), default=2)
    if any(not math.isfinite(value) for line in lines for position in line for value in position):
        yield Issue("not_finite", Place(number))
        return
    if most > 3:
        yield Issue("more_dimensions_dropped", Place(number), {"count": most})
    elif most == 3:
        yield Issue("z_dropped", Place(number))
    if kind in {"Polygon", "MultiPolygon"}:
        yield from _rings(kind, coordinates, number)


def _lines(coordinates: Any, nesting: int) -> list[list[list[float]]] | None:
    """Return all lists of positions, or None when the lists do not nest as the type asks."""
    level = [coordinates]
    for _ in range(max(nesting - 1, 0)):
        if not all(isinstance(item, list) for item in level):
            return None
        level = [inner for item in level for inner in item]
    if nesting == 0:
        level = [[coordinates]]
    if all(isinstance(line, list) and all(map(_is_position, line)) for line in level):
        return level
    return None


def _is_position(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= 2 and all(type(number) in (int, float) for number in value)


def _rings(kind: str, coordinates: Any, number: int) -> Iterator[Issue]:
    turned = False
    for polygon in coordinates if kind == "MultiPolygon" else [coordinates]:
        for index, ring in enumerate(polygon):
            place = Place(number, lon=float(ring[0][0]), lat=float(ring[0][1])) if ring else Place(number)
            if not ring or ring[0][:2] != ring[-1][:2]:
                yield Issue("ring_not_closed", place)
            elif len({tuple(position[:2]) for position in ring}) < 3:
                yield Issue("ring_too_short", place)
            else:
                turned = turned or (_doubled_area(ring) < 0) == (index == 0)
    if turned:
        yield Issue("winding_order", Place(number))


def _doubled_area(ring: list[list[float]]) -> float:
    """Return twice the plane area of a ring, above zero when it turns anticlockwise."""
    west, south = ring[0][:2]
    pairs = pairwise(ring)
    return sum((a[0] - west) * (b[1] - south) - (b[0] - west) * (a[1] - south) for a, b in pairs)


def flat(member: Any) -> Any:
    """Return a checked geometry with two numbers for each position.

    >>> flat({"type": "LineString", "coordinates": [[1, 2, 3, 4], [5, 6]]})
    {'type': 'LineString', 'coordinates': [[1, 2], [5, 6]]}
    """
    if isinstance(member, dict):
        return {name: flat(value) if name in ("coordinates", "geometries") else value for name, value in member.items()}
    if _is_position(member):
        return member[:2]
    return [flat(inner) for inner in member] if isinstance(member, list) else member


def _bbox(holder: Mapping[str, Any], number: int | None) -> Iterator[Issue]:
    box = holder.get("bbox", [])
    if box == [] and "bbox" not in holder:
        return
    numeric = isinstance(box, list) and all(type(value) in (int, float) for value in box)
    if not numeric or len(box) not in (4, 6):
        yield Issue("bbox_unusable", Place(number))
        return
    first = _first_position(holder)
    half = len(box) // 2
    if first and not (box[0] <= first[0] <= box[half] and box[1] <= first[1] <= box[half + 1]):
        yield Issue("bbox_wrong", Place(number))


def _first_position(holder: Mapping[str, Any]) -> list[float] | None:
    """Return the first position of a geometry, feature or collection, to hold against its bounding box."""
    node: Any = holder
    for _ in range(2 * COLLECTION_DEPTH + 4):
        if isinstance(node, dict):
            node = node.get("coordinates") or node.get("geometry") or node.get("geometries") or node.get("features")
        elif _is_position(node):
            return list(node)
        elif isinstance(node, list) and node:
            node = node[0]
        else:
            return None
    return None
