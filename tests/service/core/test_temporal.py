"""Versions with two times against a model, and tables that the database itself never changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, UniqueConstraint, create_engine, insert, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel, col, select

from service.core.ids import new_id
from service.core.temporal import true_on
from service.plots.models import Plot, PlotVersion, Zone
from service.standards.models import Grade
from tests.conftest import World
from tests.park import square

FIRST, KNOWN = date(2013, 1, 1), datetime(2013, 1, 1, tzinfo=UTC)
STEPS = st.tuples(st.integers(0, 8), st.integers(1, 8) | st.none(), st.integers(0, 3))


def version(plot: Plot, zone: Zone, number: int, step: tuple[int, int | None, int]) -> PlotVersion:
    """Return the n-th version, recorded `step[2]` hours in: equal instants are told apart by the id."""
    begin, days, hour = step
    first = FIRST + timedelta(days=begin)
    facts: dict[str, Any] = vars(square("X", 118.8, 31.9, zone.id)) | {"name_en": str(number)}
    del facts["code"]
    valid = {"valid_from": first, "valid_to": days and first + timedelta(days=days)}
    return PlotVersion(subject_id=plot.id, recorded_at=KNOWN + timedelta(hours=hour), **valid, **facts)


@pytest.mark.parametrize("seed", range(4))
def test_the_latest_knowledge_of_a_day_wins_as_in_a_list_read_backwards(world: World, seed: int) -> None:
    """Every day x every instant, against the plainest model there is: the last row of those that hold and are known."""
    steps = [((seed * 5 + n * 3) % 8, (n * seed) % 5 or None, (n * 7 + seed) % 3) for n in range(1, 9)]
    with world.session("host", write=True) as session:
        zone = session.exec(select(Zone).where(Zone.code == "S")).one()
        plot = Plot(code="X")
        session.add(plot)
        session.flush()
        rows = [version(plot, zone, n, step) for n, step in enumerate(steps)]
        session.add_all(rows)
        session.flush()
        for day, hour in ((d, h) for d in range(16) for h in (-1, 0, 1, 2, None)):
            at = FIRST + timedelta(days=day)
            known = None if hour is None else KNOWN + timedelta(hours=hour)
            query = select(PlotVersion.name_en).where(
                PlotVersion.subject_id == plot.id, true_on(PlotVersion, as_of=at, known_at=known)
            )
            holding = [r for r in rows if r.span.holds(at) and (known is None or r.recorded_at <= known)]
            expected = [max(holding, key=lambda r: (r.recorded_at, r.id)).name_en] if holding else []
            assert list(session.exec(query)) == expected, (day, hour)


@given(STEPS)
def test_a_version_holds_for_its_days(step: tuple[int, int | None, int]) -> None:
    row = version(Plot(code="X"), Zone(id=new_id(), code="Z", path="/Z/", name_zh="", name_en=""), 0, step)
    assert row.span.holds(row.valid_from)
    assert row.span.valid_to is None or not row.span.holds(row.span.valid_to)


APPEND_ONLY = sorted(
    (table for table in SQLModel.metadata.tables.values() if "append_only" in table.info), key=lambda table: table.name
)
each_table = pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table.name)


def unique_keys(table: Table) -> list[tuple[str, ...]]:
    """Return every set of columns that is unique: the primary key, constraints and indexes."""
    keys = [tuple(column.name for column in table.primary_key.columns)]
    keys += [tuple(c.name for c in u.columns) for u in table.constraints if isinstance(u, UniqueConstraint)]
    keys += [tuple(c.name for c in index.columns) for index in table.indexes if index.unique]
    keys += [(column.name,) for column in table.columns if column.unique]
    return sorted(set(keys))


@pytest.fixture
def filled(world: World) -> Iterator[Connection]:
    """Yield a connection past the door, to the park after a month with a finding, a photo, scores and a statement."""
    world.live_a_month()
    engine = create_engine(world.url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_there_are_tables_that_never_change() -> None:
    assert len(APPEND_ONLY) >= 19
    named = {"contract", "contract_line_version", "plot_version", "finding", "finding_event", "score", "scheme_version"}
    named |= {"statement", "statement_line", "statement_decision", "statement_finding", "audit_event"}
    assert named <= {table.name for table in APPEND_ONLY}


@each_table
def test_the_database_refuses_to_change_a_row(filled: Connection, table: Table) -> None:
    """UPDATE, DELETE, TRUNCATE, REPLACE by every unique key, upserts: whoever connects, the trigger says no."""
    name = table.name
    before = filled.execute(text(f'SELECT * FROM "{name}"')).mappings().all()
    assert before, f"nothing in {name} to protect: let `live_a_month` write a row"
    row, column = dict(before[0]), next(c.name for c in table.columns if not c.primary_key)
    attempts = [(f'UPDATE "{name}" SET "{column}" = "{column}"', {})]
    attempts += [(f'DELETE FROM "{name}"', {})] if table.info["append_only"] == "for ever" else []
    attempts += list(_again(filled, table, row))
    if filled.dialect.name == "postgresql":
        attempts += [(f'TRUNCATE "{name}" CASCADE', {})]
    filled.rollback()
    for statement, values in attempts:
        with pytest.raises(DatabaseError, match="append-only"):
            filled.execute(text(statement), values)
        filled.rollback()
    after = filled.execute(text(f'SELECT * FROM "{name}"')).mappings().all()
    assert after == before


def _again(connection: Connection, table: Table, row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ways to write a row again that has one unique key of an old one and is new in all else."""
    columns = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f":{name}" for name in row)
    sqlite = connection.dialect.name == "sqlite"
    for key in unique_keys(table):
        others = {name for other in unique_keys(table) if other != key for name in other if name not in key}
        fresh = row | {name: _other(row[name], name, table) for name in others}
        if sqlite:
            yield f'REPLACE INTO "{table.name}" ({columns}) VALUES ({places})', fresh
        else:
            target, kept = ", ".join(f'"{name}"' for name in key), next(iter(key))
            upsert = f'ON CONFLICT ({target}) DO UPDATE SET "{kept}" = EXCLUDED."{kept}"'
            spelt = ", ".join(_spelt(table, name) for name in row)
            yield f'INSERT INTO "{table.name}" ({columns}) VALUES ({spelt}) {upsert}', fresh
    if sqlite:
        [rowid] = connection.execute(text(f'SELECT rowid FROM "{table.name}" LIMIT 1')).one()
        fresh = row | {name: _other(row[name], name, table) for key in unique_keys(table) for name in key}
        yield (
            f'REPLACE INTO "{table.name}" (rowid, {columns}) VALUES (:_rowid, {places})',
            fresh | {"_rowid": rowid},
        )
