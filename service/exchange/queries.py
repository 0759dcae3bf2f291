"""Reads of imports and of what was set aside."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from service.core.actor import OVERSEERS, Role
from service.core.db import now
from service.core.errors import found
from service.core.scope import everything, scope_of
from service.exchange.models import Import, SetAside, Upload
from service.exchange.rules import OPEN, UploadState, is_waiting

scope_of(Import, *OVERSEERS, Role.ADMIN)(everything)
scope_of(SetAside, *OVERSEERS, Role.ADMIN)(everything)
scope_of(Upload, *OVERSEERS, Role.WORKER)(everything)


def import_of(session: Session, kind: str, sha256: str) -> Import | None:
    """Return the import of the very same file, if there was one."""
    return session.exec(select(Import).where(Import.kind == kind, Import.sha256 == sha256)).first()


def imports(
    session: Session,
    *,
    kind: str = "",
    begin: datetime | None = None,
    end: datetime | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[Import]:
    """Return imports in the order of their ids. `begin`, `end`: from one instant up to, not including, another."""
    query = select(Import)
    if kind:
        query = query.where(Import.kind == kind)
    if begin:
        query = query.where(col(Import.at) >= begin)
    if end:
        query = query.where(col(Import.at) < end)
    if after:
        query = query.where(col(Import.id) > after)
    return list(session.exec(query.order_by(col(Import.id)).limit(limit)))


def import_by_id(session: Session, import_id: UUID) -> Import:
    """Return an import, if the actor sees it."""
    return found(session.exec(select(Import).where(Import.id == import_id)).one_or_none())


def rows_aside(
    session: Session,
    *,
    batch: UUID | None = None,
    reason: str = "",
    after: UUID | None = None,
    limit: int | None = None,
) -> list[SetAside]:
    """Return rows that were kept but not used, of one import or all, in the order of their ids."""
    query = select(SetAside)
    if batch:
        query = query.where(SetAside.import_id == batch)
    if reason:
        query = query.where(SetAside.reason == reason)
    if after:
        query = query.where(col(SetAside.id) > after)
    return list(session.exec(query.order_by(col(SetAside.id)).limit(limit)))


def set_asides(session: Session, batch: Import) -> list[SetAside]:
    """Return the rows of an import that were kept but not used, in their order."""
    query = select(SetAside).where(SetAside.import_id == batch.id)
    return list(session.exec(query.order_by(col(SetAside.row))))


def upload_by_id(session: Session, upload_id: UUID) -> Upload:
    """Return an upload, if the actor sees it."""
    return found(session.exec(select(Upload).where(Upload.id == upload_id)).one_or_none())


def uploads(
    session: Session, *, states: Sequence[UploadState] = (), after: UUID | None = None, limit: int | None = None
) -> list[Upload]:
    """Return uploads in the order of their ids, behind one of them."""
    query = select(Upload)
    if states:
        query = query.where(col(Upload.state).in_(states))
    if after:
        query = query.where(col(Upload.id) > after)
    return list(session.exec(query.order_by(col(Upload.id)).limit(limit)))


def latest_uploads(session: Session, limit: int) -> list[Upload]:
    """Return uploads, the last received first."""
    return list(session.exec(select(Upload).order_by(col(Upload.at).desc(), col(Upload.id).desc()).limit(limit)))


def waiting(session: Session) -> list[Upload]:
    """Return what a worker may take up, oldest first."""
    unread = (UploadState.RECEIVED, UploadState.READING)
    query = select(Upload).where(col(Upload.state).in_(unread)).order_by(col(Upload.at), col(Upload.id))
    return [upload for upload in session.exec(query) if is_waiting(upload.state, upload.claimed_at, now(session))]


def ahead_of(session: Session, upload: Upload) -> int:
    """Return how many files are read before this one."""
    query = select(func.count()).select_from(Upload).where(col(Upload.at) < upload.at)
    unread = (UploadState.RECEIVED, UploadState.READING)
    return session.exec(query.where(col(Upload.state).in_(unread))).one()


def bytes_held(session: Session) -> int:
    """Return how many bytes the open uploads take."""
    query = select(func.coalesce(func.sum(Upload.bytes), 0)).where(col(Upload.state).in_(OPEN))
    return int(session.exec(query).one())


def run_out(session: Session) -> list[Upload]:
    """Return the open uploads whose time is over."""
    query = select(Upload).where(col(Upload.state).in_(OPEN), col(Upload.expires_at) < now(session))
    return list(session.exec(query.order_by(col(Upload.id))))
