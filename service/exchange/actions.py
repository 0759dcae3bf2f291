"""What is done with uploads. Fetch what the actor may see, ask a rule, write, record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import insert, now
from service.core.errors import HasIssues, IdTaken, found
from service.exchange import queries
from service.exchange.contents import Contents, DayNeeded, layout_of, write
from service.exchange.models import Upload
from service.exchange.plans import RegisterChanged
from service.exchange.rules import (
    DRY_RUN_DONE,
    OPEN,
    OPEN_FOR,
    NotChecked,
    UploadKind,
    UploadState,
    is_waiting,
    refuse_closed,
    refuse_other_formats,
    refuse_room,
    refuse_unchecked,
    refuse_unless_seen,
)

UPLOADERS = (Role.MANAGER,)
READERS = (*UPLOADERS, Role.AUDITOR)


@dataclass(frozen=True)
class NewUpload:
    """What somebody says of a file: its kind and name, how it maps onto ours, and from which day its plots hold."""

    kind: UploadKind
    file_name: str
    layout: Mapping[str, Any]
    valid_from: date | None
    set_aside: Sequence[str]

    def check(self) -> None:
        """Refuse what cannot be right, before any byte is taken."""
        refuse_other_formats(self.kind, self.file_name)
        layout_of(self.kind, self.layout)
        if self.kind is UploadKind.PLOTS and self.valid_from is None:
            raise DayNeeded


@dataclass(frozen=True)
class Stored:
    """Bytes that lie in the quarantine."""

    stored_as: str
    sha256: str
    bytes: int


def receive_upload(
    session: Session, actor: Actor, upload_id: UUID, new: NewUpload, stored: Stored
) -> tuple[Upload, bool]:
    """Enter a file whose bytes lie in the quarantine already. The same again is the same upload; True: it is new."""
    require(actor, *UPLOADERS)
    new.check()
    told: dict[str, Any] = {
        "kind": new.kind,
        "file_name": new.file_name,
        "sha256": stored.sha256,
        "valid_from": new.valid_from,
        "layout": layout_of(new.kind, new.layout),
        "set_aside": sorted(set(new.set_aside)),
    }
    known = session.exec(select(Upload).where(Upload.id == upload_id)).one_or_none()
    if known:
        if {name: getattr(known, name) for name in told} != told or known.by != actor.code:
            raise IdTaken
        return known, False
    refuse_room(stored.bytes, queries.bytes_held(session))
    at = now(session)
    upload = Upload(
        id=upload_id,
        stored_as=stored.stored_as,
        bytes=stored.bytes,
        by=actor.code,
        at=at,
        expires_at=at + OPEN_FOR,
        state=UploadState.RECEIVED,
        **told,
    )
    insert(session, upload, taken=IdTaken())
    audit_log.record(session, actor, "upload.receive", upload, after=[upload])
    return upload, True


def take_up(session: Session, actor: Actor, upload_id: UUID) -> Upload | None:
    """Claim an upload for its dry run; None when another has done so, or it is closed meanwhile."""
    require(actor, Role.WORKER)
    upload = _locked(session, upload_id)
    if not is_waiting(upload.state, upload.claimed_at, now(session)):
        return None
    upload.claimed_at = now(session)
    _step(session, actor, "upload.read", upload, UploadState.READING)
    return upload


def note_dry_run(session: Session, actor: Actor, seen: Upload, counts: Mapping[str, int], digest: str | None) -> bool:
    """Note what a dry run has found; without a digest the file cannot be imported. False: the claim was lost."""
    require(actor, Role.WORKER)
    upload = _locked(session, seen.id)
    if upload.revision != seen.revision:
        return False
    upload.counts, upload.digest, upload.claimed_at = dict(counts), digest, None
    _step(session, actor, "upload.check", upload, UploadState.CHECKED if digest else UploadState.REFUSED)
    return True


def recheck_upload(session: Session, actor: Actor, upload_id: UUID, *, seen: str) -> Upload:
    """Ask for another dry run, against the records as they stand now."""
    require(actor, *UPLOADERS)
    upload = _seen(session, upload_id, seen)
    if upload.state not in DRY_RUN_DONE:
        raise NotChecked
    upload.counts, upload.digest = {}, None
    _step(session, actor, "upload.recheck", upload, UploadState.RECEIVED)
    return upload


def cancel_upload(session: Session, actor: Actor, upload_id: UUID, *, seen: str) -> Upload:
    """Drop an upload; nothing of it is imported."""
    require(actor, *UPLOADERS)
    upload = _seen(session, upload_id, seen)
    _step(session, actor, "upload.cancel", upload, UploadState.CANCELLED)
    return upload


def confirm_upload(session: Session, actor: Actor, upload_id: UUID, contents: Contents, *, seen: str) -> Upload:
    """Import an upload as its dry run has shown it; refused when the records have changed so that it would differ."""
    require(actor, *UPLOADERS)
    upload = _seen(session, upload_id, seen)
    refuse_unchecked(upload.state)
    try:
        report = write(session, actor, upload, contents)
    except HasIssues as refused:  # the dry run had none
        raise RegisterChanged from refused
    upload.import_id = report.batch.id
    _step(session, actor, "upload.confirm", upload, UploadState.WRITTEN)
    return upload


def expire_upload(session: Session, actor: Actor, upload_id: UUID) -> None:
    """End an upload that nobody has decided on in time, unless somebody just has."""
    require(actor, Role.WORKER)
    upload = _locked(session, upload_id)
    if upload.state in OPEN:
        _step(session, actor, "upload.expire", upload, UploadState.EXPIRED)


def _locked(session: Session, upload_id: UUID) -> Upload:
    return found(session.exec(select(Upload).where(Upload.id == upload_id).with_for_update()).one_or_none())


def _seen(session: Session, upload_id: UUID, seen: str) -> Upload:
    """Return an open upload in the very state that its reader has seen."""
    upload = _locked(session, upload_id)
    refuse_closed(upload.state)
    refuse_unless_seen(upload.revision, seen)
    return upload


def _step(session: Session, actor: Actor, verb: str, upload: Upload, state: UploadState) -> None:
    before = {"state": upload.state, "revision": upload.revision}
    upload.state, upload.revision = state, upload.revision + 1
    session.add(upload)
    audit_log.record(session, actor, verb, upload, before=[before], after=[upload])
