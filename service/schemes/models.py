"""Table of assessment schemes."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from service.core.ids import new_id
from service.core.temporal import append_only


@append_only()
class SchemeVersion(SQLModel, table=True):
    """One version of a scheme: the file as it was entered. A contract names the version; it never changes."""

    __tablename__ = "scheme_version"
    __table_args__ = (UniqueConstraint("code", "version"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str
    version: int
    valid_from: date
    title_zh: str
    title_en: str
    text: str
    sha256: str
