"""HTTP face of the audit log: enough to recompute the chain."""

from typing import Annotated

from fastapi import Query

from service.audit_log import queries
from service.audit_log.models import READERS
from service.audit_log.schemas import AuditEventOut, AuditHeadOut
from service.core.db import within_days
from service.core.errors import Forbidden
from service.core.http import (
    SAFE_INTEGER,
    ActorDep,
    FromDay,
    Limit,
    Note,
    Page,
    ReadSession,
    UntilDay,
    api_router,
)
from service.core.i18n import N_

router = api_router("audit log")


class NotAReader(Forbidden):
    """The log tells who did what, to whoever has to know."""

    code, message = "audit_log_closed", N_("The audit log is for the auditor and the administrator.")


@router.get("/audit-events")
def list_audit_events(
    session: ReadSession,
    actor: ActorDep,
    after: Annotated[int, Query(ge=0, le=SAFE_INTEGER, description="The number of the last event you have.")] = 0,
    limit: Limit = 100,
    target: Annotated[Note, Query(description="A record, as events name it.")] = "",
    by: Annotated[Note, Query(alias="actor", description="The code of whoever acted.")] = "",
    verb: Annotated[Note, Query(description="What was done, such as statement.approved.")] = "",
    first: FromDay = None,
    until: UntilDay = None,
) -> Page[AuditEventOut]:
    """Return events in their order; `from` and `until` bound the business date on which they happened."""
    if actor.role not in READERS:
        raise NotAReader
    begin, end = within_days(session, first, until)
    rows = queries.events(
        session,
        after=after,
        limit=limit + 1,
        target=target,
        actor=by,
        verb=verb,
        begin=begin,
        end=end,
    )
    page = rows[:limit]
    mark = str(page[-1][0].seq) if len(rows) > limit else None
    return Page(items=[AuditEventOut.of(*row) for row in page], next=mark)


@router.get("/audit-head")
def read_audit_head(session: ReadSession) -> AuditHeadOut:
    """Return the end of the chain."""
    head = queries.head(session)
    return AuditHeadOut(seq=head.seq, hash=head.hash)
