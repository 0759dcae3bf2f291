"""HTTP face of the catalogues."""

from datetime import date
from typing import Any, Self

from pydantic import BaseModel, Field

from service.core.dates import Span
from service.core.http import After, Figure, FromDay, Limit, Names, Page, ReadSession, UntilDay, api_router
from service.core.paging import part_of
from service.standards import queries
from service.standards.models import Entry, FindingType, Operation
from service.standards.rules import DayUnit

router = api_router("standards")


class GradeOut(BaseModel):
    """A level of care. It holds from and until, both included."""

    code: str
    name: Names
    source: str
    from_: date = Field(serialization_alias="from")
    until: date | None

    @classmethod
    def of(cls, row: Entry, **more: Any) -> Self:
        """Write both days included."""
        days = {"from_": row.valid_from, "until": Span(row.valid_from, row.valid_to).until}
        name = Names(zh=row.name_zh, en=row.name_en)
        return cls.model_validate({"code": row.code, "name": name, "source": row.source} | days | more)


class OperationOut(GradeOut):
    """A kind of field work, and the unit it is counted in. It holds from and until, both included."""

    unit: str


class FindingTypeOut(GradeOut):
    """A kind of problem, the time for its cure, and the points a unit costs. It holds from and until, both included."""

    unit: str
    group: str
    cure_days: int
    cure_unit: DayUnit
    points: Figure


class WorkdayOut(BaseModel):
    """A day on which the published calendar differs from the week: worked or not."""

    day: date
    open: bool
    source: str


@router.get("/finding-types")
def list_finding_types(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[FindingTypeOut]:
    """Return the catalogue of finding types, by code."""
    rows, mark = part_of(list(queries.finding_types(session).values()), after, limit, lambda row: row.code)
    return Page(items=[_finding_type(row) for row in rows], next=mark)


@router.get("/operations")
def list_operations(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[OperationOut]:
    """Return the catalogue of field work, by code."""
    rows, mark = part_of(list(queries.operations(session).values()), after, limit, lambda row: row.code)
    return Page(items=[_operation(row) for row in rows], next=mark)


@router.get("/grades")
def list_grades(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[GradeOut]:
    """Return the levels of care, by code."""
    rows, mark = part_of(list(queries.grades(session).values()), after, limit, lambda row: row.code)
    return Page(items=[GradeOut.of(row) for row in rows], next=mark)


@router.get("/workdays")
def list_workdays(
    session: ReadSession, first: FromDay = None, until: UntilDay = None, after: After = "", limit: Limit = 100
) -> Page[WorkdayOut]:
    """Return the days that the published calendar names, of some days or all, in their order."""
    every = queries.calendar(session, first=first, until=until)
    rows, mark = part_of(every, after, limit, lambda row: row.day.isoformat())
    return Page(items=[WorkdayOut.model_validate(row.model_dump()) for row in rows], next=mark)


def _finding_type(row: FindingType) -> FindingTypeOut:
    same = row.model_dump(include={"unit", "cure_days", "cure_unit", "points"})
    return FindingTypeOut.of(row, group=row.grouping, **same)


def _operation(row: Operation) -> OperationOut:
    return OperationOut.of(row, unit=row.unit)
