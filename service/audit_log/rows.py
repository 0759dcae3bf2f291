"""Whether the rows that never change still say what the audit log says was written.

Every row of an append-only table stands whole in the document of an event, a shape by its hash. Documents are read one
after another; of the rows only the ids are kept. Not covered: tables whose rows may change, and rows that no document
names while one is erased or changed, for they may have stood there; `verify` names such documents.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import Table
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from service.audit_log import rules
from service.audit_log.actions import hash_of_shape
from service.audit_log.models import AuditContent, AuditEvent
from service.core.errors import Issue
from service.core.i18n import N_
from service.core.stored import BATCH, Unreadable, append_only_tables, stored_ids, stored_rows

ROW_CHANGED = N_("{column} is not what the audit log says was written.")
ROW_GONE = N_("The audit log says that this row was written, but it is gone.")
ROW_UNKNOWN = N_("The audit log does not say that this row was ever written.")
EVENTS = 50  # read at once: each may hold a thousand rows
THE_LOG: list[Any] = [AuditEvent.digest, AuditContent.salt, AuditContent.document]

Written = dict[UUID, Mapping[str, Any]]


def changed_rows(session: Session) -> list[Issue]:
    """Hold the rows of the append-only tables against the audit log; return what differs, is gone, or was never logged.

    Only readers of the log see enough of it to ask.
    """
    issues: list[Issue] = []
    tables = {frozenset(table.c.keys()): table for table in append_only_tables()}  # a document does not name the table
    known: dict[Table, set[UUID]] = {table: set() for table in tables.values()}
    waiting: dict[Table, Written] = defaultdict(dict)
    whole = True
    for after in _documents(session):
        whole = whole and after is not None
        for row in after or ():
            if (table := tables.get(frozenset(row))) is not None:
                waiting[table].setdefault(UUID(row["id"]), row)
        for table in [table for table, written in waiting.items() if len(written) >= BATCH]:
            known[table].update(waiting[table])
            issues += _differing(session, table, waiting.pop(table))
    for table, written in waiting.items():
        known[table].update(written)
        issues += _differing(session, table, written)
    for table, logged in known.items() if whole else ():
        unknown = (row_id for row_id in stored_ids(session, table) if row_id not in logged)
        issues += [Issue("row_unknown", _place(table, row_id), ROW_UNKNOWN) for row_id in unknown]
    return issues


def _documents(session: Session) -> Iterator[list[dict[str, Any]] | None]:
    """Yield the rows that each event wrote; None when its document is erased, or not the one of then."""
    query: Any = core_select(*THE_LOG).select_from(AuditEvent).join(AuditContent, isouter=True)
    events = session.exec(query.order_by(col(AuditEvent.seq)), execution_options={"yield_per": EVENTS})
    for digest, salt, document in events:
        kept = salt is not None and rules.is_whole(salt, document, digest)
        yield json.loads(document)["after"] if kept else None


def _differing(session: Session, table: Table, written: Written) -> Iterator[Issue]:
    there = set()
    for row in stored_rows(session, table, written):
        there.add(row["id"])
        for column, value in row.items():
            if not _is_written(value, written[row["id"]][column]):
                yield Issue("row_changed", _place(table, row["id"]), ROW_CHANGED, {"column": column})
    for row_id in written:
        if row_id not in there:
            yield Issue("row_gone", _place(table, row_id), ROW_GONE)


def _place(table: Table, row_id: UUID | Unreadable) -> str:
    return f"{table.name} {row_id.raw if isinstance(row_id, Unreadable) else row_id}"


def _is_written(stands: Any, written: Any) -> bool:
    """Compare a value with its JSON: 3.6 was written where 3.600000 stands."""
    if stands is None or written is None:
        return stands is written
    match stands:
        case Decimal():
            return Decimal(written) == stands
        case datetime():
            return datetime.fromisoformat(written) == stands
        case shapely.Geometry():
            return bool(hash_of_shape(stands) == written)
        case UUID() | date():
            return bool(str(stands) == written)
    return bool(stands == written)
