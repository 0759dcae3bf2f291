"""HTTP face of the catalogues."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from service.core.dates import Span
from service.core.http import After, Figure, Limit, Names, Page, ReadSession, api_router
from service.core.paging import part_of
from service.standards import queries
from service.standards.models import FindingType
from service.standards.rules import DayUnit

router = api_router("standards")


class FindingTypeOut(BaseModel):
    """A kind of problem, the time for its cure, and the points a unit costs. It holds from and until, both included."""

    code: str
    name: Names
    unit: str
    group: str
    cure_days: int
    cure_unit: DayUnit
    points: Figure
    source: str
    from_: date = Field(serialization_alias="from")
    until: date | None

    @classmethod
    def of(cls, row: FindingType) -> Self:
        """Write both days included."""
        same = row.model_dump(include={"code", "unit", "cure_days", "cure_unit", "points", "source"})
        days = {"from_": row.valid_from, "until": Span(row.valid_from, row.valid_to).until}
        return cls.model_validate(same | days | {"name": Names(zh=row.name_zh, en=row.name_en), "group": row.grouping})


@router.get("/finding-types")
def list_finding_types(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[FindingTypeOut]:
    """Return the catalogue of finding types, by code."""
    rows, mark = part_of(list(queries.finding_types(session).values()), after, limit, lambda row: row.code)
    return Page(items=[FindingTypeOut.of(row) for row in rows], next=mark)
