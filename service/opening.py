"""Open a database: check its schema, take its authority's time zone and, in a demo, its scripted present."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from service import models
from service.access.queries import the_authority
from service.audit_log.queries import last_instant
from service.contracts import queries as contracts
from service.core.actor import Actor, Role
from service.core.dates import Clock, clock_from, system_clock
from service.core.db import Database
from service.core.errors import Conflict, HasIssues, Invalid
from service.core.i18n import N_
from service.core.integrity import setup_issues
from service.core.settings import Settings
from service.documents import queries as documents
from service.exchange import queries as exchange
from service.jobs import queries as jobs
from service.migrations import current, newest
from service.settlement import queries as settlement

COMPLETE = (
    models,
    contracts,
    documents,
    exchange,
    jobs,
    settlement,
)  # imported for what they register: tables and row scopes
OPENER = Actor("host:opening", Role.HOST)


class OtherSchema(Conflict):
    """The program and the database are of different ages; neither guesses."""

    code, message = (
        "other_schema",
        N_("The database has schema {found}, this program needs {needed}. Run: greenkeep upgrade"),
    )


class NothingThere(Conflict):
    """Nobody has founded an authority there."""

    code, message = "nothing_there", N_("There is no database at {place} yet. Run: greenkeep init authority.yaml")


class CannotOpen(Invalid):
    """There is no database where the settings say, or the server is not there."""

    code, message = "cannot_open", N_("The database cannot be opened: {problem}.")


def open_database(settings: Settings, clock: Clock | None = None) -> Database:
    """Return the database, with the clock that it lives by.

    Refused when its schema is not the program's, or SQLite cannot be set up as it must.
    """
    try:
        found = current(settings.url)
    except DatabaseError as error:
        raise CannotOpen(problem=str(error.orig).splitlines()[0]) from error
    if found is None:
        raise NothingThere(place=make_url(settings.url).database)
    if found != newest():
        raise OtherSchema(found=found, needed=newest())
    database = Database(settings.url)
    with database.transaction(OPENER, write=False) as session:
        authority = the_authority(session)
        database.zone = ZoneInfo(authority[0].time_zone) if authority else database.zone
        database.clock = clock or _clock(session)
        issues = list(setup_issues(session, database))
    if issues:
        database.engine.dispose()
        raise HasIssues(issues)
    return database


def _clock(session: Session) -> Clock:
    """A demo's clock begins at its scripted present, or where it was left: it never goes back."""
    authority = the_authority(session)
    if authority is None or authority[0].demo_at is None:
        return system_clock
    last = last_instant(session)
    begin = authority[0].demo_at
    return clock_from(max(begin, last + timedelta(seconds=1)) if last else begin)
