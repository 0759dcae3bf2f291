"""HTTP face of the tiles."""

import hashlib
from typing import Annotated

from fastapi import Header, Path, Response

from gis.mvt import MEDIA_TYPE
from gis.tiles import DEEPEST, Tile
from service.audit_log.queries import head
from service.core.db import today
from service.core.errors import Invalid
from service.core.http import ActorDep, AsOf, KnownAt, ReadSession, Responses, api_router
from service.core.i18n import N_
from service.ogc import queries
from service.plots.schemas import ZoneCode

router = api_router("tiles")
ANSWERS: Responses = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
    204: {"description": "The tile shows no plot."},
    304: {"description": "Nothing was written since the answer that If-None-Match names."},
}
Zoom = Annotated[int, Path(ge=0, le=DEEPEST, description="Each zoom has twice the columns and rows of the one before.")]
Place = Annotated[int, Path(ge=0, lt=1 << DEEPEST)]
Kept = Annotated[str, Header(alias="If-None-Match", max_length=200)]


class NoSuchTile(Invalid):
    """A column or row beyond the edge of the world."""

    code, message = "no_such_tile", N_("Zoom {z} has columns and rows from 0 to {last}.")


@router.get("/plots/tiles/{z}/{x}/{y}", response_class=Response, responses=ANSWERS)
def read_tile(
    session: ReadSession,
    actor: ActorDep,
    z: Zoom,
    x: Place,
    y: Place,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    zone: ZoneCode = None,
    if_none_match: Kept = "",
) -> Response:
    """Return the plots that a tile of Web Mercator shows, as a Mapbox vector tile (2.1) with one layer, `plots`.

    Properties: code, kind, grade, contractor; from zoom 13 on name_zh and name_en. For drawing: simplified by zoom.
    """
    tile = Tile(z, x, y)
    if not tile.is_there:
        raise NoSuchTile(z=z, last=(1 << z) - 1)
    day = as_of or today(session)
    # every write makes the audit log longer, and who asks decides what is seen
    seen = (head(session).hash, actor.user_id, actor.role, actor.organisation_id, tile, day, known_at, zone)
    etag = f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if etag in if_none_match:
        return Response(status_code=304, headers=headers)
    content = queries.tile_of(session, tile, as_of=day, known_at=known_at, zone=zone or "")
    if not content:
        return Response(status_code=204, headers=headers)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
