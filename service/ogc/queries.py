"""What a tile shows of the register, with the eyes of the session's actor."""

from datetime import date, datetime

import numpy as np
from sqlmodel import Session, col, select

from gis.mvt import encode_tile
from gis.tiles import Tile
from service.contracts.queries import contractors_of
from service.core.geometry import touches
from service.core.scope import visible
from service.core.temporal import true_on
from service.plots.models import Plot, PlotVersion, Zone
from service.plots.queries import lies_below

LAYER = "plots"
NAMED_FROM = 13  # the zoom from which a plot has room for more than its colour; names are most of a tile's bytes


def tile_of(session: Session, tile: Tile, *, as_of: date, known_at: datetime | None = None, zone: str = "") -> bytes:
    """Return the plots that a tile shows on a day, by their codes; empty when there are none.

    Of each: code, kind, grade and the contractor's code; from NAMED_FROM on its names.
    """
    within = true_on(PlotVersion, as_of=as_of, known_at=known_at), touches(session, tile.box)
    holders = contractors_of(session, select(PlotVersion.subject_id).where(*within), as_of=as_of, known_at=known_at)
    version = PlotVersion
    names = (version.name_zh, version.name_en) if tile.z >= NAMED_FROM else ()
    query = select(Plot.id, version.shape, Plot.code, version.kind, version.grade, *names)  # type: ignore[call-overload]
    query = query.join(version, col(version.subject_id) == col(Plot.id)).where(*within).order_by(col(Plot.code))
    if zone:
        query = query.join(Zone).where(lies_below(zone))
    rows = session.exec(visible(query, as_of=as_of)).all()
    ids, shapes, *columns = zip(*rows, strict=True) if rows else ((), (), ())
    places = np.empty(len(rows), dtype=object)
    places[:] = shapes
    facts = dict(zip(("code", "kind", "grade", "name_zh", "name_en"), columns, strict=False))
    return encode_tile(tile, LAYER, places, facts | {"contractor": [holders.get(plot) for plot in ids]})
