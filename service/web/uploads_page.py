"""Files that came in: the list, and of each its dry run, by row and on a map, to confirm or to cancel."""

from secrets import token_urlsafe
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.access.rules import require
from service.core.actor import Actor
from service.core.db import Database
from service.core.errors import Refusal, Stale
from service.core.http import ActorDep, Note, WriteSession, database_of
from service.core.i18n import N_
from service.exchange.actions import READERS, UPLOADERS, cancel_upload, recheck_upload
from service.exchange.dry_run import DryRun
from service.exchange.models import Upload
from service.exchange.plans import RegisterChanged
from service.exchange.quarantine import Lost
from service.exchange.queries import ahead_of, latest_uploads, rows_aside, upload_by_id
from service.exchange.rules import DRY_RUN_DONE, UploadState
from service.exchange.uploads import confirm as confirm_upload
from service.exchange.uploads import dry_run_of
from service.web import assets, labels
from service.web.frame import View, ViewDep, basemap_host
from service.web.menu import UPLOADS
from service.web.upload_map import WEIGHTS, draw

router = APIRouter()
ROWS, ISSUES = 50, 200
UNREAD = (UploadState.RECEIVED, UploadState.READING)


@router.get("/uploads")
def uploads(view: ViewDep) -> Response:
    """List the files that came in, the last one first."""
    require(view.actor, *READERS)
    context = {"rows": latest_uploads(view.session, ROWS), "may_send": _may_act(view), "size": size}
    return view.page("uploads.html", UPLOADS, ((view.say(UPLOADS.word), "/uploads"),), context)


@router.get("/uploads/{upload_id}")
def upload(view: ViewDep, upload_id: UUID, after: Annotated[int, Query(ge=0, le=10**6)] = 0) -> Response:
    """Show one file: how far its dry run is, what it found, and what can be done."""
    require(view.actor, *READERS)
    return _page(view, upload_by_id(view.session, upload_id), after=after)


@router.post("/uploads/{upload_id}/confirm")
def confirm(request: Request, actor: ActorDep, upload_id: UUID, seen: Annotated[Note, Form()] = "") -> Response:
    """Import the file as it was shown; when that would now be something else, say so and write nothing."""
    require(actor, *UPLOADERS)
    database = database_of(request)
    try:
        confirm_upload(database, request.app.state.quarantine, actor, upload_id, seen)
    except (RegisterChanged, Stale) as refusal:
        return _again(request, database, actor, upload_id, refusal)
    return RedirectResponse(f"/uploads/{upload_id}", 303)


@router.post("/uploads/{upload_id}/check")
def check(session: WriteSession, actor: ActorDep, upload_id: UUID, seen: Annotated[Note, Form()] = "") -> Response:
    """Ask for another dry run."""
    recheck_upload(session, actor, upload_id, seen=seen)
    return RedirectResponse(f"/uploads/{upload_id}", 303)


@router.post("/uploads/{upload_id}/cancel")
def cancel(request: Request, actor: ActorDep, upload_id: UUID, seen: Annotated[Note, Form()] = "") -> Response:
    """Drop the file."""
    require(actor, *UPLOADERS)
    with database_of(request).transaction(actor) as session:
        dropped = cancel_upload(session, actor, upload_id, seen=seen)
    request.app.state.quarantine.remove(dropped.stored_as)
    return RedirectResponse(f"/uploads/{upload_id}", 303)


def _again(request: Request, database: Database, actor: Actor, upload_id: UUID, refusal: Refusal) -> Response:
    with database.transaction(actor, write=False) as session:
        view = View(request, session, actor)
        said = view.say(refusal.message, **refusal.details)
        return _page(view, upload_by_id(session, upload_id), notice=said, status=409)


def _page(view: View, row: Upload, *, after: int = 0, notice: str = "", status: int = 200) -> Response:
    try:
        run = dry_run_of(view.request.app.state.quarantine, row)
    except Lost as lost:
        run, notice = None, notice or view.say(lost.message)
    nonce = token_urlsafe(16)
    drawn = draw(view, run) if run else None
    issues = list(enumerate(run.issues if run else (), start=1))
    shown = issues[after : after + ISSUES]
    context: dict[str, Any] = {
        "nonce": nonce,
        "hosts": basemap_host(view.request.app.state.settings.basemap_url),
        "parts": drawn.parts(assets.address("maps"), nonce) if drawn else None,
        "upload": row,
        "notice": notice,
        "counts": row.counts,
        "issues": [(number, told, told.sentence(view.lang)) for number, told in shown],
        "issue_count": len(issues),
        "following": after + ISSUES if len(issues) > after + ISSUES else 0,
        "weights": WEIGHTS,
        "is_waiting": row.state in UNREAD,
        "ahead": ahead_of(view.session, row) if row.state in UNREAD else 0,
        "may_act": _may_act(view),
        "may_check": row.state in DRY_RUN_DONE,
        "aside": rows_aside(view.session, batch=row.import_id, limit=ISSUES) if row.import_id else [],
        "size": size,
        "told": in_words(view, row, run),
    }
    title = row.file_name
    crumbs = ((view.say(UPLOADS.word), "/uploads"), (title, ""))
    return view.page("upload.html", UPLOADS, crumbs, context, status=status)


def _may_act(view: View) -> bool:
    return view.actor.role in UPLOADERS and not view.is_past


def in_words(view: View, row: Upload, run: DryRun | None) -> str:
    """Say where an upload stands, and what comes next."""
    if row.state is UploadState.CHECKED and run and not run.counts["new"] and not run.counts["changed"]:
        return view.say(N_("The records are already as the file says; importing it changes nothing."))
    return view.say(labels.UPLOAD_TOLD[row.state])


def size(count: int) -> str:
    """Write a number of bytes for people.

    >>> size(12), size(48_000), size(2_400_000)
    ('12 B', '48 kB', '2.4 MB')
    """
    if count < 1000:
        return f"{count} B"
    return f"{count // 1000} kB" if count < 1_000_000 else f"{count // 100_000 / 10} MB"
