"""Rows that never change as the database keeps them, whoever may see them, for whoever checks what it keeps."""

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from shapely.errors import ShapelyError
from sqlalchemy import Column, Dialect, Float, Table, select
from sqlmodel import Session, SQLModel

from service.core.geometry import as_stored

BATCH = 1000  # rows asked for at once
MISREAD = (ValueError, TypeError, ArithmeticError, AttributeError, ShapelyError)  # whatever a column's type says to it


class Unreadable(NamedTuple):
    """What no column of this type can hold; SQLite lets anything stand anywhere."""

    raw: Any


def append_only_tables() -> list[Table]:
    """Return the tables of rows with an id that never change."""
    return [table for table in SQLModel.metadata.sorted_tables if table.info.get("append_only") and "id" in table.c]


def stored_rows(session: Session, table: Table, ids: Collection[UUID]) -> Iterator[dict[str, Any]]:
    """Yield those of some rows that are there, each value as the program reads it, or Unreadable."""
    connection, wanted = session.connection(), list(ids)
    readers = [(column.key, _reader(column, connection.dialect)) for column in table.c]
    for n in range(0, len(wanted), BATCH):
        query = select(*map(as_stored, table.c)).where(table.c.id.in_(wanted[n : n + BATCH]))
        for row in connection.execute(query):
            yield {name: _read(reader, value) for (name, reader), value in zip(readers, row, strict=True)}


def stored_ids(session: Session, table: Table) -> Iterator[Any]:
    """Yield the id of every row, or Unreadable."""
    connection = session.connection()
    reader = _reader(table.c.id, connection.dialect)
    for (value,) in connection.execute(select(as_stored(table.c.id)), execution_options={"yield_per": BATCH}):
        yield _read(reader, value)


def _reader(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value of ours from the driver's; None: it is one already, as floats always are."""
    own = column.type.dialect_impl(dialect)
    return None if isinstance(own, Float) else own.result_processor(dialect, None)


def _read(reader: Callable[[Any], Any] | None, value: Any) -> Any:
    try:
        return reader(value) if reader else value
    except MISREAD:
        return Unreadable(value)
