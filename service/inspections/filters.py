"""What a list of scores is asked by, as pages of rows or as a sheet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from service.contracts.filters import Place, PlaceFilter
from service.core.dates import Span, half_open
from service.core.http import Code, FromDay, KnownAt, UntilDay
from service.core.readers import FIRST_DAY, LAST_DAY


@dataclass(frozen=True)
class AskedScores(Place):
    """Which scores; the names are those of the query that finds them."""

    channel: str
    span: Span | None
    known_at: datetime | None


def _asked(
    place: PlaceFilter,
    channel: Annotated[Code | None, Query(description="How it was given, such as visit.")] = None,
    first: FromDay = None,
    until: UntilDay = None,
    known_at: KnownAt = None,
) -> AskedScores:
    span = half_open(first or FIRST_DAY, until or LAST_DAY) if first or until else None
    return AskedScores(**vars(place), channel=channel or "", span=span, known_at=known_at)


ScoreFilter = Annotated[AskedScores, Depends(_asked)]
