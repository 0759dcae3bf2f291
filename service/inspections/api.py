"""HTTP face of scores."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import UUID7

from service.contracts.filters import PlaceFilter
from service.core.dates import half_open
from service.core.http import (
    ActorDep,
    After,
    Code,
    FromDay,
    KnownAt,
    Limit,
    Page,
    ReadSession,
    UntilDay,
    WriteSession,
    api_router,
)
from service.core.paging import dated, page_of, undated_id
from service.core.readers import FIRST_DAY, LAST_DAY
from service.inspections import actions, queries
from service.inspections.schemas import ScoreIn, ScoreOut

router = api_router("inspections")


@router.get("/scores")
def list_scores(
    session: ReadSession,
    place: PlaceFilter,
    channel: Annotated[Code | None, Query(description="How it was given, such as visit.")] = None,
    first: FromDay = None,
    until: UntilDay = None,
    known_at: KnownAt = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[ScoreOut]:
    """Return scores by their first day. `from` and `until`: those whose days lie within."""
    span = half_open(first or FIRST_DAY, until or LAST_DAY) if first or until else None
    rows = queries.scores(
        session,
        **vars(place),
        channel=channel or "",
        span=span,
        known_at=known_at,
        after=undated_id(after),
        limit=limit + 1,
    )
    page, mark = page_of(rows, limit, lambda row: dated(row[0].valid_from, row[0].id))
    return Page(items=[ScoreOut.of(*row) for row in page], next=mark)


@router.get("/scores/{score_id}")
def read_score(session: ReadSession, score_id: UUID) -> ScoreOut:
    """Return a score."""
    return ScoreOut.of(*queries.score_by_id(session, score_id))


@router.put("/scores/{score_id}", status_code=201)
def give_score(session: WriteSession, actor: ActorDep, score_id: UUID7, body: ScoreIn, answer: Response) -> ScoreOut:
    """Give a plot a score: 201. The same again: 200. Its days lie within one period of the contract, as in a file."""
    score, plot, is_new = actions.give_score(session, actor, score_id, body.facts())
    answer.status_code = 201 if is_new else 200
    return ScoreOut.of(score, plot)
