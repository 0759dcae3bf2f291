"""Tables of standards: what the authority's files say, word for word, with their source."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field, SQLModel

from service.core.columns import Word
from service.core.ids import new_id
from service.core.quantities import Points
from service.standards.rules import DayUnit


class Entry(SQLModel):
    """The columns that every catalogue has. `valid_from` and `valid_to` are half-open."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str
    source: str
    valid_from: date
    valid_to: date | None = None


class Grade(Entry, table=True):
    """A level of care."""

    __tablename__ = "grade"


class Operation(Entry, table=True):
    """A kind of field work, and the unit it is counted in."""

    __tablename__ = "operation"
    unit: str


class FindingType(Entry, table=True):
    """A kind of problem: its unit, the time for its cure, and the points a unit costs where the scheme reads them."""

    __tablename__ = "finding_type"
    unit: str
    grouping: str
    cure_days: int
    cure_unit: DayUnit = Field(default=DayUnit.DAYS, sa_type=Word(DayUnit))
    points: Decimal = Field(sa_type=Points)


class Workday(SQLModel, table=True):
    """A day that the published calendar names: a holiday, or a weekend day worked instead."""

    __tablename__ = "workday"
    day: date = Field(primary_key=True)
    open: bool
    source: str
