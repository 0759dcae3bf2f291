"""What a list of findings is asked by, as pages of rows or as a sheet."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query

from service.contracts.filters import Place, PlaceFilter
from service.core.http import Code, FromDay, KnownAt, UntilDay
from service.findings.rules import State


@dataclass(frozen=True)
class AskedFindings(Place):
    """Which findings; the names are those of the query that finds them."""

    states: list[State] | None
    types: list[str] | None
    overdue: bool
    first: date | None
    until: date | None
    known_at: datetime | None


def _asked(
    place: PlaceFilter,
    state: Annotated[list[State] | None, Query(description="One state or more.")] = None,
    type_: Annotated[list[Code] | None, Query(alias="type", description="One type or more.")] = None,
    overdue: bool = False,
    first: FromDay = None,
    until: UntilDay = None,
    known_at: KnownAt = None,
) -> AskedFindings:
    return AskedFindings(
        **vars(place), states=state, types=type_, overdue=overdue, first=first, until=until, known_at=known_at
    )


FindingFilter = Annotated[AskedFindings, Depends(_asked)]
