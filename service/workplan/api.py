"""HTTP face of the work plan."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import Header, Response
from pydantic import UUID7, BaseModel

from service.core.http import (
    AGAIN,
    ActorDep,
    After,
    Body,
    Code,
    Counted,
    Day,
    Figure,
    Limit,
    Page,
    ReadSession,
    WriteSession,
    api_router,
)
from service.core.paging import dated, page_of, undated_id
from service.plots.models import Plot
from service.workplan import actions, queries
from service.workplan.actions import NewTask
from service.workplan.filters import TaskFilter
from service.workplan.models import Task

router = api_router("work plan")


class TaskIn(Body):
    """Work that is due on a plot, both days included, and what is known of its being done."""

    plot: Code
    operation: Code
    due_from: Day
    due_until: Day
    done_on: Day | None = None
    quantity: Counted | None = None
    unit: Code | None = None
    reported_by: Code | None = None
    signed_by: Code | None = None

    def facts(self) -> NewTask:
        """Return what is entered."""
        return NewTask(**{name: getattr(self, name) for name in type(self).model_fields})


class TaskOut(BaseModel):
    """Work due on a plot, both days included. Done once `done_on` is set; signed once somebody of the authority did."""

    id: str
    plot: str
    operation: str
    due_from: date
    due_until: date
    done_on: date | None
    quantity: Figure | None
    unit: str | None
    reported_by: str | None
    signed_by: str | None

    @classmethod
    def of(cls, task: Task, plot: Plot) -> Self:
        """Name the plot."""
        same = task.model_dump(exclude={"id", "plot_id", "contract_id", "import_id"})
        return cls(id=str(task.id), plot=plot.code, **same)


@router.get("/tasks")
def list_tasks(
    session: ReadSession,
    asked: TaskFilter,
    after: After = "",
    limit: Limit = 100,
) -> Page[TaskOut]:
    """Return tasks by their last day, which `from` and `until` bound. `overdue`: only those late and not done."""
    rows = queries.tasks(session, **vars(asked), after=undated_id(after), limit=limit + 1)
    page, mark = page_of(rows, limit, lambda row: dated(row[0].due_until, row[0].id))
    return Page(items=[TaskOut.of(*row) for row in page], next=mark)


@router.get("/tasks/{task_id}")
def read_task(session: ReadSession, task_id: UUID, answer: Response) -> TaskOut:
    """Return a task. The ETag names its state, for If-Match."""
    return _answer(*queries.task_by_id(session, task_id), answer)


@router.put("/tasks/{task_id}", status_code=201, responses=AGAIN)
def put_task(
    session: WriteSession,
    actor: ActorDep,
    task_id: UUID7,
    body: TaskIn,
    answer: Response,
    if_match: Annotated[str, Header(description="To change a task: the ETag of what you have read.")] = "",
) -> TaskOut:
    """Enter a task: 201. The same again: 200. With If-Match a task that is there is brought up to date: 200."""
    seen = if_match.strip('"') if if_match else None
    task, plot, is_new = actions.put_task(session, actor, task_id, body.facts(), seen=seen)
    answer.status_code = 201 if is_new else 200
    return _answer(task, plot, answer)


def _answer(task: Task, plot: Plot, answer: Response) -> TaskOut:
    answer.headers["ETag"] = f'"{queries.seal_of(task)}"'
    return TaskOut.of(task, plot)
