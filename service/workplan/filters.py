"""What a list of tasks is asked by, as pages of rows or as a sheet."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from service.contracts.filters import Place, PlaceFilter
from service.core.http import Code, FromDay, UntilDay


@dataclass(frozen=True)
class AskedTasks(Place):
    """Which tasks; the names are those of the query that finds them."""

    operation: str
    done: bool | None
    overdue: bool
    first: date | None
    until: date | None


def _asked(
    place: PlaceFilter,
    operation: Annotated[Code | None, Query(description="An operation's code.")] = None,
    done: Annotated[bool | None, Query(description="Only those done, or only those not done.")] = None,
    overdue: bool = False,
    first: FromDay = None,
    until: UntilDay = None,
) -> AskedTasks:
    return AskedTasks(**vars(place), operation=operation or "", done=done, overdue=overdue, first=first, until=until)


TaskFilter = Annotated[AskedTasks, Depends(_asked)]
