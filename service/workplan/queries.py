"""Reads of tasks, and who sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from service.contracts.queries import lying, own_contracts
from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.db import today
from service.core.errors import found
from service.core.paging import behind
from service.core.scope import among, everything, scope_of
from service.plots.models import Plot
from service.plots.queries import posted_plots
from service.workplan.models import Task

CHANGES = ("due_until", "done_on", "quantity", "unit", "reported_by", "signed_by", "contract_id")
scope_of(Task, *OVERSEERS, Role.VIEWER, Role.ADMIN)(everything)


@scope_of(Task, *ZONED)
def _tasks_of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(Task.plot_id, posted_plots(actor, as_of))


@scope_of(Task, Role.CONTRACTOR)
def _own_tasks(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(Task.contract_id).in_(own_contracts(actor))


def tasks(
    session: Session,
    *,
    plot: UUID | None = None,
    plots: Any = None,
    contract: UUID | None = None,
    contractor: UUID | None = None,
    operation: str = "",
    done: bool | None = None,
    overdue: bool = False,
    first: date | None = None,
    until: date | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> list[tuple[Task, Plot]]:
    """Return tasks by their last day, then id. `overdue`: not done, and the last day is before today.

    `first` and `until`, both included, bound the last day. `after`: behind this (last day, id).
    """
    query = select(Task, Plot).join(Plot)
    query = lying(query, Task, plot=plot, plots=plots, contract=contract, contractor=contractor)
    if operation:
        query = query.where(Task.operation == operation)
    if done is not None:
        query = query.where(col(Task.done_on).is_not(None) if done else col(Task.done_on).is_(None))
    if overdue:
        query = query.where(col(Task.done_on).is_(None), col(Task.due_until) < today(session))
    if first:
        query = query.where(col(Task.due_until) >= first)
    if until:
        query = query.where(col(Task.due_until) <= until)
    if after:
        query = behind(query, col(Task.due_until), col(Task.id), after)
    query = query.order_by(col(Task.due_until), col(Task.id)).limit(limit)
    return [(task, plot_) for task, plot_ in session.exec(query)]


def task_by_id(session: Session, task_id: UUID) -> tuple[Task, Plot]:
    """Return a task with its plot, or refuse."""
    task, plot = found(session.exec(select(Task, Plot).join(Plot).where(Task.id == task_id)).one_or_none())
    return task, plot


def by_key(session: Session, plots: Sequence[UUID]) -> dict[tuple[UUID, str, date], Task]:
    """Return the tasks of some plots by what makes a task one: plot, operation, first day."""
    query = select(Task).where(col(Task.plot_id).in_(plots))
    return {key_of(task): task for task in session.exec(query)}


def key_of(task: Task) -> tuple[UUID, str, date]:
    """Return what makes a task one."""
    return task.plot_id, task.operation, task.due_from


def is_same(task: Task, other: Task) -> bool:
    """Tell whether nothing that may change of a task differs."""
    return all(getattr(task, name) == getattr(other, name) for name in CHANGES)


def seal_of(task: Task) -> str:
    """Return what names the state of a task, for whoever changes it."""
    told = (getattr(task, name) for name in CHANGES)
    plain = (f"{value.normalize():f}" if isinstance(value, Decimal) else str(value) for value in told)
    return sha256("\n".join(plain).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Compared:
    """Tasks of a file by what they do: new ones, those that are there with what changes of them, and the same."""

    new: Sequence[Task]
    changed: Sequence[tuple[Task, Mapping[str, Any]]]
    unchanged: Sequence[Task]


def compare(session: Session, rows: Sequence[Task]) -> Compared:
    """Hold tasks against those that are there (same plot, operation, first day); nothing is written."""
    known = by_key(session, list({row.plot_id for row in rows}))
    new, changed, same = [], [], []
    for row in rows:
        task = known.get(key_of(row))
        changes = {name: getattr(row, name) for name in CHANGES}
        if task is None:
            new.append(row)
        elif {name: getattr(task, name) for name in CHANGES} == changes:
            same.append(task)
        else:
            changed.append((task, changes))
    return Compared(new, changed, same)
