"""Tasks from a CSV."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from service.contracts.queries import Cover, covers
from service.core.actor import Actor
from service.core.i18n import N_
from service.core.readers import day, number
from service.exchange.plans import Plan, of_tasks
from service.exchange.report import Report, batch_of, close_plan, queue
from service.exchange.texts import DAY, NUMBER_2, File, Rows, read_rows
from service.plots.models import Plot
from service.plots.queries import plots_by_code
from service.standards.models import Operation
from service.standards.queries import operations
from service.workplan.actions import enter_compared
from service.workplan.models import Task
from service.workplan.queries import Compared, compare
from service.workplan.rules import OtherUnit, SignedUndone, UntilBefore

COLUMNS = (
    "plot",
    "operation",
    "due_from",
    "due_until",
    "done_on",
    "quantity",
    "unit",
    "reported_by",
    "signed_by",
)
UNKNOWN_TASK_PLOT = N_("There is no plot {plot}.")
UNKNOWN_OPERATION = N_("There is no operation {operation} in the catalogue.")
TASK_TWICE = N_("The same plot, operation and first day stand in row {row} already.")


def plan_tasks(session: Session, file: File, *, read: Rows | None = None) -> Plan[Compared]:
    """Return what the tasks of a file would do; refused with everything that is wrong.

    `read`: its rows, where they were read already.
    """
    rows = read or read_rows(file, COLUMNS)
    known_plots, known_operations = plots_by_code(session), operations(session)
    tasks = [_task(rows, at, row, known_plots, known_operations) for at, row in rows.rows]
    _refuse_twice(rows, tasks)
    rows.refuse()
    entered = [task for task in tasks if task]
    _assign(session, entered)
    return Plan(len(rows.rows), compare(session, entered), of_tasks)


def import_tasks(
    session: Session, actor: Actor, file: File, *, read: Rows | None = None, shown: str | None = None
) -> Report:
    """Enter the tasks of a file; those that are there already are brought up to date. Any error: nothing is written.

    `shown`: the digest of what a dry run has shown; nothing else is written.
    """
    queue(session)
    plan = plan_tasks(session, file, read=read)
    plan.refuse_other_than(shown)
    batch = batch_of(session, actor, "tasks", file)
    for task in plan.compared.new:
        task.import_id = batch.id
    enter_compared(session, actor, plan.compared, source=batch)
    return close_plan(session, actor, batch, plan)


def _task(
    rows: Rows, at: int, row: Mapping[str, str], plots: Mapping[str, Plot], known: Mapping[str, Operation]
) -> Task | None:
    plot, operation = plots.get(rows.needed(at, row, "plot")), known.get(rows.needed(at, row, "operation"))
    if row["plot"] and plot is None:
        rows.wrong(at, "plot", "unknown_plot", UNKNOWN_TASK_PLOT, plot=row["plot"])
    if row["operation"] and operation is None:
        rows.wrong(at, "operation", "unknown_operation", UNKNOWN_OPERATION, operation=row["operation"])
    first, until = (rows.cell(at, row, name, day, DAY) for name in ("due_from", "due_until"))
    done = rows.optional(at, row, "done_on", day, DAY)
    quantity = rows.optional(at, row, "quantity", number(2), NUMBER_2)
    if first and until and until < first:
        rows.wrong(at, "due_until", UntilBefore.code, UntilBefore.message, first=first, until=until)
    if row["signed_by"] and not row["done_on"]:
        rows.wrong(at, "signed_by", SignedUndone.code, SignedUndone.message)
    if operation and row["unit"] and row["unit"] != operation.unit:
        details = {"operation": operation.code, "expected": operation.unit, "unit": row["unit"]}
        rows.wrong(at, "unit", OtherUnit.code, OtherUnit.message, **details)
    if plot is None or operation is None or first is None or until is None:
        return None
    return _entered(row, plot, operation, (first, until, done), quantity)


def _entered(
    row: Mapping[str, str],
    plot: Plot,
    operation: Operation,
    days: tuple[date, date, date | None],
    quantity: Decimal | None,
) -> Task:
    first, until, done = days
    return Task(
        plot_id=plot.id,
        operation=operation.code,
        due_from=first,
        due_until=until,
        done_on=done,
        quantity=quantity,
        unit=row["unit"] or None,
        reported_by=row["reported_by"] or None,
        signed_by=row["signed_by"] or None,
    )


def _refuse_twice(rows: Rows, tasks: list[Task | None]) -> None:
    seen: dict[tuple[UUID, str, date], int] = {}
    for (at, _), task in zip(rows.rows, tasks, strict=True):
        if task:
            first = seen.setdefault((task.plot_id, task.operation, task.due_from), at)
            if first != at:
                rows.wrong(at, "plot", "task_twice", TASK_TWICE, row=first)


def _assign(session: Session, tasks: list[Task]) -> None:
    """A task is work of the contract that covers its plot on the task's first day."""
    by_day: dict[date, dict[UUID, Cover]] = defaultdict(dict)
    for task in tasks:
        if task.due_from not in by_day:
            by_day[task.due_from] = covers(session, as_of=task.due_from)
        cover = by_day[task.due_from].get(task.plot_id)
        task.contract_id = cover and cover.contract.id
