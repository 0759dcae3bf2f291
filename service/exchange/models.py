"""Tables of imports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from service.core.ids import new_id
from service.core.temporal import append_only


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
