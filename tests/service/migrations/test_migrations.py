"""From an empty database to the newest schema, on both engines."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlmodel import SQLModel

from service import models
from service.migrations import HERE, current, newest, upgrade
from tests.conftest import World
from tests.support.databases import ENGINE
from tests.support.postgres import Cluster

SPATIAL = ("plot_version_shape", "finding_point")
STATEMENTS = 100  # fewer than the first migration runs
COMPLETE = models  # imported so that the metadata is complete
FOREIGN = ("plot_box", "geometry_columns", "spatial_ref_sys", "alembic_version", "layer", "topology")
# Runs the migrations and is killed by itself just before a statement of the given number.
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from service.migrations import upgrade
left = int(sys.argv[2])
@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
upgrade(sys.argv[1])
print("statements", int(sys.argv[2]) - left)
"""


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    """Leave out what no model says: the spatial indexes, and what other programs need."""
    return not ((kind == "table" and (name or "").startswith(FOREIGN)) or (kind == "index" and name in SPATIAL))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a database without any schema."""
    if ENGINE == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster: Cluster = request.getfixturevalue("_cluster")
    with cluster.cloned() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            connection.execute(text("CREATE EXTENSION postgis SCHEMA public"))
        engine.dispose()
        yield url


def test_there_is_one_head_and_every_revision_leads_to_it() -> None:
    script = ScriptDirectory(str(HERE))
    assert len(script.get_heads()) == 1
    assert newest() == script.get_heads()[0]
    revisions = list(script.walk_revisions())
    assert revisions[-1].down_revision is None
    assert all(isinstance(revision.down_revision, str) for revision in revisions[:-1]), "one line, no branches"


def test_an_empty_database_comes_to_the_head_and_stays_there(empty_url: str) -> None:
    assert current(empty_url) is None
    upgrade(empty_url)
    assert current(empty_url) == newest()
    upgrade(empty_url)
    assert current(empty_url) == newest()


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_the_database_is_what_the_models_say(engine: Engine) -> None:
    options = {"include_object": ours, "compare_type": False}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []
    named = {name for name in inspect(engine).get_table_names() if not name.startswith(FOREIGN)}
    assert named == set(SQLModel.metadata.tables)


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_every_column_has_the_kind_that_the_models_say(engine: Engine) -> None:
    """SQLite forgives any type, PostgreSQL does not: the families must agree on both."""
    differing = []
    for name, table in SQLModel.metadata.tables.items():
        columns = {column["name"]: column["type"] for column in inspect(engine).get_columns(name)}
        for column in table.columns:
            wanted = column.type.dialect_impl(engine.dialect)
            kind = str(columns[column.name]).split("(")[0].split("[")[0].upper()
            if "shape" in column.name or ("point" in column.name and kind in ("NULL", "BLOB", "GEOMETRY")):
                continue
            said = wanted.compile(engine.dialect).split("(")[0].upper() if hasattr(wanted, "compile") else ""
            if not _alike(kind, said):
                differing.append((name, column.name, kind, said))
    assert differing == []


def _alike(kind: str, said: str) -> bool:
    families = (
        {"VARCHAR", "TEXT"},
        {"CHAR", "UUID"},
        {"DATETIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"},
        {"DOUBLE PRECISION", "FLOAT"},
    )
    return kind == said or any(kind in family and said in family for family in families)


def marked() -> list[tuple[str, str]]:
    """Return every table whose rows must never change, and whether they may be erased."""
    tables = SQLModel.metadata.tables.items()
    return sorted((name, table.info["append_only"]) for name, table in tables if "append_only" in table.info)


def test_every_table_that_is_append_only_is_guarded_by_the_database_itself(engine: Engine) -> None:
    assert len(marked()) > 10
    if ENGINE == "sqlite":
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT event_object_table, trigger_name || ' ' || event_manipulation FROM information_schema.triggers"
    with engine.connect() as connection:
        found = {(str(table), str(name)) for table, name in connection.execute(text(query))}
    wanted = set()
    for table, kept in marked():
        verbs = ["UPDATE", *([] if kept == "erasable" else ["DELETE"])]
        if ENGINE == "sqlite":
            wanted |= {(table, f"{table}_{verb.lower()}") for verb in [*verbs, "INSERT"]}
        else:
            wanted |= {(table, f"{table}_append_only {verb}") for verb in verbs}
    assert found == wanted


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "INSERT"])
def test_the_guards_hold(world: World, verb: str) -> None:
    """Try every guarded table that the small park has rows in."""
    refused, tried = set(), set()
    for table, kept in marked():
        column = SQLModel.metadata.tables[table].primary_key.columns.keys()[0]
        statement = {
            "UPDATE": f'UPDATE "{table}" SET {column} = {column}',
            "DELETE": f'DELETE FROM "{table}"',
            "INSERT": f'INSERT INTO "{table}" SELECT * FROM "{table}"',
        }[verb]
        if world.database.is_sqlite and verb == "INSERT":
            statement = statement.replace("INSERT", "INSERT OR REPLACE")
        with world.database.engine.connect() as connection:
            if not connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar() or (
                verb == "DELETE" and kept == "erasable"
            ):
                continue
            tried.add(table)
            try:
                connection.execute(text(statement))
            except Exception as error:
                if "append-only" in str(error) or (verb == "INSERT" and "duplicate key" in str(error)):
                    refused.add(table)
            connection.rollback()
    assert len(tried) >= 7
    assert refused == tried


def test_gdal_sees_the_plots_as_polygons_with_their_crs(world: World) -> None:
    program = """
import sys, pyogrio
info = pyogrio.read_info(sys.argv[1], layer="plot_version")
point = pyogrio.read_info(sys.argv[1], layer="finding")
print(info["geometry_type"], info["crs"], info["features"], point["geometry_type"], point["crs"])
"""
    if not world.database.is_sqlite:
        _as_the_catalogue_says(world)
        return
    with world.session("host"):  # the database is open and in use while somebody looks
        command = [sys.executable, "-c", program, str(world.database.engine.url.database)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_plain_environment())
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["MultiPolygon", "EPSG:4326", "4", "Point", "EPSG:4326"]


def _plain_environment() -> dict[str, str]:
    """Return an environment in which GDAL has all its drivers, as QGIS has."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OGR_", "GDAL_", "CPL_"))}


def _as_the_catalogue_says(world: World) -> None:
    """What GDAL would ask PostGIS, asked without it: its wheel comes without that driver."""
    query = text("SELECT f_table_name, type, srid FROM geometry_columns ORDER BY 1")
    with world.database.engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    assert ("plot_version", "MULTIPOLYGON", 4326) in found
    assert ("finding", "POINT", 4326) in found


def test_shapes_have_a_spatial_index(world: World) -> None:
    with world.database.engine.connect() as connection:
        if world.database.is_sqlite:
            assert connection.execute(text("SELECT count(*) FROM plot_box")).scalar() == len(world.plots)
            return
        found = dict(map(tuple, connection.execute(text("SELECT indexname, indexdef FROM pg_indexes"))))
        assert "USING gist (shape)" in found["plot_version_shape"]
        assert "USING gist (point)" in found["finding_point"]


def _killed(url: str, at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLED, url, str(at)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("share", [0.3, 0.97])
def test_a_kill_leaves_the_old_schema_or_the_new(empty_url: str, share: float) -> None:
    at = max(8, int(STATEMENTS * share))
    done = _killed(empty_url, at)
    assert done.returncode == -signal.SIGKILL, done.stdout
    assert current(empty_url) is None, "never something between"
    if ENGINE == "sqlite":
        with closing(sqlite3.connect(empty_url.removeprefix("sqlite:///"))) as raw:
            assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    upgrade(empty_url)
    assert current(empty_url) == newest()
