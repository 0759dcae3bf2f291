"""The form in a record's card of documents, which files a paper or a picture there; it works without a script."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from service.core.actor import Actor
from service.core.db import queue
from service.core.errors import IdTaken
from service.core.http import Code, Day, database_of
from service.core.i18n import N_
from service.core.ids import new_id
from service.documents.actions import NewDocument, file_document
from service.documents.rules import MAY_FILE, DocumentKind, On, require_filer
from service.evidence.rules import MEGABYTE, PHOTO_BYTES, NotADocument, document_type_of
from service.web.forms import Draft, read_draft, read_fields
from service.web.frame import View

# what is sent is read by the API's own types, so that both take the same
KINDS: dict[str, TypeAdapter[Any]] = {
    "kind": TypeAdapter(DocumentKind),
    "title": TypeAdapter(Code),
    "dated_on": TypeAdapter(Day),
}
WRONG = {  # in the order of the page
    "file": N_("Choose a file."),
    "kind": N_("Choose what the document is."),
    "title": N_("Give a title of at most 80 characters, without control characters."),
    "dated_on": N_("Give the day as year-month-day, such as 2013-09-03, in the years 1900 to 2199."),
    "client_id": N_("The form did not arrive whole. Look through it and send it again."),
}
SENT = N_("This form was sent before, with other content. Send it again to file this as another document.")


@dataclass(frozen=True)
class Place:
    """A kind of record that documents hang on: how one is found by its code, and its page with the form as sent."""

    on: On
    path: str
    find: Callable[[Session, str], UUID]
    show: Callable[[View, str, Draft | None], Response]


def blank(view: View, on: On) -> Draft | None:
    """Return the empty form for those who file on such records; nothing for others, nor on a past day."""
    if view.is_past or view.actor.role not in MAY_FILE[on]:
        return None
    return Draft(dict.fromkeys(KINDS, ""), str(new_id()))


def shown(filing: Draft | None) -> dict[str, Any]:
    """Return what the card of documents shows of such a form."""
    return {
        "filing": filing,
        "errors": filing.errors if filing else {},
        "megabytes": PHOTO_BYTES // MEGABYTE,
    }


def status_of(filing: Draft | None) -> int:
    """Return the status of a page with such a form."""
    return 422 if filing and filing.errors else 200


def take(request: Request, actor: Actor, form: FormData, place: Place, code: str) -> Response:
    """File what was sent; sent twice it is filed once. What is wrong is said on the record's page.

    Who sends is looked at first, and whether the record is in sight; the bytes are stored before the row naming them.
    """
    require_filer(actor, place.on)
    draft, content, database = read_draft(form, KINDS), _content(form), database_of(request)
    with database.transaction(actor, write=False) as session:
        view, record = View(request, session, actor), place.find(session, code)
        new = check(view, draft, place.on, record, content)
        if new is None:
            return place.show(view, code, draft)
    sha256 = request.app.state.store.put(content)
    try:
        with database.transaction(actor) as session:
            queue(session, draft.client_id)
            file_document(session, actor, UUID(draft.client_id), new, content, sha256)
    except IdTaken:
        with database.transaction(actor, write=False) as session:
            view = View(request, session, actor)
            draft = Draft(draft.values, str(new_id()), {"client_id": view.say(SENT)})
            return place.show(view, code, draft)
    return RedirectResponse(f"{place.path}{quote(code)}#documents", 303)


def check(view: View, draft: Draft, on: On, record: UUID, content: bytes) -> NewDocument | None:
    """Turn what was typed into a document; None when something is wrong, all of which the draft then says."""
    kinds = {name: kind for name, kind in KINDS.items() if name != "dated_on" or draft.values[name]}
    read, errors = read_fields(draft, kinds), draft.errors
    try:
        document_type_of(content)
    except NotADocument as refusal:
        errors["file"] = view.say(refusal.message, **refusal.details) if content else ""
    draft.errors = {name: errors[name] or view.say(WRONG[name]) for name in WRONG if name in errors}
    return None if draft.errors else NewDocument(on, record, read["kind"], read["title"], read.get("dated_on"))


def _content(form: FormData) -> bytes:
    sent = form.get("file")
    return sent.file.read() if isinstance(sent, UploadFile) else b""
