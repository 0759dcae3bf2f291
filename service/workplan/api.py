"""HTTP face of the work plan."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from service.core.http import After, Figure, Limit, Page, ReadSession, api_router
from service.core.paging import dated, page_of, undated_id
from service.plots.models import Plot
from service.workplan import queries
from service.workplan.filters import TaskFilter
from service.workplan.models import Task

router = api_router("work plan")


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
def read_task(session: ReadSession, task_id: UUID) -> TaskOut:
    """Return a task."""
    return TaskOut.of(*queries.task_by_id(session, task_id))
