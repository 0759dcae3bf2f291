"""The audit log: who did what to which record."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from service.audit_log.queries import events, head
from service.core.actor import Role
from service.core.errors import NotFound
from service.core.http import Note
from service.web.frame import ViewDep
from service.web.menu import CHANGES

router = APIRouter()
ROWS = 50
SHOWN_ROWS, SHOWN_CHARACTERS = 20, 4000


@router.get("/changes")
def changes(
    view: ViewDep,
    before: Annotated[int | None, Query(ge=1)] = None,
    target: Note = "",
    by: Note = "",
) -> Response:
    """List events, the newest first; by whom and on which record can be asked for."""
    if view.actor.role not in (Role.AUDITOR, Role.ADMIN):
        raise NotFound
    end = head(view.session)
    last = min(before - 1, end.seq) if before else end.seq
    if target or by:
        rows = [
            r for r in events(view.session, after=0, limit=end.seq or 1, target=target, actor=by) if r[0].seq <= last
        ]
    else:
        rows = events(view.session, after=max(0, last - ROWS), limit=ROWS)
    shown = rows[::-1][:ROWS]
    following = (
        shown[-1][0].seq if shown and (len(rows) > ROWS or (not (target or by) and shown[-1][0].seq > 1)) else None
    )
    context = {
        "rows": [(event, document(content.document) if content else None) for event, content in shown],
        "following": following,
        "end": end,
        "target": target,
        "by": by,
    }
    return view.page("changes.html", CHANGES, ((view.say(CHANGES.word), "/changes"),), context)


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
