"""HTTP face of findings and their photos."""

from datetime import datetime
from hashlib import sha256 as digest
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from pydantic import UUID7
from sqlmodel import Session

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.contracts.filters import PlaceFilter
from service.core import geojson
from service.core.actor import Actor, Role
from service.core.db import today
from service.core.errors import found
from service.core.geojson import WantsGeoJson
from service.core.http import (
    AGAIN,
    BYTES_IN,
    ActorDep,
    After,
    FromDay,
    IfMatch,
    KnownAt,
    Limit,
    Page,
    ReadSession,
    UntilDay,
    WriteSession,
    api_router,
    bytes_out,
    database_of,
)
from service.core.paging import dated, page_of, undated_id
from service.evidence.models import StoredFile
from service.evidence.rules import MAGIC, NotReady, OtherHash, media_type_of
from service.evidence.store import Store
from service.findings import actions, queries, rules
from service.findings.filters import FindingFilter
from service.findings.queries import FindingRecord
from service.findings.schemas import (
    FindingDetail,
    FindingIn,
    FindingOut,
    PhotoKept,
    PhotoListed,
    PhotoOut,
    StepIn,
    StepOut,
    feature,
)

router = api_router("findings")

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Of the bytes, in hexadecimal digits.")]
PICTURE = bytes_out(["image/jpeg"])
AS_SENT = bytes_out(MAGIC)
ALONE = "default-src 'none'; sandbox"  # whatever a browser makes of a picture, it runs nothing and belongs to nobody


def _detail(session: Session, actor: Actor, record: FindingRecord, known_at: datetime | None = None) -> FindingDetail:
    """Return a finding with all that hangs on it; of the past, nobody acts."""
    finding = record.finding
    own = finding.filed_by == actor.user_id
    return FindingDetail.of(
        record,
        today(session),
        steps=[StepOut.of(step).model_dump() for step in queries.steps(session, finding, known_at=known_at)],
        photos=[PhotoOut.of(*row).model_dump() for row in queries.photos(session, finding, known_at=known_at)],
        acts=[] if known_at else rules.acts_open_to(record.state, actor.role, own=own),
    )


def _etag(answer: Response, record: FindingRecord) -> None:
    answer.headers["ETag"] = f'"{record.last.number}"'


@router.get("/findings", response_model=Page[FindingOut], responses=geojson.ANSWERS)
def list_findings(
    request: Request,
    session: ReadSession,
    asked: FindingFilter,
    wants_geojson: WantsGeoJson,
    after: After = "",
    limit: Limit = 100,
) -> Page[FindingOut] | Response:
    """Return findings, the latest day first; `from` and `until` bound the day on which it was found."""
    rows = queries.findings(session, **vars(asked), after=undated_id(after), limit=limit + 1)
    page, mark = page_of(rows, limit, lambda row: dated(row.finding.found_on, row.finding.id))
    day = today(session)
    if wants_geojson:
        return geojson.collection(request, (feature(record, day) for record in page), mark)
    return Page(items=[FindingOut.of(record, day) for record in page], next=mark)


@router.get("/findings/{finding_id}")
def read_finding(
    session: ReadSession, actor: ActorDep, finding_id: UUID, answer: Response, known_at: KnownAt = None
) -> FindingDetail:
    """Return a finding. The ETag is the number of its last step."""
    record = queries.finding_by_id(session, finding_id, known_at=known_at)
    _etag(answer, record)
    return _detail(session, actor, record, known_at)


@router.put("/findings/{finding_id}", status_code=201, responses=AGAIN)
def file_finding(
    session: WriteSession, actor: ActorDep, finding_id: UUID7, body: FindingIn, answer: Response
) -> FindingDetail:
    """File a finding: 201. The same again: 200 with the finding as it stands."""
    record, is_new = actions.file_finding(session, actor, finding_id, body.facts())
    answer.status_code = 201 if is_new else 200
    _etag(answer, record)
    return _detail(session, actor, record)


@router.post("/findings/{finding_id}/steps", status_code=201)
def act_on_finding(
    session: WriteSession, actor: ActorDep, finding_id: UUID, seen: IfMatch, body: StepIn, answer: Response
) -> FindingDetail:
    """Take the next step. If-Match names the last step that you have seen."""
    record = actions.act_on_finding(session, actor, finding_id, body.act, seen=seen, note=body.note)
    _etag(answer, record)
    return _detail(session, actor, record)


async def _bytes(request: Request) -> bytes:
    return await request.body()


def _stored(
    request: Request, actor: ActorDep, finding_id: UUID, sha256: Sha256, content: Annotated[bytes, Depends(_bytes)]
) -> bytes:
    """Keep the bytes before the transaction begins: no row names bytes that could still be lost, no writer waits.

    What would be refused then is refused here: bytes that no row will name would fill the disk.
    """
    require(actor, *rules.FILERS, Role.CONTRACTOR)
    with database_of(request).transaction(actor, write=False) as session:
        record = queries.finding_by_id(session, finding_id)
        if queries.photo_by_hash(session, finding_id, sha256) is None:
            rules.refuse_closed(record.state)
    media_type_of(content)
    if digest(content).hexdigest() != sha256:
        raise OtherHash
    store: Store = request.app.state.store
    store.put(content)
    return content


Stored = Annotated[bytes, Depends(_stored)]


@router.put("/findings/{finding_id}/photos/{sha256}", status_code=201, responses=AGAIN, openapi_extra=BYTES_IN)
def add_photo(
    content: Stored, session: WriteSession, actor: ActorDep, finding_id: UUID, sha256: Sha256, answer: Response
) -> PhotoKept:
    """Hang a photo on a finding, its bytes as the body: 201. The same again: 200."""
    photo, is_new = actions.add_photo(session, actor, finding_id, content, sha256)
    answer.status_code = 201 if is_new else 200
    return PhotoKept(id=photo.id, sha256=sha256, href=f"/api/v1/photos/{photo.id}")


@router.get("/photos")
def list_photos(
    session: ReadSession,
    place: PlaceFilter,
    finding: Annotated[UUID | None, Query(description="A finding's id.")] = None,
    first: FromDay = None,
    until: UntilDay = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[PhotoListed]:
    """Return photos by the day of their finding, which `from` and `until` bound."""
    rows = queries.photo_list(
        session,
        **vars(place),
        finding=finding,
        first=first,
        until=until,
        after=undated_id(after),
        limit=limit + 1,
    )
    page, mark = page_of(rows, limit, lambda row: dated(row.finding.found_on, row.photo.id))
    return Page(items=[PhotoListed.row(record) for record in page], next=mark)


@router.get("/photos/{photo_id}", response_class=Response, responses=PICTURE)
def read_photo(request: Request, session: ReadSession, photo_id: UUID) -> Response:
    """Return the clean picture that was made of a photo, without what the device wrote into it."""
    photo, rendition = queries.photo(session, photo_id)
    if rendition.sha256 is None:
        raise NotReady
    store: Store = request.app.state.store
    return _picture(store.get(rendition.sha256), "image/jpeg", f"{photo.id}.jpg")


@router.post("/photos/{photo_id}/original-views", response_class=Response, responses=AS_SENT)
def view_original(request: Request, session: WriteSession, actor: ActorDep, photo_id: UUID) -> Response:
    """Return a photo as it was sent, all that the device wrote included. The audit log notes it, hence POST."""
    require(actor, Role.MANAGER, Role.AUDITOR)
    photo, _ = queries.photo(session, photo_id)
    original = found(session.get(StoredFile, photo.file_id))
    store: Store = request.app.state.store
    content = store.get(original.sha256)
    audit_log.record(session, actor, "photo.view_original", photo, after=[{"sha256": original.sha256}])
    return _picture(content, original.media_type, f"{photo.id}.original")


def _picture(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": ALONE}
    return Response(content, media_type=media_type, headers=headers)
