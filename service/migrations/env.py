"""Alembic runs this for each command."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel

from service import models
from service.core.columns import Word
from service.core.db import Database
from service.core.geometry import Shape
from service.core.quantities import Scaled

COMPLETE = models  # imported so that the metadata is complete


def render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write plain types into migrations: they must not change when the program does."""
    if kind != "type":
        return False
    if isinstance(item, Shape):
        _autogen.imports.add("from service.core.geometry import Shape")
        return f'Shape("{item.kind}")'
    if isinstance(item, Word):
        return "sa.String()"
    if isinstance(item, Scaled):
        return "sa.BigInteger()"
    if type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    if type(item).__name__ == "AutoString":
        return "sa.String()"
    return False


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    """Leave alone what models do not say: R*Tree and GiST, QGIS's catalogue, PostGIS's own tables."""
    foreign = ("plot_box", "geometry_columns", "spatial_ref_sys", "alembic_version", "layer", "topology")
    spatial = ("plot_version_shape", "finding_point")
    return not ((kind == "table" and (name or "").startswith(foreign)) or (kind == "index" and name in spatial))


def run() -> None:
    """Run the migrations in one transaction."""
    database = Database(context.config.attributes["url"])
    with database.engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_item=render,
            include_object=ours,
            render_as_batch=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    database.engine.dispose()


run()
