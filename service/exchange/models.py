"""Tables of imports."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from service.core.columns import Word
from service.core.ids import new_id
from service.core.temporal import append_only
from service.exchange.rules import UploadKind, UploadState


@append_only()
class Import(SQLModel, table=True):
    """A file that came in: what kind, whose hash, how many rows were written and set aside."""

    __tablename__ = "import_batch"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str
    file_name: str
    sha256: str
    at: datetime
    by: str
    rows: int
    written: int
    unchanged: int
    set_aside: int


@append_only()
class SetAside(SQLModel, table=True):
    """A row that was kept with its import but not used, and why."""

    __tablename__ = "set_aside"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    import_id: UUID = Field(foreign_key="import_batch.id", index=True)
    row: int
    reason: str
    name: str
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Upload(SQLModel, table=True):
    """A file that somebody sent, from its receipt to its import or its end. Its bytes lie in the quarantine."""

    __tablename__ = "upload"
    id: UUID = Field(primary_key=True)  # the sender's
    kind: UploadKind = Field(sa_type=Word(UploadKind))
    file_name: str
    stored_as: str = Field(unique=True)  # the quarantine's own name for it
    sha256: str
    bytes: int
    valid_from: date | None = None  # of plots: the day from which they hold
    layout: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    set_aside: list[str] = Field(sa_column=Column(JSON, nullable=False))  # reasons for which rows may be set aside
    by: str
    at: datetime
    expires_at: datetime
    state: UploadState = Field(sa_type=Word(UploadState), index=True)
    revision: int = 1
    claimed_at: datetime | None = None
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # of the dry run
    digest: str | None = None  # of all that the dry run has shown
    import_id: UUID | None = Field(default=None, foreign_key="import_batch.id")
