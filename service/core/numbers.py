"""Gap-free numbers, one series per kind."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from service.core.actor import Role
from service.core.scope import everything, scope_of


class NumberSeries(SQLModel, table=True):
    """The last number given out in a series; locked until the transaction ends: none is lost or doubled."""

    __tablename__ = "number_series"
    kind: str = Field(primary_key=True)
    last: int = Field(sa_type=BigInteger)


scope_of(NumberSeries, *Role)(everything)


def next_number(session: Session, kind: str) -> int:
    """Return the next number of a series, beginning at 1."""
    insert = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    begin: Any = insert(NumberSeries).values(kind=kind, last=0)
    session.exec(begin.on_conflict_do_nothing())  # of two first users of a series, both go on
    series = session.exec(select(NumberSeries).where(col(NumberSeries.kind) == kind).with_for_update()).one()
    series.last += 1
    session.add(series)
    session.flush()
    return series.last


def continue_series(session: Session, kind: str, last: int) -> None:
    """Let a series go on behind the last number that was given out on paper."""
    session.add(NumberSeries(kind=kind, last=last))
    session.flush()
