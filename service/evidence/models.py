"""Tables of evidence."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from service.core.columns import Word
from service.core.ids import new_id
from service.core.temporal import append_only
from service.evidence.rules import RenditionState


@append_only()
class StoredFile(SQLModel, table=True):
    """An original, kept for ever under its SHA-256. Its bytes lie in the store, not here."""

    __tablename__ = "stored_file"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    sha256: str = Field(unique=True)
    media_type: str
    bytes: int
    received_at: datetime


class Rendition(SQLModel, table=True):
    """A picture made anew from an original, without its metadata. Pending until a worker has made it."""

    __tablename__ = "rendition"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    file_id: UUID = Field(foreign_key="stored_file.id", unique=True)
    state: RenditionState = Field(sa_type=Word(RenditionState), index=True)
    sha256: str | None = None  # of the rendition, in the same store
    width: int | None = None
    height: int | None = None
    claims: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # what the device said
