"""Events as they go out."""

from typing import Self

from pydantic import BaseModel

from service.audit_log.models import AuditContent, AuditEvent
from service.audit_log.queries import Link
from service.core.http import Moment


class Content(BaseModel):
    """The records before and after, as the digest covers them: SHA-256 of the salt's bytes and the document's."""

    salt: str
    document: str


class AuditEventOut(BaseModel):
    """Who did what to which record. `hash` covers this event and the one before; `content` is null once erased."""

    seq: int
    at: Moment
    actor: str
    verb: str
    target: str
    digest: str
    hash: str
    content: Content | None

    @classmethod
    def of(cls, event: AuditEvent, content: AuditContent | None) -> Self:
        """Join the two."""
        shown = Content(salt=content.salt, document=content.document) if content else None
        return cls(**event.model_dump(), content=shown)


class AuditHeadOut(BaseModel):
    """The end of the chain: whoever keeps it can tell later whether the log was cut or written anew."""

    seq: int
    hash: str


class LinkOut(AuditEventOut):
    """An event with the hash of the one before: enough to recompute its own."""

    previous: str

    @classmethod
    def following(cls, link: Link) -> Self:
        """Join the two."""
        return cls(**AuditEventOut.of(link.event, link.content).model_dump(), previous=link.previous)
