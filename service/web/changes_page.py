"""The audit log: who did what to which record."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlmodel import Session, select

from service.access.models import Organisation, User
from service.audit_log.queries import head, latest
from service.contracts.models import Contract
from service.core.actor import Role
from service.core.errors import NotFound
from service.core.http import SAFE_INTEGER, Note
from service.findings.models import Finding
from service.plots.models import Zone
from service.schemes.models import SchemeVersion
from service.settlement.models import Statement
from service.web.frame import ViewDep
from service.web.menu import CHANGES

router = APIRouter()
ROWS = 50
CALLED: dict[str, tuple[Any, str]] = {
    "Contract": (Contract, "/contracts/"),
    "Finding": (Finding, "/findings/"),
    "Organisation": (Organisation, ""),
    "SchemeVersion": (SchemeVersion, ""),
    "Statement": (Statement, "/statements/"),
    "User": (User, ""),
    "Zone": (Zone, ""),
}
SHOWN_ROWS, SHOWN_CHARACTERS = 20, 4000


@router.get("/changes")
def changes(
    view: ViewDep,
    before: Annotated[int | None, Query(ge=1, le=SAFE_INTEGER)] = None,
    target: Note = "",
    by: Note = "",
) -> Response:
    """List events, the newest first; by whom and on which record can be asked for."""
    if view.actor.role not in (Role.AUDITOR, Role.ADMIN):
        raise NotFound
    rows = latest(view.session, before=before, limit=ROWS + 1, target=target, actor=by)
    shown = rows[:ROWS]
    records = records_of(view.session, [event.target for event, _ in shown])
    context = {
        "rows": [
            (event, records.get(event.target), document(content.document) if content else None)
            for event, content in shown
        ],
        "following": shown[-1][0].seq if len(rows) > ROWS else None,
        "end": head(view.session),
        "target": target,
        "by": by,
    }
    return view.page("changes.html", CHANGES, ((view.say(CHANGES.word), "/changes"),), context)


class Target(NamedTuple):
    """A record as people call it, and its page; without one the address is empty."""

    code: str
    href: str


def records_of(session: Session, targets: Sequence[str]) -> dict[str, Target]:
    """Return what the targets of events are called, by target; those that the reader may not see are left out."""
    ids: dict[str, list[UUID]] = {}
    for kind, id_ in (target.split(" ") for target in set(targets)):
        ids.setdefault(kind, []).append(UUID(id_))
    return {
        f"{kind} {id_}": Target(code, f"{page}{quote(code)}" if page else "")
        for kind, (model, page) in CALLED.items()
        for id_, code in session.exec(select(model.id, model.code).where(model.id.in_(ids.get(kind, []))))
    }


def document(text: str) -> list[tuple[str, int, str]]:
    """Return the rows before and after an event: which, how many, and as much of them as a page can hold.

    >>> document('{"before": [], "after": [{"code": "F-1"}]}')
    [('after', 1, '{"code": "F-1"}')]
    """
    sides: dict[str, list[Any]] = json.loads(text)
    return [
        (side, len(sides[side]), "\n".join(_row(row) for row in sides[side][:SHOWN_ROWS])[:SHOWN_CHARACTERS])
        for side in ("before", "after")
        if sides.get(side)
    ]


def _row(row: Any) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)
