"""The list of tasks: what is overdue comes first."""

from datetime import date, timedelta

from fastapi import APIRouter, Response

from service.core.http import After, Asked
from service.core.i18n import N_
from service.core.paging import BadCursor, cursor, uncursor
from service.plots.models import Plot
from service.plots.queries import plots_in, register, zones
from service.standards.queries import operations
from service.web.frame import ViewDep, given
from service.web.menu import TASKS
from service.workplan.models import Task
from service.workplan.queries import tasks

router = APIRouter()
ROWS = 50
CHOICES = ("due", "overdue", "done", "all")
AHEAD = timedelta(days=31)


@router.get("/tasks")
def list_of_tasks(
    view: ViewDep, state: Asked = "due", zone: Asked = "", operation: Asked = "", plot: Asked = "", after: After = ""
) -> Response:
    """List tasks: those due within a month and those overdue, unless others are asked for."""
    chosen = view.chosen(N_("state"), state, CHOICES) or CHOICES[0]
    tree, works = zones(view.session), operations(view.session)
    view.chosen(N_("zone"), zone, [one.code for one in tree])
    view.chosen(N_("kind of work"), operation, works)
    places = {r.plot.id: r for r in register(view.session, as_of=view.day)}
    by_code = {r.plot.code: plot_id for plot_id, r in places.items()}
    every = tasks(
        view.session,
        plot=by_code.get(view.chosen(N_("plot"), plot, by_code)),
        plots=plots_in(view.session, zone=zone, as_of=view.day),
        operation=operation,
        overdue=chosen == "overdue",
    )
    late = sum(is_late(task, view.day) for task, _ in every)
    rows = sorted((row for row in every if fits(row[0], chosen, view.day)), key=lambda row: rank(row, view.day))
    keys = [str(task.id) for task, _ in rows]
    last = uncursor(after)
    if last and last not in keys:
        raise BadCursor
    begin = keys.index(last) + 1 if last else 0
    shown = rows[begin : begin + ROWS]
    context = {
        "rows": shown,
        "following": cursor(keys[begin + ROWS - 1]) if begin + ROWS < len(rows) else "",
        "count": len(rows),
        "late": late,
        "places": {plot_id: view.name(record.version) for plot_id, record in places.items()},
        "zones": tree,
        "operations": works,
        "chosen": {"state": chosen, "zone": zone, "operation": operation, "plot": plot},
        "sheet": asked_of(chosen, view.day) | given({"zone": zone, "operation": operation, "plot": plot}),
    }
    return view.page("tasks.html", TASKS, ((view.say(TASKS.word), "/tasks"),), context)


def asked_of(chosen: str, day: date) -> dict[str, str]:
    """Return how the API is asked for the chosen kind of tasks."""
    if chosen == "due":
        return {"done": "false", "until": str(day + AHEAD)}
    return {} if chosen == "all" else {chosen: "true"}


def is_late(task: Task, day: date) -> bool:
    """Tell whether a task is not done although its last day is over."""
    return task.done_on is None and task.due_until < day


def fits(task: Task, chosen: str, day: date) -> bool:
    """Tell whether a task belongs to the chosen kind."""
    if chosen == "done":
        return task.done_on is not None
    if chosen == "due":
        return task.done_on is None and task.due_until <= day + AHEAD
    return chosen == "all" or is_late(task, day)


def rank(row: tuple[Task, Plot], day: date) -> tuple[int, int, str]:
    """Put the overdue first, the longest overdue ahead; then what is due soonest; then what was done last."""
    task, plot = row
    if task.done_on:
        return 2, -task.done_on.toordinal(), plot.code
    return (0 if is_late(task, day) else 1), task.due_until.toordinal(), plot.code
