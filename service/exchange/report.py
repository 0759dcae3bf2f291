"""What became of a file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from service.access.models import Authority
from service.audit_log import actions as audit_log
from service.core.actor import Actor
from service.core.db import lock, now
from service.core.errors import Issue
from service.exchange.models import Import, SetAside
from service.exchange.plans import Plan
from service.exchange.texts import File


@dataclass(frozen=True)
class Report:
    """The import, the rows set aside, and remarks that did not stand in the way."""

    batch: Import
    set_aside: Sequence[SetAside]
    remarks: Sequence[Issue] = ()

    @property
    def reasons(self) -> Counter[str]:
        """How many rows were set aside, by reason."""
        return Counter(row.reason for row in self.set_aside)


def batch_of(session: Session, actor: Actor, kind: str, file: File) -> Import:
    """Begin the record of an import; its counts are set before it is written. One import follows another."""
    lock(session, select(Authority))
    return Import(
        kind=kind,
        file_name=file.name,
        sha256=file.sha256,
        at=now(session),
        by=actor.code,
        rows=0,
        written=0,
        unchanged=0,
        set_aside=0,
    )


def queue(session: Session) -> None:
    """Let imports follow each other: what one has compared, no other changes before it is written."""
    lock(session, select(Authority))


def close_plan(session: Session, actor: Actor, batch: Import, plan: Plan[Any]) -> Report:
    """Write the record of an import that did what it planned."""
    for row in plan.aside:
        row.import_id = batch.id
    counts = plan.counts
    return close_batch(
        session,
        actor,
        batch,
        rows=plan.rows,
        written=counts["new"] + counts["changed"],
        unchanged=counts["unchanged"],
        set_aside=plan.aside,
        remarks=plan.remarks,
    )


def close_batch(
    session: Session,
    actor: Actor,
    batch: Import,
    *,
    rows: int,
    written: int,
    unchanged: int = 0,
    set_aside: Sequence[SetAside] = (),
    remarks: Sequence[Issue] = (),
) -> Report:
    """Write the record of an import with its counts and set-asides."""
    batch.rows, batch.written, batch.unchanged, batch.set_aside = rows, written, unchanged, len(set_aside)
    session.add(batch)
    session.flush()
    session.add_all(set_aside)
    audit_log.record(session, actor, f"import.{batch.kind}", batch, after=[batch, *set_aside])
    return Report(batch, set_aside, remarks)
