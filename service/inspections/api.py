"""HTTP face of scores."""

from uuid import UUID

from fastapi import Response
from pydantic import UUID7

from service.core.http import AGAIN, ActorDep, After, Limit, Page, ReadSession, WriteSession, api_router
from service.core.paging import dated, page_of, undated_id
from service.inspections import actions, queries
from service.inspections.filters import ScoreFilter
from service.inspections.schemas import ScoreIn, ScoreOut

router = api_router("inspections")


@router.get("/scores")
def list_scores(
    session: ReadSession,
    asked: ScoreFilter,
    after: After = "",
    limit: Limit = 100,
) -> Page[ScoreOut]:
    """Return scores by their first day. `from` and `until`: those whose days lie within."""
    rows = queries.scores(session, **vars(asked), after=undated_id(after), limit=limit + 1)
    page, mark = page_of(rows, limit, lambda row: dated(row[0].valid_from, row[0].id))
    return Page(items=[ScoreOut.of(*row) for row in page], next=mark)


@router.get("/scores/{score_id}")
def read_score(session: ReadSession, score_id: UUID) -> ScoreOut:
    """Return a score."""
    return ScoreOut.of(*queries.score_by_id(session, score_id))


@router.put("/scores/{score_id}", status_code=201, responses=AGAIN)
def give_score(session: WriteSession, actor: ActorDep, score_id: UUID7, body: ScoreIn, answer: Response) -> ScoreOut:
    """Give a plot a score: 201. The same again: 200. Its days lie within one period of the contract, as in a file."""
    score, plot, is_new = actions.give_score(session, actor, score_id, body.facts())
    answer.status_code = 201 if is_new else 200
    return ScoreOut.of(score, plot)
