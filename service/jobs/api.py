"""HTTP face of background work."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from service.core.http import ActorDep, After, Limit, Moment, Page, ReadSession, api_router
from service.core.paging import BadCursor, page_of, uncursor
from service.jobs import queries
from service.jobs.rules import JobsClosed, JobState

router = api_router("background work")


class JobOut(BaseModel):
    """A piece of work. `progress` is in percent, `doing` what it is at; `due_at` is when it is tried (again)."""

    id: UUID
    kind: str
    target: UUID
    asked_by: str
    asked_at: Moment
    state: JobState
    due_at: Moment
    attempts: int
    progress: int
    doing: str
    last_error: str
    ended_at: Moment | None


@router.get("/jobs")
def list_jobs(
    session: ReadSession,
    actor: ActorDep,
    state: Annotated[JobState | None, Query(description="Where they stand.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[JobOut]:
    """Return background work, the newest first."""
    if actor.role not in queries.READERS:
        raise JobsClosed
    rows = queries.jobs(session, state=state, before=_id_of(after), limit=limit + 1)
    page, mark = page_of(rows, limit, lambda job: str(job.id))
    return Page(items=[JobOut(**job.model_dump()) for job in page], next=mark)


def _id_of(mark: str) -> UUID | None:
    try:
        return UUID(uncursor(mark)) if mark else None
    except ValueError:
        raise BadCursor from None
