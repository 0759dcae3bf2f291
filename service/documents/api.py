"""HTTP face of documents."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from pydantic import UUID7

from service.contracts.filters import ContractFilter
from service.core.db import within_days
from service.core.errors import found
from service.core.http import (
    AGAIN,
    BYTES_IN,
    ActorDep,
    After,
    Code,
    Day,
    FromDay,
    KnownAt,
    Limit,
    Page,
    ReadSession,
    UntilDay,
    WriteSession,
    api_router,
    bytes_out,
)
from service.core.paging import id_of, page_of
from service.documents import actions, queries
from service.documents.actions import NewDocument
from service.documents.rules import DocumentKind, On, OneRecord, require_filer
from service.documents.schemas import DocumentOut
from service.evidence.rules import document_type_of
from service.evidence.store import Store
from service.findings.queries import finding_by_id
from service.plots.schemas import PlotFilter
from service.settlement.queries import statement_by_code

router = api_router("documents")
ENDS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
AS_SENT = bytes_out(ENDS)
ALONE = "default-src 'none'; sandbox"  # whatever a browser makes of a file, it runs nothing and belongs to nobody
KindFilter = Annotated[DocumentKind | None, Query(description="What a document is, such as drawing.")]


def _finding(
    session: ReadSession, finding: Annotated[UUID | None, Query(description="A finding's id.")] = None
) -> UUID | None:
    return finding_by_id(session, finding).finding.id if finding else None


def _statement(
    session: ReadSession, statement: Annotated[Code | None, Query(description="A statement's code.")] = None
) -> UUID | None:
    return statement_by_code(session, statement).statement.id if statement else None


@dataclass(frozen=True)
class Records:
    """The records that somebody asks about."""

    contract: UUID | None
    plot: UUID | None
    finding: UUID | None
    statement: UUID | None


def _records(
    contract: ContractFilter,
    plot: PlotFilter,
    finding: Annotated[UUID | None, Depends(_finding, scope="function")],
    statement: Annotated[UUID | None, Depends(_statement, scope="function")],
) -> Records:
    return Records(contract, plot, finding, statement)


RecordsFilter = Annotated[Records, Depends(_records)]


def _one(request: Request, actor: ActorDep) -> On:
    """Return on what kind of record a document is to hang, before the record is looked for: it may be nobody's."""
    named = [on for on in On if request.query_params.get(on.value)]
    if len(named) != 1:
        raise OneRecord
    require_filer(actor, named[0])
    return named[0]


def _new(
    on: Annotated[On, Depends(_one)],
    records: RecordsFilter,
    kind: DocumentKind,
    title: Annotated[Code, Query(description="What it is called.")],
    dated_on: Annotated[Day | None, Query(description="The day that stands on it.")] = None,
) -> NewDocument:
    return NewDocument(on, found(getattr(records, on.value)), kind, title, dated_on)


async def _bytes(request: Request) -> bytes:
    return await request.body()


def _stored(
    request: Request, _new: Annotated[NewDocument, Depends(_new)], content: Annotated[bytes, Depends(_bytes)]
) -> bytes:
    """Keep the bytes before the transaction begins: no row names bytes that could still be lost, no writer waits."""
    document_type_of(content)
    _store(request).put(content)
    return content


@router.put("/documents/{document_id}", status_code=201, responses=AGAIN, openapi_extra=BYTES_IN)
def file_document(
    content: Annotated[bytes, Depends(_stored)],
    session: WriteSession,
    actor: ActorDep,
    document_id: Annotated[UUID7, Path()],
    new: Annotated[NewDocument, Depends(_new)],
    answer: Response,
) -> DocumentOut:
    """Hang a file on the one record that is named, its bytes as the body: 201. The same again: 200."""
    record, is_new = actions.file_document(session, actor, document_id, new, content, sha256(content).hexdigest())
    answer.status_code = 201 if is_new else 200
    return DocumentOut.of(record)


@router.get("/documents")
def list_documents(
    session: ReadSession,
    records: RecordsFilter,
    kind: KindFilter = None,
    first: FromDay = None,
    until: UntilDay = None,
    known_at: KnownAt = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[DocumentOut]:
    """Return documents in the order of their ids; `from` and `until` bound the day on which they were filed."""
    begin, end = within_days(session, first, until)
    rows = queries.documents(
        session,
        **vars(records),
        kind=kind,
        begin=begin,
        end=end,
        known_at=known_at,
        after=id_of(after),
        limit=limit + 1,
    )
    page, mark = page_of(rows, limit, lambda record: str(record.document.id))
    return Page(items=[DocumentOut.of(record) for record in page], next=mark)


@router.get("/documents/{document_id}")
def read_document(session: ReadSession, document_id: UUID) -> DocumentOut:
    """Return what a document is; its bytes are elsewhere."""
    return DocumentOut.of(queries.document_by_id(session, document_id))


@router.get("/documents/{document_id}/content", response_class=Response, responses=AS_SENT)
def read_content(request: Request, session: ReadSession, document_id: UUID) -> Response:
    """Return a document's bytes as they were sent, to be saved, never shown by this site itself."""
    record = queries.document_by_id(session, document_id)
    name = f"{record.document.title}.{ENDS[record.file.media_type]}"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": ALONE,
    }
    return Response(_store(request).get(record.file.sha256), media_type=record.file.media_type, headers=headers)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
