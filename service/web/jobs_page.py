"""Background work: what waits, what is being done and how far it is, what was given up and why."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from service.core.errors import NotFound
from service.core.i18n import N_
from service.jobs.handlers import HANDLERS
from service.jobs.queries import READERS, jobs
from service.jobs.rules import JobState
from service.web.frame import ViewDep
from service.web.menu import JOBS

router = APIRouter()
ROWS = 50
TITLES = {handler.kind: handler.title for handler in HANDLERS}
STATES = {
    JobState.QUEUED: ("ring", "grey", N_("Waits")),
    JobState.RUNNING: ("triangle", "amber", N_("Running")),
    JobState.DONE: ("check", "green", N_("Finished")),
    JobState.FAILED: ("octagon", "red", N_("Given up")),
}


@router.get("/jobs")
def list_of_jobs(
    view: ViewDep, state: str = "", before: Annotated[UUID | None, Query(description="An id.")] = None
) -> Response:
    """List background work, the newest first."""
    if view.actor.role not in READERS:
        raise NotFound
    chosen = JobState(state) if state in set(JobState) else None
    rows = jobs(view.session, state=chosen, before=before, limit=ROWS + 1)
    shown = rows[:ROWS]
    context = {
        "rows": shown,
        "following": str(shown[-1].id) if len(rows) > ROWS else "",
        "chosen": chosen or "",
        "titles": TITLES,
        "states": STATES,
    }
    return view.page("jobs.html", JOBS, ((view.say(JOBS.word), "/jobs"),), context)
