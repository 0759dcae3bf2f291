"""Reads of evidence. What hangs on a finding is seen with it: findings registers who that is."""

from uuid import UUID

from sqlmodel import Session, col, select

from service.core.actor import OVERSEERS, ZONED, Role
from service.core.errors import found
from service.core.scope import everything, scope_of
from service.evidence.models import Rendition, StoredFile

# whoever sends a photo must find the file of the same bytes, whoever sent it first; the bytes stay with their finding
scope_of(StoredFile, *OVERSEERS, *ZONED, Role.CONTRACTOR, Role.WORKER)(everything)
scope_of(Rendition, *OVERSEERS, Role.WORKER)(everything)


def rendition_of(session: Session, file_id: UUID) -> tuple[Rendition, StoredFile]:
    """Return what is made of an original, with the original."""
    query = select(Rendition, StoredFile).join(StoredFile).where(StoredFile.id == file_id)
    rendition, file = found(session.exec(query).one_or_none())
    return rendition, file


def file_by_hash(session: Session, sha256: str) -> StoredFile | None:
    """Return the stored file of a hash, if the actor sees it."""
    return session.exec(select(StoredFile).where(StoredFile.sha256 == sha256)).one_or_none()


def stored_hashes(session: Session) -> list[str]:
    """Return the hash of every original and clean picture that the actor sees, oldest first."""
    made = select(Rendition.sha256).where(col(Rendition.sha256).is_not(None)).order_by(col(Rendition.id))
    originals = session.exec(select(StoredFile.sha256).order_by(col(StoredFile.id)))
    return [*originals, *(sha256 for sha256 in session.exec(made) if sha256)]
