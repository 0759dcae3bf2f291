"""Write to the audit log."""

import json
import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import shapely
from sqlmodel import Session, SQLModel, col, select

from service.audit_log import rules
from service.audit_log.models import AuditContent, AuditEvent, AuditHead
from service.core.actor import Actor
from service.core.db import now

Row = SQLModel | dict[str, Any]


class Identified(Protocol):
    """Anything with an id."""

    id: UUID


def record(
    session: Session,
    actor: Actor,
    verb: str,
    target: Identified,
    *,
    before: Sequence[Row] = (),
    after: Sequence[Row] = (),
) -> None:
    """Note who did what to which record, with the rows before and after. The last step of a transaction."""
    rows = {"before": [_plain(row) for row in before], "after": [_plain(row) for row in after]}
    document, salt = json.dumps(rows, sort_keys=True, ensure_ascii=False, default=str), secrets.token_hex(16)
    session.flush()
    head = session.exec(select(AuditHead).where(col(AuditHead.id) == 1).with_for_update()).one()
    event = AuditEvent(
        seq=head.seq + 1,
        at=now(session),
        actor=actor.code,
        verb=verb,
        target=f"{type(target).__name__} {target.id}",
        digest=rules.digest_of(salt, document),
        hash="",
    )
    event.hash = rules.hash_of(head.hash, event.seq, event.fields, event.digest)
    head.seq, head.hash = event.seq, event.hash
    session.add_all([head, event])
    session.flush()
    session.add(AuditContent(seq=event.seq, salt=salt, document=document))
    session.flush()


def _plain(row: Row) -> dict[str, Any]:
    """Columns as JSON values; a shape by its hash, for it stands unchanged in its own insert-only row."""
    columns = row if isinstance(row, dict) else row.model_dump()
    return {
        name: hash_of_shape(value) if isinstance(value, bytes | shapely.Geometry) else value
        for name, value in columns.items()
    }


def hash_of_shape(shape: shapely.Geometry | bytes) -> str:
    """Return what a document holds of a shape; bytes are its WKB."""
    wkb = shape if isinstance(shape, bytes) else shapely.to_wkb(shape)
    return f"sha256:{sha256(wkb).hexdigest()}"
