"""Whether a database is set up and whole, asked of the engine itself."""

from collections.abc import Iterator

from sqlalchemy import exists, func, select
from sqlmodel import Session, SQLModel

from service.core.db import PRAGMAS, Database
from service.core.errors import Issue
from service.core.geometry import misplaced_boxes
from service.core.i18n import N_

NOT_SET_UP = N_("The database is not set up with {pragma}.")
NOT_WHOLE = N_("The database says: {finding}")
UNGUARDED = N_("The database itself no longer refuses changes of {table}.")
GUARDS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
NO_BOX = N_("{count} shapes and boxes of the spatial index do not belong together.")
EXPECTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "busy_timeout": 5000}


def setup_issues(session: Session, database: Database) -> Iterator[Issue]:
    """Yield the settings of SQLite that did not take; without them a crash or a stranger's schema could do harm."""
    if not database.is_sqlite:
        return
    for pragma in PRAGMAS:
        name = pragma.split("=")[0]
        if session.connection().exec_driver_sql(f"PRAGMA {name}").scalar() != EXPECTED[name]:
            yield Issue("not_set_up", name, NOT_SET_UP, {"pragma": pragma})


def database_issues(session: Session, database: Database) -> Iterator[Issue]:
    """Yield what the engine finds wrong. On PostgreSQL only what SQL can see: it checks its own pages."""
    yield from setup_issues(session, database)
    yield from _unguarded(session, database)
    if not database.is_sqlite:
        yield from _broken_keys(session)
        return
    connection = session.connection()
    for (finding,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if finding != "ok":
            yield Issue("not_whole", "integrity_check", NOT_WHOLE, {"finding": finding})
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Issue("not_whole", f"{row[0]} {row[1]}", NOT_WHOLE, {"finding": f"foreign key to {row[2]}"})
    if count := len(misplaced_boxes(session)):
        yield Issue("no_box", "plot_box", NO_BOX, {"count": count})


def _unguarded(session: Session, database: Database) -> Iterator[Issue]:
    """Yield the tables of which the database itself should refuse changes, and no longer does."""
    connection = session.connection()
    guards = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if database.is_sqlite else GUARDS
    there = {str(name) for (name,) in connection.exec_driver_sql(guards)}
    for table in sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name):
        if kept := table.info.get("append_only"):
            verbs = ["update", "insert", *([] if kept == "erasable" else ["delete"])]
            needed = {f"{table.name}_{verb}" for verb in (verbs if database.is_sqlite else ["append_only"])}
            if needed - there:
                yield Issue("unguarded", table.name, UNGUARDED, {"table": table.name})


def _broken_keys(session: Session) -> Iterator[Issue]:
    """Yield the foreign keys of PostgreSQL that somebody has got past, with its triggers switched off."""
    for table in SQLModel.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            mine, other = key.parent, key.column.table.alias()
            lost = ~exists().where(other.c[key.column.name] == mine)
            query = select(func.count()).select_from(table).where(mine.is_not(None), lost)
            if count := session.connection().execute(query).scalar_one():
                finding = f"{count} without their {key.column.table.name}"
                yield Issue("not_whole", f"{table.name} {mine.name}", NOT_WHOLE, {"finding": finding})
