"""What is done to tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, select

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.contracts.queries import held_cover
from service.core.actor import Actor, Role
from service.core.db import insert, lock
from service.core.errors import IdTaken, Stale, known
from service.plots.models import Plot
from service.plots.queries import plot_as_of
from service.standards.queries import operations
from service.workplan import queries, rules
from service.workplan.models import Task


def enter_tasks(
    session: Session, actor: Actor, rows: Sequence[Task], *, source: audit_log.Identified
) -> tuple[int, int]:
    """Write tasks, or bring those that are there (same plot, operation, first day) up to date.

    Returns how many were written and how many stood already as they are.
    """
    return enter_compared(session, actor, queries.compare(session, rows), source=source)


def enter_compared(
    session: Session, actor: Actor, compared: queries.Compared, *, source: audit_log.Identified
) -> tuple[int, int]:
    """Write the tasks that are new or differ, as they were compared in this very transaction."""
    require(actor, Role.HOST, Role.MANAGER)
    before = [task.model_dump(mode="json") for task, _ in compared.changed]
    for task, changes in compared.changed:
        for name, value in changes.items():
            setattr(task, name, value)
    after = [*compared.new, *(task for task, _ in compared.changed)]
    session.add_all(after)
    audit_log.record(session, actor, "tasks.enter", source, before=before, after=after)
    return len(after), len(compared.unchanged)


@dataclass(frozen=True)
class NewTask:
    """Work due on a plot, both days included, and what is known of its being done."""

    plot: str
    operation: str
    due_from: date
    due_until: date
    done_on: date | None
    quantity: Decimal | None
    unit: str | None
    reported_by: str | None
    signed_by: str | None


def put_task(
    session: Session, actor: Actor, task_id: UUID, new: NewTask, *, seen: str | None = None
) -> tuple[Task, Plot, bool]:
    """Enter one task, by the rules of a file of them; sent again, it is returned as it stands, with False.

    `seen`: the seal of the task that its reader has seen; then what may change of it is brought up to date.
    """
    require(actor, Role.HOST, Role.MANAGER)
    operation = known(operations(session).get(new.operation), "operation", new.operation)
    rules.refuse_unfit(first=new.due_from, until=new.due_until, done_on=new.done_on, signed_by=new.signed_by)
    rules.refuse_unit(operation.code, operation.unit, new.unit)
    plot = plot_as_of(session, new.plot, as_of=new.due_from).plot
    cover = held_cover(session, plot.id, new.due_from)
    facts = {name: value for name, value in vars(new).items() if name != "plot"}
    task = Task(id=task_id, plot_id=plot.id, contract_id=cover and cover.contract.id, **facts)
    query = select(Task).where(Task.id == task_id)
    lock(session, query)
    standing = session.exec(query.execution_options(populate_existing=True)).one_or_none()
    if standing is None:
        _enter(session, actor, task, seen)
        return task, plot, True
    if queries.key_of(standing) != queries.key_of(task) or (seen is None and not queries.is_same(standing, task)):
        raise IdTaken
    if seen is not None:
        _change(session, actor, standing, task, seen)
    return standing, plot, False


def _enter(session: Session, actor: Actor, task: Task, seen: str | None) -> None:
    if seen is not None:
        raise Stale
    if queries.key_of(task) in queries.by_key(session, [task.plot_id]):
        raise rules.TaskKnown
    insert(session, task, taken=IdTaken())
    audit_log.record(session, actor, "tasks.enter", task, after=[task])


def _change(session: Session, actor: Actor, standing: Task, wanted: Task, seen: str) -> None:
    if seen != queries.seal_of(standing):
        raise Stale
    if queries.is_same(standing, wanted):
        return
    before = standing.model_dump(mode="json")
    for name in queries.CHANGES:
        setattr(standing, name, getattr(wanted, name))
    session.add(standing)
    audit_log.record(session, actor, "task.change", standing, before=[before], after=[standing])
