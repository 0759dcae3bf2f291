"""What is done to tasks."""

from collections.abc import Sequence

from sqlmodel import Session

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.workplan import queries
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
