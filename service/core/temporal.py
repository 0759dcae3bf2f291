"""Versions with two times: the days they hold for, and the instant they became known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, exists, inspect, or_, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, col

from service.core.dates import Span
from service.core.ids import new_id

M = TypeVar("M", bound=SQLModel)


class Version(SQLModel):
    """The columns that every version table has, beside its `subject_id`."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    valid_from: date
    valid_to: date | None = None
    recorded_at: datetime

    @property
    def span(self) -> Span:
        """The days that the row holds for."""
        return Span(self.valid_from, self.valid_to)


def true_on(version: Any, *, as_of: date, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Keep the one row of each subject that tells the truth about a day, as known at an instant (None: now).

    Of the rows that hold on the day, the greatest (recorded_at, id) wins. A session narrows the rows it compares, too:
    the scope of a version table must see either all the rows of a subject that hold on the day, or none.
    """
    plain = isinstance(version, FromClause)
    later = _later(version) if plain else aliased(version)
    mine, other = (version.c, later.c) if plain else (version, later)
    rank, later_rank = (tuple_(v.recorded_at, v.id) for v in (mine, other))
    overruled = exists().where(other.subject_id == mine.subject_id, _holds(other, as_of, known_at), later_rank > rank)
    return and_(_holds(mine, as_of, known_at), ~overruled)


@cache
def _later(version: FromClause) -> Any:
    """The table once more, for the rows that overrule; made once, since making an alias takes long."""
    return version.alias(f"{version.name}_later")  # type: ignore[attr-defined]


def _holds(version: Any, as_of: date, known_at: datetime | None) -> ColumnElement[bool]:
    holds = and_(version.valid_from <= as_of, or_(version.valid_to.is_(None), version.valid_to > as_of))
    return holds if known_at is None else and_(holds, version.recorded_at <= known_at)


@dataclass(frozen=True)
class News:
    """What nobody has answered for yet: of days before `until`, recorded by `known_at`, and not both before `since`."""

    known_at: datetime
    until: date  # half-open
    since: tuple[datetime, date] | None = None  # recorded by this instant and of days before this one: old

    def holds(self, recorded_at: Any, day: Any) -> ColumnElement[bool]:
        """Keep the rows that are news, by when they were recorded and the first day that they are about."""
        told = and_(col(recorded_at) <= self.known_at, col(day) < self.until)
        if self.since is None:
            return told
        instant, end = self.since
        return and_(told, or_(col(recorded_at) > instant, col(day) >= end))


def append_only(*, erasable: bool = False) -> Callable[[type[M]], type[M]]:
    """Mark a table whose rows the database itself must never UPDATE, DELETE (unless `erasable`) or INSERT again.

    The triggers are made by the migrations (`append_only_ddl`); a test compares the two.
    """

    def protect(model: type[M]) -> type[M]:
        inspect(model).local_table.info["append_only"] = "erasable" if erasable else "for ever"
        return model

    return protect


def append_only_ddl(
    table: str, keys: tuple[tuple[str, ...], ...], *, dialect: str, erasable: bool = False
) -> list[str]:
    """Return the statements that make the database itself refuse to change a table's rows.

    On SQLite also the INSERT of what exists by any of the unique `keys`, because REPLACE deletes without firing a
    delete trigger.
    """
    if dialect == "postgresql":
        verbs = "UPDATE OR TRUNCATE" if erasable else "UPDATE OR DELETE OR TRUNCATE"
        return [
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = '{table} is append-only'; END $$",
            f'CREATE TRIGGER {table}_append_only BEFORE {verbs} ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        ]
    groups = (" AND ".join(f"{column} = NEW.{column}" for column in key) for key in (("rowid",), *keys))
    known = " OR ".join(f"({group})" for group in groups)
    when = {"UPDATE": "", "DELETE": "", "INSERT": f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {known})'}
    if erasable:
        del when["DELETE"]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return [
        f'CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON "{table}" {condition} {refuse}'
        for verb, condition in when.items()
    ]
