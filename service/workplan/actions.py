"""What is done to tasks."""

from collections.abc import Sequence

from sqlmodel import Session

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.workplan import queries
from service.workplan.models import Task

CHANGES = ("due_until", "done_on", "quantity", "unit", "reported_by", "signed_by", "contract_id")


def enter_tasks(
    session: Session, actor: Actor, rows: Sequence[Task], *, source: audit_log.Identified
) -> tuple[int, int]:
    """Write tasks, or bring those that are there (same plot, operation, first day) up to date.

    Returns how many were written and how many stood already as they are.
    """
    require(actor, Role.HOST, Role.MANAGER)
    known = queries.by_key(session, list({row.plot_id for row in rows}))
    before, after, same = [], [], 0
    for row in rows:
        task = known.get((row.plot_id, row.operation, row.due_from))
        changes = {name: getattr(row, name) for name in CHANGES}
        if task is None:
            after.append(row)
        elif {name: getattr(task, name) for name in CHANGES} == changes:
            same += 1
        else:
            before.append(task.model_dump(mode="json"))
            for name, value in changes.items():
                setattr(task, name, value)
            after.append(task)
    session.add_all(after)
    audit_log.record(session, actor, "tasks.enter", source, before=before, after=after)
    return len(after), same
