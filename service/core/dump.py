"""A whole database into one file, as it is at one moment, and back. PostgreSQL does it with its own programs."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import func, make_url, select
from sqlmodel import Session, SQLModel

from service.core.actor import Actor
from service.core.db import Database
from service.core.disk import private
from service.core.errors import Conflict, Invalid
from service.core.i18n import N_

# PostGIS and its companions come with their own tables
FOREIGN_TO_EXTENSIONS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


class ToolMissing(Invalid):
    """PostgreSQL is dumped and restored by its own programs."""

    code, message = "tool_missing", N_("{tool} is not on the PATH; install the client programs of PostgreSQL.")


class ToolTooOld(Invalid):
    """A program of an older major version cannot read a newer server or archive."""

    code, message = "tool_too_old", N_("{tool} is of PostgreSQL {found}; {needed} or newer is needed.")


class ToolFailed(Conflict):
    """A program of PostgreSQL gave up."""

    code, message = "tool_failed", N_("{tool} failed: {problem}")


@contextmanager
def frozen(database: Database, actor: Actor, place: Path) -> Iterator[Session]:
    """Write the database into a new file as it is at one moment; yield a session that sees that very moment."""
    if database.is_sqlite:
        private(place).close()
        _copy(Path(str(database.engine.url.database)), place)
        copied = Database(f"sqlite:///{place}", clock=database.clock, zone=database.zone)
        try:
            with copied.transaction(actor, write=False) as session:
                yield session
        finally:
            copied.engine.dispose()
        return
    with database.transaction(actor, write=False, repeatable=True) as session:
        program = tool("pg_dump", server_version(session))
        snapshot = session.connection().exec_driver_sql("SELECT pg_export_snapshot()").scalar()
        private(place).close()
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={place}"]
        _run(program, options, database)
        yield session


def _copy(source: Path, place: Path) -> None:
    """Copy in one step, hence in one read transaction: writers go on, and none of what they do comes with it."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(place)) as copy:
        live.backup(copy, pages=-1)


def fill(database: Database, dump: Path, *, version: int) -> None:
    """Bring a dump of PostgreSQL into an empty database, all or nothing. `version`: of the server it came from."""
    with closing(database.engine.connect()) as connection:
        server = _major(str(connection.exec_driver_sql("SHOW server_version_num").scalar()))
    program = tool("pg_restore", max(version, server))
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments", str(dump)]
    _run(program, options, database)


def is_empty(database: Database) -> bool:
    """Tell whether a PostgreSQL database holds nothing but what extensions brought."""
    with closing(database.engine.connect()) as connection:
        return connection.exec_driver_sql(FOREIGN_TO_EXTENSIONS.replace("%", "%%")).scalar() == 0


def counts(session: Session) -> dict[str, int]:
    """Return how many rows each table holds, whoever may see them."""
    tables = sorted(SQLModel.metadata.tables.items())
    connection = session.connection()
    return {name: connection.execute(select(func.count()).select_from(t)).scalar_one() for name, t in tables}


def server_version(session: Session) -> int:
    """Return the major version of PostgreSQL; 0 on SQLite."""
    if session.connection().dialect.name == "sqlite":
        return 0
    return _major(str(session.connection().exec_driver_sql("SHOW server_version_num").scalar()))


def tool(name: str, needed: int) -> str:
    """Return the path of a program of PostgreSQL, at least of this major version."""
    path = shutil.which(name)
    if path is None:
        raise ToolMissing(tool=name)
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", said)
    if number is None or int(number[0]) < needed:
        raise ToolTooOld(tool=name, found=number[0] if number else "?", needed=needed)
    return path


def _major(number: str) -> int:
    return int(number) // 10_000


def _run(program: str, options: list[str], database: Database) -> None:
    """Run a program on the database; its password goes by the environment, where other accounts cannot see it."""
    facts = _facts(database)
    password = facts.pop("password", "")
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    where = " ".join(f"{name}='{_quoted(value)}'" for name, value in facts.items())
    done = subprocess.run(
        [program, f"--dbname={where}", *options], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise ToolFailed(tool=Path(program).name, problem=" ".join(said[:3])[:500] or str(done.returncode))


def _facts(database: Database) -> dict[str, str]:
    """Return how the driver would connect, in libpq's words."""
    url = make_url(database.engine.url)
    _positional, named = database.engine.dialect.create_connect_args(url)
    return {name: str(value) for name, value in named.items() if name != "context"}


def _quoted(value: str) -> str:
    r"""Escape a value for libpq.

    >>> _quoted("it's")
    "it\\'s"
    """
    return value.replace("\\", "\\\\").replace("'", "\\'")
