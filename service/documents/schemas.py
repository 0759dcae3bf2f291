"""Documents as they go out."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from service.core.http import Moment
from service.documents.queries import DocumentRecord
from service.documents.rules import DocumentKind, On


class OnOut(BaseModel):
    """The record that a document hangs on, by its code."""

    kind: On
    code: str


class DocumentOut(BaseModel):
    """A file that hangs on a record. `href`: its bytes, as they were sent; `sha256` is theirs."""

    id: UUID
    on: OnOut
    kind: DocumentKind
    title: str
    dated_on: date | None
    media_type: str
    bytes: int
    sha256: str
    filed_at: Moment
    filed_by: str
    href: str

    @classmethod
    def of(cls, record: DocumentRecord) -> Self:
        """Write a document."""
        document, file = record.document, record.file
        return cls(
            on=OnOut(kind=record.on, code=record.code),
            filed_at=document.at,
            filed_by=document.by_name,
            href=f"/api/v1/documents/{document.id}/content",
            **document.model_dump(include={"id", "kind", "title", "dated_on"}),
            **file.model_dump(include={"media_type", "bytes", "sha256"}),
        )
