"""Versions with two times against a model, and tables that the database itself never changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection, Integer, Table, UniqueConstraint, create_engine, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel, select

from service.access.actions import answer_grant
from service.access.queries import actor_of, user_by_code
from service.access.rules import Answer
from service.core.actor import Role
from service.core.db import now
from service.core.temporal import true_on
from service.documents.rules import On
from service.exchange.models import Import, SetAside
from service.findings.actions import add_photo
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.plots.models import Plot, PlotVersion, Zone
from tests.conftest import World
from tests.park import HOST, YEAR, amend, changed, square
from tests.service.full_world import add_user_like, paper, propose

Row = dict[str, Any]
COUNTS: Row = {"rows": 1, "written": 0, "unchanged": 0, "set_aside": 1}
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
FIRST, KNOWN = date(2013, 1, 1), datetime(2013, 1, 1, tzinfo=UTC)


def version(plot: Plot, zone: Zone, number: int, step: tuple[int, int | None, int]) -> PlotVersion:
    """Return the n-th version, recorded `step[2]` hours in: equal instants are told apart by the id."""
    begin, days, hour = step
    first = FIRST + timedelta(days=begin)
    facts: dict[str, Any] = vars(square("X", 118.8, 31.9, zone.id)) | {"name_en": str(number)}
    del facts["code"]
    facts |= {"valid_from": first, "valid_to": days and first + timedelta(days=days)}
    return PlotVersion(subject_id=plot.id, recorded_at=KNOWN + timedelta(hours=hour), **facts)


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


APPEND_ONLY = sorted(
    (table for table in SQLModel.metadata.tables.values() if "append_only" in table.info), key=lambda table: table.name
)


def unique_keys(table: Table) -> list[tuple[str, ...]]:
    """Return every set of columns that is unique: the primary key, constraints and indexes."""
    keys = [tuple(column.name for column in table.primary_key.columns)]
    keys += [tuple(c.name for c in u.columns) for u in table.constraints if isinstance(u, UniqueConstraint)]
    keys += [tuple(c.name for c in index.columns) for index in table.indexes if index.unique]
    keys += [(column.name,) for column in table.columns if column.unique]
    return sorted(set(keys))


@pytest.fixture
def filled(world: World) -> Iterator[Connection]:
    """Yield a connection past the door, to a park whose append-only tables all have rows."""
    live_a_month(world)
    engine = create_engine(world.url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def live_a_month(world: World) -> None:
    """Let every kind of record come into being."""
    world.on(date(2013, 1, 5))
    finding = world.file("N-1")
    world.confirm(finding)
    world.act("inspector", add_photo, finding, JPEG, sha256(JPEG).hexdigest())
    paper(world, "manager", On.PLOT, world.plots["N-1"], "图纸")
    with world.session("host", write=True) as session:
        batch = Import(kind="scores", file_name="a.csv", sha256="0", at=now(session), by="host:test", **COUNTS)
        session.add(batch)
        session.flush()
        session.add(SetAside(import_id=batch.id, row=1, reason="missing", name="x", content={}))
        days: Row = {"valid_from": date(2013, 1, 5), "valid_to": date(2013, 1, 6)}
        given: Row = {
            "channel": "patrol",
            "score": Decimal(90),
            "recorded_at": now(session),
            "recorded_by": "host:test",
        }
        enter_scores(session, HOST, [Score(plot_id=world.plots["S-2"], **days, **given)], source=batch)
    world.act("host", add_user_like, "admin-2", Role.ADMIN)
    world.actors["admin-2"] = actor_of(world.read("host", user_by_code, "admin-2"))
    world.act("admin", answer_grant, world.act("admin-2", propose, "viewer"), Answer.DECLINED)
    world.on(date(2013, 2, 1))
    world.act("manager", amend, "C1", changed("N-1", YEAR, "900"))
    world.settle("C1", 1)


def test_there_are_tables_that_never_change() -> None:
    assert len(APPEND_ONLY) >= 19
    named = {"contract", "contract_line_version", "plot_version", "finding", "finding_event", "score", "scheme_version"}
    named |= {"statement", "statement_line", "statement_decision", "statement_finding", "audit_event"}
    assert named <= {table.name for table in APPEND_ONLY}


def test_the_database_refuses_to_change_any_row(filled: Connection) -> None:
    """UPDATE, DELETE, TRUNCATE, REPLACE and upserts by every unique key: whoever connects, the trigger says no."""
    before = {table.name: _rows(filled, table) for table in APPEND_ONLY}
    assert [name for name, rows in before.items() if not rows] == [], "nothing to protect: let `live_a_month` write it"
    ways = _ways_on_sqlite if filled.dialect.name == "sqlite" else _ways_on_postgresql
    allowed, tried = [], 0
    for table in APPEND_ONLY:
        for statement, values in list(ways(filled, table, dict(before[table.name][0]))):
            filled.rollback()
            tried += 1
            try:
                filled.execute(text(statement), values)
            except DatabaseError as error:
                if "append-only" in str(error.orig):
                    continue
            allowed.append(statement)
    filled.rollback()
    assert allowed == []
    assert tried >= 4 * len(APPEND_ONLY)
    assert {table.name: _rows(filled, table) for table in APPEND_ONLY} == before


def _rows(connection: Connection, table: Table) -> list[Row]:
    return [dict(row) for row in connection.execute(text(f'SELECT * FROM "{table.name}"')).mappings()]


def _plain_ways(table: Table) -> Iterator[tuple[str, Row]]:
    column = next(column.name for column in table.columns if not column.primary_key)
    yield f'UPDATE "{table.name}" SET "{column}" = "{column}"', {}
    if table.info["append_only"] == "for ever":
        yield f'DELETE FROM "{table.name}"', {}


def _ways_on_postgresql(_connection: Connection, table: Table, _row: Row) -> Iterator[tuple[str, Row]]:
    yield from _plain_ways(table)
    yield f'TRUNCATE "{table.name}" CASCADE', {}
    for key in unique_keys(table):
        again = f'INSERT INTO "{table.name}" SELECT * FROM "{table.name}" LIMIT 1'
        columns = ", ".join(f'"{name}"' for name in key)
        yield f'{again} ON CONFLICT ({columns}) DO UPDATE SET "{key[0]}" = EXCLUDED."{key[0]}"', {}


def _ways_on_sqlite(connection: Connection, table: Table, row: Row) -> Iterator[tuple[str, Row]]:
    """Rows that have one unique key of an old row and are new in every other, which REPLACE would put in its place."""
    yield from _plain_ways(table)
    keys = unique_keys(table)
    columns, places = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    for key in keys:
        others = {name for other in keys for name in other if name not in key}
        fresh = row | {name: _other(row[name]) for name in others}
        yield f'REPLACE INTO "{table.name}" ({columns}) VALUES ({places})', fresh
    if not isinstance(table.primary_key.columns.values()[0].type, Integer):
        rowid = connection.execute(text(f'SELECT rowid FROM "{table.name}"')).scalars().first()
        fresh = row | {name: _other(row[name]) for key in keys for name in key} | {"_rowid": rowid}
        yield f'REPLACE INTO "{table.name}" (rowid, {columns}) VALUES (:_rowid, {places})', fresh


def _other(value: Any) -> Any:
    return value + 1_000_000 if isinstance(value, int) else f"{value}-other"
