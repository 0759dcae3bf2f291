"""What is done with documents."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, select

from service.audit_log import actions as audit_log
from service.core.actor import Actor
from service.core.db import insert, now
from service.core.errors import IdTaken
from service.documents import queries
from service.documents.models import Document
from service.documents.queries import DocumentRecord
from service.documents.rules import DocumentKind, On, require_filer
from service.evidence import actions as evidence


@dataclass(frozen=True)
class NewDocument:
    """What somebody files, and on which record. `dated_on`: the day that stands on it, if any."""

    on: On
    record: UUID
    kind: DocumentKind
    title: str
    dated_on: date | None


def file_document(
    session: Session, actor: Actor, document_id: UUID, new: NewDocument, content: bytes, sha256: str
) -> tuple[DocumentRecord, bool]:
    """Hang a file, whose bytes the store already holds, on a record. The same again is returned, with False."""
    require_filer(actor, new.on)
    queries.record_exists(session, new.on, new.record)
    if session.exec(select(Document.id).where(Document.id == document_id)).one_or_none():
        record = queries.document_by_id(session, document_id)
        _refuse_other(actor, record, new, sha256)
        return record, False
    file = evidence.keep(session, actor, content, sha256)
    assert actor.user_id, "whoever files something is a person"
    document = Document(
        id=document_id,
        file_id=file.id,
        kind=new.kind,
        title=new.title,
        dated_on=new.dated_on,
        at=now(session),
        by=actor.user_id,
        by_name=actor.name,
        **{f"{new.on.value}_id": new.record},
    )
    insert(session, document, taken=IdTaken())
    audit_log.record(session, actor, "document.file", document, after=[document])
    return queries.document_by_id(session, document_id), True


def _refuse_other(actor: Actor, record: DocumentRecord, new: NewDocument, sha256: str) -> None:
    """The same id with other content is refused; only the sender's own retry is the same content."""
    kept = record.document
    record_id = getattr(kept, f"{record.on.value}_id")
    stored = NewDocument(record.on, record_id, kept.kind, kept.title, kept.dated_on)
    if stored != new or record.file.sha256 != sha256 or kept.by != actor.user_id:
        raise IdTaken
