"""Reads of the audit log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from service.audit_log import rules
from service.audit_log.models import AuditContent, AuditEvent, AuditHead
from service.core.errors import Issue

BATCH = 5000  # events read at once
CHAINED: list[Any] = [getattr(AuditEvent, name) for name in ("seq", "at", "actor", "verb", "target", "digest", "hash")]
CONTENT: list[Any] = [AuditContent.salt, AuditContent.document]


def head(session: Session) -> AuditHead:
    """Return the end of the chain."""
    return session.exec(select(AuditHead).where(col(AuditHead.id) == 1)).one()


def verify(session: Session, checkpoint: tuple[int, str] | None = None) -> list[Issue]:
    """Recompute the whole chain; return what does not fit. Only readers of the log see enough of it to ask.

    `checkpoint`: the number and hash of an event that was noted outside.
    """
    joined: Any = core_select(*CHAINED, *CONTENT).join(AuditContent, isouter=True).order_by(col(AuditEvent.seq))
    end = head(session)
    rows = session.exec(joined, execution_options={"yield_per": BATCH})
    entries = (
        rules.Entry(seq, rules.fields_of(at, actor, verb, target), digest, hash_, salt, document)
        for seq, at, actor, verb, target, digest, hash_, salt, document in rows
    )
    try:
        return rules.broken(entries, (end.seq, end.hash), checkpoint)
    except ValueError:  # SQLite lets anything stand where an instant should
        return [Issue("audit_event_unreadable", "audit_event", rules.EVENT_CHANGED)]


def events(
    session: Session,
    *,
    after: int,
    limit: int,
    target: str = "",
    actor: str = "",
    verb: str = "",
    begin: datetime | None = None,
    end: datetime | None = None,
) -> list[tuple[AuditEvent, AuditContent | None]]:
    """Return events in their order, beginning behind the number `after`, with their documents if not erased.

    `begin`, `end`: those that happened from one instant up to, not including, another.
    """
    query = _events(target, actor).where(col(AuditEvent.seq) > after)
    if verb:
        query = query.where(AuditEvent.verb == verb)
    if begin:
        query = query.where(col(AuditEvent.at) >= begin)
    if end:
        query = query.where(col(AuditEvent.at) < end)
    return list(session.exec(query.order_by(col(AuditEvent.seq)).limit(limit)).all())


class Link(NamedTuple):
    """An event with what it holds, and the hash of the event before: enough to recompute its own."""

    event: AuditEvent
    content: AuditContent | None
    previous: str


def links(session: Session, targets: Sequence[str]) -> list[Link]:
    """Return all events about some records, in their order, each with the hash that it follows."""
    before = aliased(AuditEvent)
    query = (
        select(AuditEvent, AuditContent, before.hash)
        .join(AuditContent, col(AuditContent.seq) == col(AuditEvent.seq), isouter=True)
        .join(before, col(before.seq) == col(AuditEvent.seq) - 1, isouter=True)
    )
    found: list[Link] = []
    for n in range(0, len(targets), BATCH):
        some = query.where(col(AuditEvent.target).in_(targets[n : n + BATCH]))
        found += [Link(event, content, previous or rules.START) for event, content, previous in session.exec(some)]
    return sorted(found, key=lambda link: link.event.seq)


def latest(
    session: Session, *, before: int | None, limit: int, target: str = "", actor: str = ""
) -> list[tuple[AuditEvent, AuditContent | None]]:
    """Return events, the newest first, beginning below the number `before`, with their documents if not erased."""
    query = _events(target, actor)
    if before is not None:
        query = query.where(col(AuditEvent.seq) < before)
    return list(session.exec(query.order_by(col(AuditEvent.seq).desc()).limit(limit)).all())


def _events(target: str, actor: str) -> Any:
    query: Any = select(AuditEvent, AuditContent).join(AuditContent, isouter=True)
    if target:
        query = query.where(AuditEvent.target == target)
    return query.where(AuditEvent.actor == actor) if actor else query


def last_instant(session: Session) -> datetime | None:
    """Return when the last event happened; None before the first."""
    return session.exec(select(AuditEvent.at).order_by(col(AuditEvent.seq).desc()).limit(1)).first()
