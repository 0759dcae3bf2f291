"""Reads of the catalogues. Everybody who is somebody may read them."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import or_
from sqlmodel import Session, col, select

from service.core.actor import Role
from service.core.errors import known
from service.core.scope import everything, scope_of
from service.standards.models import FindingType, Grade, Operation, Workday

for table in (FindingType, Grade, Operation, Workday):
    scope_of(table, *Role)(everything)


def finding_types(session: Session) -> Mapping[str, FindingType]:
    """Return the finding types by code, in the catalogue's order."""
    return {row.code: row for row in session.exec(select(FindingType).order_by(col(FindingType.code)))}


def operations(session: Session) -> Mapping[str, Operation]:
    """Return the operations by code."""
    return {row.code: row for row in session.exec(select(Operation).order_by(col(Operation.code)))}


def grades(session: Session) -> Mapping[str, Grade]:
    """Return the grades by code."""
    return {row.code: row for row in session.exec(select(Grade).order_by(col(Grade.code)))}


def finding_type(session: Session, code: str, *, on: date | None = None) -> FindingType:
    """Return the finding type that a code names; refused where the catalogue does not hold it on a day."""
    query = select(FindingType).where(FindingType.code == code)
    if on:
        ends = col(FindingType.valid_to)
        query = query.where(FindingType.valid_from <= on, or_(ends.is_(None), ends > on))
    return known(session.exec(query).one_or_none(), "finding type", code)


def workdays(session: Session) -> Mapping[date, bool]:
    """Return the days on which the published calendar differs from the week: open or not."""
    return {row.day: row.open for row in session.exec(select(Workday))}


def calendar(session: Session, *, first: date | None = None, until: date | None = None) -> list[Workday]:
    """Return the same days with their source, in their order; `first` and `until`: both included."""
    query = select(Workday).order_by(col(Workday.day))
    if first:
        query = query.where(col(Workday.day) >= first)
    if until:
        query = query.where(col(Workday.day) <= until)
    return list(session.exec(query))
