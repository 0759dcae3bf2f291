"""The form that sends a file: what it holds, from which day it holds, and how it maps onto ours."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from service.access.rules import require
from service.core.actor import Actor
from service.core.db import queue, today
from service.core.errors import HasIssues, Refusal
from service.core.guard import FILE_BYTES, TooLarge
from service.core.http import ActorDep, database_of
from service.core.i18n import N_
from service.core.ids import new_id
from service.core.readers import CONTROL, day
from service.exchange.actions import UPLOADERS, NewUpload, Stored, receive_upload
from service.exchange.contents import LAYOUTS, BadLayout, DayNeeded
from service.exchange.quarantine import Quarantine
from service.exchange.rules import EmptyFile, TooManyOpen, UploadKind, WrongFile
from service.exchange.scores_in import REASONS
from service.exchange.texts import LONGEST_CODE, File, read_document
from service.web import labels
from service.web.frame import View, ViewDep
from service.web.menu import UPLOADS

router = APIRouter()
CHUNK, LAYOUT_BYTES = 1_000_000, 50_000
ENCODINGS = ("UTF-8", "GBK", "GB18030", "Big5")
BLANK = {"kind": "plots", "valid_from": "", "encoding": "", "crs": ""}
FIELD_OF = {DayNeeded: "valid_from", BadLayout: "layout", HasIssues: "layout"}
REFUSED = (WrongFile, EmptyFile, TooLarge, TooManyOpen, DayNeeded, BadLayout, HasIssues)


@dataclass
class Draft:
    """What somebody chose, as chosen, with what is wrong with it: field -> sentence."""

    values: dict[str, str]
    client_id: str
    set_aside: list[str]
    errors: dict[str, str] = field(default_factory=dict)


async def _sent(request: Request, actor: ActorDep) -> AsyncIterator[FormData]:
    """Yield the fields and files of the form; nobody else's file is taken in."""
    require(actor, *UPLOADERS)
    async with request.form(max_files=2, max_fields=12) as form:
        yield form


SentDep = Annotated[FormData, Depends(_sent, scope="function")]


@router.get("/uploads/new")
def blank(view: ViewDep, kind: str = "plots") -> Response:
    """Show the empty form."""
    require(view.actor, *UPLOADERS)
    chosen = kind if kind in list(UploadKind) else "plots"
    values = BLANK | {"kind": chosen, "valid_from": str(today(view.session))}
    return _page(view, Draft(values, str(new_id()), []))


@router.post("/uploads/new")
def send(form: SentDep, request: Request, actor: ActorDep) -> Response:
    """Take the file in, for its dry run; sent twice it is one. What is wrong is said at its field."""
    draft, refusal = read_draft(form), None
    try:
        with database_of(request).transaction(actor, write=False) as session:
            new = check(View(request, session, actor), draft, form)
        if new is not None:
            upload_id = _take(request, actor, draft, form, new)
            return RedirectResponse(f"/uploads/{upload_id}", 303)
    except REFUSED as refused:
        refusal = refused
    with database_of(request).transaction(actor, write=False) as session:
        view = View(request, session, actor)
        if refusal:
            draft.errors[_field_of(refusal)] = _said(view, refusal)
        return _page(view, draft, status=422)


def _take(request: Request, actor: Actor, draft: Draft, form: FormData, new: NewUpload) -> UUID:
    quarantine: Quarantine = request.app.state.quarantine
    sent = form["file"]
    assert isinstance(sent, UploadFile)  # checked with the rest
    with quarantine.incoming() as coming:
        while chunk := sent.file.read(CHUNK):
            coming.write(chunk)
        coming.finish()
        stored = Stored(coming.name, coming.sha256, coming.bytes)
        with database_of(request).transaction(actor) as session:
            queue(session, draft.client_id)
            upload, is_new = receive_upload(session, actor, UUID(draft.client_id), new, stored)
        if not is_new:
            coming.drop()
    return upload.id


def read_draft(form: FormData) -> Draft:
    """Return what was chosen; an id that is not one of ours becomes a new one."""
    values = {name: str(form.get(name, "")).strip()[:LONGEST_CODE] for name in BLANK}
    try:
        client_id = str(UUID(str(form.get("client_id", ""))))
    except ValueError:
        client_id = str(new_id())
    aside = [str(reason) for reason in form.getlist("set_aside") if reason in REASONS]
    return Draft(values, client_id, aside)


def check(view: View, draft: Draft, form: FormData) -> NewUpload | None:
    """Turn what was chosen into an upload; None when something is wrong, which the draft then says."""
    values, errors, sent = draft.values, draft.errors, form.get("file")
    if values["kind"] not in list(UploadKind):
        errors["kind"] = view.say(N_("Choose what the file holds."))
        return None
    kind = UploadKind(values["kind"])
    if not isinstance(sent, UploadFile) or not sent.filename:
        errors["file"] = view.say(N_("Choose a file."))
        return None
    name = sent.filename.replace("\\", "/").rpartition("/")[2]
    if CONTROL.search(name) or len(name) > LONGEST_CODE:
        errors["file"] = view.say(N_("The name of the file is too long, or holds control characters. Rename it."))
    first = None
    if kind is UploadKind.PLOTS:
        try:
            first = day(values["valid_from"])
        except ValueError:
            errors["valid_from"] = view.say(N_("Give the day as year-month-day, such as 2013-09-03."))
    if errors:
        return None
    new = NewUpload(
        kind, name, _layout(kind, values, form), first, draft.set_aside if kind is UploadKind.SCORES else []
    )
    new.check()
    return new


def _layout(kind: UploadKind, values: dict[str, str], form: FormData) -> dict[str, Any]:
    """Return the layout of a YAML file, if there is one, with what the form says of encoding and datum."""
    sent, layout = form.get("layout"), dict[str, Any]()
    if isinstance(sent, UploadFile) and sent.filename:
        content = sent.file.read(LAYOUT_BYTES + 1)
        if len(content) > LAYOUT_BYTES:
            raise BadLayout(kind=kind.value)
        model = read_document(File(Path("layout.yaml"), content), LAYOUTS[kind])
        layout = model.model_dump(mode="json", exclude_defaults=True)
    if kind is UploadKind.PLOTS:
        layout |= {name: values[name] for name in ("encoding", "crs") if values[name]}
    return layout


def _field_of(refusal: Refusal) -> str:
    return next((name for kind, name in FIELD_OF.items() if isinstance(refusal, kind)), "file")


def _said(view: View, refusal: Refusal) -> str:
    if isinstance(refusal, HasIssues):
        first = refusal.issues[0]
        return f"{first.place}{view.colon}{view.say(first.message, **first.details)}"
    return view.say(refusal.message, **refusal.details)


def _page(view: View, draft: Draft, *, status: int = 200) -> Response:
    context: dict[str, Any] = {
        "draft": draft,
        "values": draft.values,
        "errors": draft.errors,
        "kinds": labels.UPLOAD_KINDS,
        "reasons": labels.REASONS,
        "encodings": ENCODINGS,
        "megabytes": FILE_BYTES // 1_000_000,
    }
    crumbs = ((view.say(UPLOADS.word), "/uploads"), (view.say(N_("Import a file")), ""))
    return view.page("upload_form.html", UPLOADS, crumbs, context, status=status)
