"""One database, one transaction per request, job or command. Nothing else commits."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, tzinfo
from hashlib import sha256
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, SQLModel, create_engine
from sqlmodel.sql.expression import SelectOfScalar

from service.core.actor import Actor
from service.core.dates import Clock, half_open, system_clock
from service.core.errors import Busy, Conflict, Refusal

PATIENCE_S = 5.0  # how long a writer waits for its turn on SQLite
LOOK_AGAIN_S = 0.002  # SQLite's own waiting looks more and more seldom, and loses to whoever has just come
NO_WAIT, WAIT = "busy_timeout=0", f"busy_timeout={PATIENCE_S * 1000:.0f}"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF", WAIT)
BUSY = ("database is locked", "could not obtain lock", "deadlock detected", "canceling statement due to lock timeout")


class Database:
    """An engine, a clock, and the zone in which business dates are counted."""

    def __init__(self, url: str, clock: Clock = system_clock, zone: tzinfo = UTC) -> None:
        self.engine = create_engine(url, hide_parameters=True)
        self.clock, self.zone = clock, zone
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Tell SQLite from PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self, actor: Actor | None, *, write: bool = True, repeatable: bool = False) -> Iterator[Session]:
        """Yield a session that sees with the actor's eyes; commit on success, roll back on any exception.

        `repeatable`: all of it sees one moment, on PostgreSQL too; on SQLite every transaction does.
        """
        bind = self.engine.execution_options(sqlite_begin="IMMEDIATE" if write else "DEFERRED")
        if repeatable and not self.is_sqlite:
            bind = bind.execution_options(isolation_level="REPEATABLE READ")
        try:
            with Session(bind, expire_on_commit=False) as session, session.begin():
                session.connection()  # lock first, then look at the clock: instants follow the order of commits
                session.info.update(actor=actor, clock=self.clock, zone=self.zone)
                look_at_the_clock(session)
                yield session
        except OperationalError as error:
            if any(words in str(error.orig) for words in BUSY):
                raise Busy from error
            raise


def look_at_the_clock(session: Session) -> None:
    """Set the instant and the business date of a transaction."""
    instant = session.info["clock"]()
    session.info.update(now=instant, today=instant.astimezone(session.info["zone"]).date())


def lock(session: Session, rows: SelectOfScalar[Any]) -> None:
    """Hold rows until the transaction ends, then look at the clock: instants follow the order of commits.

    On SQLite a writer holds the whole database already.
    """
    if session.connection().dialect.name != "sqlite":
        session.exec(rows.with_for_update()).all()
        look_at_the_clock(session)


def queue(session: Session, name: str) -> None:
    """Let writers of one name follow each other, as all writers do on SQLite: the second sees what the first did."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        key = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
        look_at_the_clock(session)


def now(session: Session) -> datetime:
    """Return the one instant of this transaction."""
    instant: datetime = session.info["now"]
    return instant


def today(session: Session) -> date:
    """Return the business date of this transaction."""
    day: date = session.info["today"]
    return day


def business_date(session: Session, instant: datetime) -> date:
    """Return the date of an instant in the authority's zone."""
    zone: tzinfo = session.info["zone"]
    return instant.astimezone(zone).date()


def midnight(session: Session, day: date) -> datetime:
    """Return the instant at which a day begins in the authority's zone."""
    return datetime.combine(day, time.min, session.info["zone"])


def within_days(session: Session, first: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """Return when two days, both included, begin and are over (half-open); None where a day is left out."""
    over = half_open(first or date.min, until).valid_to
    return midnight(session, first) if first else None, midnight(session, over) if over else None


def insert(session: Session, *rows: SQLModel, taken: Conflict) -> None:
    """Write the rows in this order; one that exists already, even out of the actor's sight, is refused as `taken`."""
    try:
        for row in rows:
            session.add(row)
            session.flush()
    except IntegrityError:
        raise taken from None


def insert_many(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that nobody needs as objects: of a register come a hundred thousand."""
    session.connection().execute(inspect(model).local_table.insert(), rows)


@contextmanager
def rehearsal(database: Database, actor: Actor) -> Iterator[Session]:
    """Yield a session whose work is always undone: a dry run takes the very path of the real one."""
    try:
        with database.transaction(actor) as session:
            yield session
            raise _Undone
    except _Undone:
        return


class _Undone(Refusal):
    """Ends a rehearsal."""


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions; _begin_sqlite does
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers queue for the lock at once: with a deferred one, updates are lost in silence."""
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if mode == "DEFERRED":
        connection.exec_driver_sql("BEGIN")
        return
    until = monotonic() + PATIENCE_S
    connection.exec_driver_sql(f"PRAGMA {NO_WAIT}")
    try:
        while not _begun(connection, mode, until):
            sleep(LOOK_AGAIN_S)
    finally:
        connection.exec_driver_sql(f"PRAGMA {WAIT}")


def _begun(connection: Connection, mode: str, until: float) -> bool:
    try:
        connection.exec_driver_sql(f"BEGIN {mode}")
    except OperationalError as error:
        if BUSY[0] not in str(error.orig) or monotonic() >= until:
            raise
        return False
    return True
