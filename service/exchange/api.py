"""HTTP face of uploads: send a file, look at its dry run, confirm or cancel."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from pydantic import UUID7
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from service.access.rules import require
from service.core.actor import Actor
from service.core.db import within_days
from service.core.guard import refuse_loose_json
from service.core.http import (
    AGAIN,
    BYTES_IN,
    ActorDep,
    After,
    Code,
    Day,
    FromDay,
    IfMatch,
    Limit,
    Page,
    ReadSession,
    UntilDay,
    WriteSession,
    api_router,
    database_of,
    language,
)
from service.core.paging import BadCursor, id_of, page_of, uncursor
from service.exchange import actions, queries
from service.exchange.actions import READERS, UPLOADERS, NewUpload, Stored
from service.exchange.contents import BadLayout
from service.exchange.models import Upload
from service.exchange.quarantine import Incoming, Quarantine
from service.exchange.rules import CutOff, UploadKind, UploadState
from service.exchange.schemas import ImportOut, IssueOut, SetAsideOut, UploadOut
from service.exchange.scores_in import REASONS
from service.exchange.uploads import confirm, dry_run_of

router = api_router("uploads")
FirstDay = Annotated[Day | None, Query(alias="from", description="Of plots: the day from which they hold.")]
LayoutText = Annotated[
    str, Query(max_length=8000, description="How the file maps onto ours, as JSON; see the page on files.")
]
Aside = Annotated[list[str], Query(description=f"Of scores: rows that are kept unused, {', '.join(REASONS)}.")]
FileName = Annotated[Code, Query(alias="file", description="The file's name; its end says the format.")]


def quarantine_of(request: Request) -> Quarantine:
    """Return the app's quarantine."""
    quarantine: Quarantine = request.app.state.quarantine
    return quarantine


def _reader(actor: ActorDep) -> Actor:
    require(actor, *READERS)
    return actor


def _new(
    actor: ActorDep,
    upload_id: Annotated[UUID7, Path()],
    kind: UploadKind,
    file: FileName,
    from_: FirstDay = None,
    layout: LayoutText = "{}",
    set_aside: Aside = [],  # noqa: B006 - the framework makes a new one for each request
) -> NewUpload:
    """Check all that is said of a file before its first byte is taken."""
    require(actor, *UPLOADERS)
    new = NewUpload(kind, file, _layout(kind, layout), from_, set_aside)
    new.check()
    return new


def _layout(kind: UploadKind, text: str) -> dict[str, Any]:
    refuse_loose_json(text.encode())
    layout = json.loads(text)
    if not isinstance(layout, dict):
        raise BadLayout(kind=kind.value)
    return layout


async def _stored(request: Request, _new: Annotated[NewUpload, Depends(_new)]) -> AsyncIterator[Incoming]:
    """Bring the bytes to the disk as they come, before the transaction begins; a failure leaves none."""
    with quarantine_of(request).incoming() as coming:
        try:
            async for chunk in request.stream():
                coming.write(chunk)
        except ClientDisconnect:
            raise CutOff from None
        await run_in_threadpool(coming.finish)
        yield coming


@router.put("/uploads/{upload_id}", status_code=201, responses=AGAIN, openapi_extra=BYTES_IN)
def send_upload(
    coming: Annotated[Incoming, Depends(_stored, scope="function")],
    session: WriteSession,
    actor: ActorDep,
    upload_id: UUID7,
    new: Annotated[NewUpload, Depends(_new)],
    answer: Response,
) -> UploadOut:
    """Send a file, its bytes as the body: 201. The same again: 200. A dry run follows; nothing is imported yet."""
    stored = Stored(coming.name, coming.sha256, coming.bytes)
    upload, is_new = actions.receive_upload(session, actor, upload_id, new, stored)
    if not is_new:
        coming.drop()
    answer.status_code = 201 if is_new else 200
    return _answer(session, upload, answer)


@router.get("/uploads", dependencies=[Depends(_reader)])
def list_uploads(
    session: ReadSession,
    state: Annotated[list[UploadState], Query()] = [],  # noqa: B006
    after: After = "",
    limit: Limit = 100,
) -> Page[UploadOut]:
    """Return uploads in the order of their ids."""
    rows = queries.uploads(session, states=state, after=id_of(after), limit=limit + 1)
    page, mark = page_of(rows, limit, lambda upload: str(upload.id))
    return Page(items=[UploadOut.of(session, upload) for upload in page], next=mark)


@router.get("/uploads/{upload_id}", dependencies=[Depends(_reader)])
def read_upload(session: ReadSession, upload_id: UUID, answer: Response) -> UploadOut:
    """Return an upload: its state, progress and counts. The ETag names the state, for If-Match."""
    return _answer(session, queries.upload_by_id(session, upload_id), answer)


@router.get("/imports", dependencies=[Depends(_reader)])
def list_imports(
    session: ReadSession,
    kind: Annotated[Code | None, Query(description="What was imported, such as scores.")] = None,
    first: FromDay = None,
    until: UntilDay = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[ImportOut]:
    """Return the files that were imported; `from` and `until` bound the day."""
    begin, end = within_days(session, first, until)
    rows = queries.imports(
        session,
        kind=kind or "",
        begin=begin,
        end=end,
        after=id_of(after),
        limit=limit + 1,
    )
    page, mark = page_of(rows, limit, lambda batch: str(batch.id))
    return Page(items=[ImportOut(**batch.model_dump()) for batch in page], next=mark)


@router.get("/set-asides", dependencies=[Depends(_reader)])
def list_set_asides(
    session: ReadSession,
    import_id: Annotated[UUID | None, Query(alias="import", description="An import's id.")] = None,
    reason: Annotated[Code | None, Query(description=f"Why: {', '.join(REASONS)}.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[SetAsideOut]:
    """Return the rows that imports kept but did not use."""
    batch = queries.import_by_id(session, import_id).id if import_id else None
    rows = queries.rows_aside(session, batch=batch, reason=reason or "", after=id_of(after), limit=limit + 1)
    page, mark = page_of(rows, limit, lambda row: str(row.id))
    return Page(items=[SetAsideOut(**row.model_dump()) for row in page], next=mark)


@router.get("/uploads/{upload_id}/issues", dependencies=[Depends(_reader)])
def list_upload_issues(
    request: Request, session: ReadSession, upload_id: UUID, after: After = "", limit: Limit = 100
) -> Page[IssueOut]:
    """Return all that the dry run has found, by row; nothing before it and after the end of the upload."""
    found = dry_run_of(quarantine_of(request), queries.upload_by_id(session, upload_id))
    issues = found.issues if found else ()
    numbered = [row for row in enumerate(issues, start=1) if row[0] > _number(after)]
    page, mark = page_of(numbered[: limit + 1], limit, lambda row: str(row[0]))
    return Page(items=[IssueOut.of(number, told, language(request)) for number, told in page], next=mark)


@router.post("/uploads/{upload_id}/check")
def recheck_upload(
    session: WriteSession, actor: ActorDep, upload_id: UUID, seen: IfMatch, answer: Response
) -> UploadOut:
    """Ask for another dry run, against the records as they stand now."""
    return _answer(session, actions.recheck_upload(session, actor, upload_id, seen=seen), answer)


@router.post("/uploads/{upload_id}/confirm")
def confirm_upload(request: Request, actor: ActorDep, upload_id: UUID, seen: IfMatch, answer: Response) -> UploadOut:
    """Import the file as its dry run has shown it, in one transaction; refused when it would now do something else."""
    require(actor, *UPLOADERS)
    database = database_of(request)
    upload = confirm(database, quarantine_of(request), actor, upload_id, seen)
    with database.transaction(actor, write=False) as session:
        return _answer(session, upload, answer)


@router.post("/uploads/{upload_id}/cancel")
def cancel_upload(request: Request, actor: ActorDep, upload_id: UUID, seen: IfMatch, answer: Response) -> UploadOut:
    """Drop the file; nothing of it is imported."""
    require(actor, *UPLOADERS)
    with database_of(request).transaction(actor) as session:
        upload = actions.cancel_upload(session, actor, upload_id, seen=seen)
        told = _answer(session, upload, answer)
    quarantine_of(request).remove(upload.stored_as)
    return told


def _answer(session: ReadSession, upload: Upload, answer: Response) -> UploadOut:
    answer.headers["ETag"] = f'"{upload.revision}"'
    return UploadOut.of(session, upload)


def _number(after: str) -> int:
    key = uncursor(after)
    if key and not (key.isascii() and key.isdecimal() and len(key) < 10):
        raise BadCursor
    return int(key or 0)
