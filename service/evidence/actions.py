"""What is done to evidence."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import WORKER, Actor, Role
from service.core.db import now
from service.core.errors import found
from service.evidence import queries
from service.evidence.models import Rendition, StoredFile
from service.evidence.rules import MAGIC, RenditionState, document_type_of


def keep(session: Session, actor: Actor, content: bytes, sha256: str) -> StoredFile:
    """Enter an original whose bytes the store already holds; of a picture, ask for its clean one.

    The same bytes twice are one file, whoever sends them.
    """
    known = queries.file_by_hash(session, sha256)
    file = known or StoredFile(
        sha256=sha256, media_type=document_type_of(content), bytes=len(content), received_at=now(session)
    )
    if known is None:
        session.add(file)
        session.flush()
        if file.media_type in MAGIC:
            session.add(Rendition(file_id=file.id, state=RenditionState.PENDING))
            session.flush()
    audit_log.record(session, actor, "file.keep", file, after=[file])
    return file


def note_rendition(
    session: Session, actor: Actor, rendition_id: UUID, *, sha256: str | None, made: dict[str, Any]
) -> None:
    """Note the clean picture that a worker made of an original; without a hash none could be made.

    Once only: what another worker noted meanwhile stands.
    """
    require(actor, Role.WORKER)
    query = select(Rendition).where(Rendition.id == rendition_id).with_for_update()
    rendition = found(session.exec(query).one_or_none())
    if rendition.state is not RenditionState.PENDING:
        return
    rendition.state = RenditionState.READY if sha256 else RenditionState.REFUSED
    rendition.sha256 = sha256
    rendition.width, rendition.height, rendition.claims = made.get("width"), made.get("height"), made.get("claims", {})
    session.add(rendition)
    audit_log.record(session, WORKER, "rendition.note", rendition, after=[rendition])
