"""GeoJSON answers: lon/lat (EPSG:4326), built from the shapes without a detour through Python numbers."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import orjson
import shapely
from fastapi import Depends, Query, Request, Response

from gis.geojson_out import written
from service.core.errors import Invalid
from service.core.geometry import Box
from service.core.http import Responses
from service.core.i18n import N_

MEDIA_TYPE = "application/geo+json"
ANSWERS: Responses = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}}


class BadBox(Invalid):
    """A bounding box is four numbers."""

    code, message = (
        "bad_box",
        N_("bbox is west,south,east,north in degrees: west before east, south before north."),
    )


class Feature(NamedTuple):
    """A record with its shape, None when it has none of its own."""

    id: str
    shape: shapely.Geometry | None
    properties: Mapping[str, Any]


Corners = Annotated[str, Query(alias="bbox", max_length=120, description="west,south,east,north in degrees.")]


def _box(bbox: Corners = "") -> Box | None:
    return box_of(bbox) if bbox else None


def box_of(text: str) -> Box:
    """Read a box.

    >>> box_of("120.0,31.5,120.5,32")
    (120.0, 31.5, 120.5, 32.0)
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadBox from None
    if not all(map(math.isfinite, (west, south, east, north))):
        raise BadBox
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadBox
    return west, south, east, north


BBox = Annotated[Box | None, Depends(_box)]
Format = Annotated[
    Literal["json", "geojson"] | None, Query(alias="format", description="Instead of the header Accept.")
]


def _asked(request: Request, form: Format = None) -> bool:
    return form == "geojson" or (form is None and MEDIA_TYPE in request.headers.get("accept", ""))


WantsGeoJson = Annotated[bool, Depends(_asked)]


def collection(request: Request, features: Iterable[Feature], next_mark: str | None) -> Response:
    """Answer with a FeatureCollection; where there is more, a link says where."""
    rows = _plain(list(features))
    links = []
    if next_mark:
        href = str(request.url.include_query_params(after=next_mark))
        links.append({"rel": "next", "type": MEDIA_TYPE, "href": href})
    body = {"type": "FeatureCollection", "features": rows, "numberReturned": len(rows), "links": links}
    return Response(orjson.dumps(body), media_type=MEDIA_TYPE)


def single(feature: Feature, headers: Mapping[str, str]) -> Response:
    """Answer with one feature."""
    return Response(orjson.dumps(_plain([feature])[0]), headers=dict(headers), media_type=MEDIA_TYPE)


def _plain(features: Sequence[Feature]) -> list[dict[str, Any]]:
    texts = written([feature.shape for feature in features])
    return [
        {"type": "Feature", "id": id_, "geometry": text and orjson.Fragment(text), "properties": properties}
        for (id_, _, properties), text in zip(features, texts, strict=True)
    ]
