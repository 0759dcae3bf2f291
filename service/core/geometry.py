"""Shapes in the database: WKB beside an R*Tree on SQLite, `geometry` with GiST on PostGIS. Lon/lat, EPSG:4326."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Float, LargeBinary, func, literal_column, text, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine, UserDefinedType
from sqlmodel import Session

SRID = 4326


class _PostgisGeometry(UserDefinedType[str]):
    """The column type as PostgreSQL spells it."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_: Any) -> str:
        """Return the type with its kind and SRID, so that QGIS knows the layer."""
        return f"geometry({self.kind},{SRID})"


class Shape(TypeDecorator[shapely.Geometry]):
    """A shapely geometry, written also from its WKB; `kind` is the PostGIS kind (MultiPolygon, Point)."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_PostgisGeometry(self.kind))
        return dialect.type_descriptor(LargeBinary())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write WKB; on PostGIS as EWKB with the SRID."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            shape = shapely.from_wkb(value) if isinstance(value, bytes) else value
            return shapely.to_wkb(shapely.set_srid(shape, SRID), hex=True, include_srid=True)
        return value if isinstance(value, bytes) else shapely.to_wkb(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> shapely.Geometry | None:
        """Read a shape, without SRID."""
        return None if value is None else shapely.set_srid(shapely.from_wkb(value), 0)


def as_stored(column: Any) -> ColumnElement[Any]:
    """Select shapes as the database keeps them, for `read_shapes` to read many at once."""
    return type_coerce(column, NullType())


def read_shapes(stored: Sequence[Any]) -> NDArray[np.object_]:
    """Read shapes that were selected as stored, without SRID."""
    read: NDArray[np.object_] = shapely.set_srid(shapely.from_wkb(np.array(stored, dtype=object)), 0)
    return read


Box = tuple[float, float, float, float]  # west, south, east, north in degrees


def index_shapes(session: Session, ids: Sequence[UUID], shapes: NDArray[np.object_]) -> None:
    """Enter the boxes of new plot versions into the R*Tree, in the same transaction. PostGIS keeps its own index."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    rows = [(*_outward(box), row_id.hex) for row_id, box in zip(ids, shapely.bounds(shapes).tolist(), strict=True)]
    enter = (
        "INSERT INTO plot_box (id, west, south, east, north) SELECT rowid, ?, ?, ?, ? FROM plot_version WHERE id = ?"
    )
    if rows:
        connection.exec_driver_sql(enter, rows)


def touches(session: Session, box: Box) -> ColumnElement[bool]:
    """Keep the plot versions whose boxes touch a box. Use it in a statement that selects from plot_version."""
    west, south, east, north = box
    if session.connection().dialect.name == "sqlite":
        boxes = "SELECT id FROM plot_box WHERE west <= :e AND east >= :w AND south <= :n AND north >= :s"
        inside = f"plot_version.rowid IN ({boxes})"
    else:
        inside = "plot_version.shape && ST_MakeEnvelope(:w, :s, :e, :n, 4326)"
    return text(inside).bindparams(w=west, s=south, e=east, n=north)  # type: ignore[return-value]


def edges(session: Session) -> list[ColumnElement[float]]:
    """Give the least west and south and the greatest east and north of the plot versions that a statement selects."""
    if session.connection().dialect.name == "sqlite":
        side = "(SELECT {} FROM plot_box WHERE plot_box.id = plot_version.rowid)"
        sides = [side.format(name) for name in ("west", "south", "east", "north")]
    else:
        sides = [f"ST_{name}(plot_version.shape)" for name in ("XMin", "YMin", "XMax", "YMax")]
    west, south, east, north = (literal_column(side, Float) for side in sides)
    return [func.min(west), func.min(south), func.max(east), func.max(north)]


def misplaced_boxes(session: Session) -> list[int]:
    """Return the rowids at which R*Tree and plot versions differ: no box, no version, or a box too small."""
    connection = session.connection()
    boxes = {row[0]: row[1:] for row in connection.exec_driver_sql("SELECT id, west, south, east, north FROM plot_box")}
    shapes = dict(map(tuple, connection.exec_driver_sql("SELECT rowid, shape FROM plot_version")))
    wrong = sorted(boxes.keys() ^ shapes.keys())
    common = sorted(boxes.keys() & shapes.keys())
    bounds = shapely.bounds(shapely.from_wkb([shapes[rowid] for rowid in common], on_invalid="ignore"))
    for rowid, (west, south, east, north) in zip(common, bounds.tolist(), strict=True):
        box = boxes[rowid]
        if not (box[0] <= west and box[1] <= south and box[2] >= east and box[3] >= north):
            wrong.append(rowid)
    return wrong


def _outward(bounds: Box) -> Box:
    """R*Tree keeps 32-bit floats: widen the box so that rounding never loses a shape."""
    margin = 1e-5
    west, south, east, north = bounds
    return west - margin, south - margin, east + margin, north + margin
