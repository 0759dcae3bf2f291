"""Table of documents."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from service.core.columns import Word
from service.core.temporal import append_only
from service.documents.rules import DocumentKind, On

COUNTED = " + ".join(f"CASE WHEN {on.value}_id IS NULL THEN 0 ELSE 1 END" for on in On)


@append_only()
class Document(SQLModel, table=True):
    """A file that hangs on one record. Its bytes are a stored original's; nothing of it ever changes."""

    __tablename__ = "document"
    __table_args__ = (CheckConstraint(f"{COUNTED} = 1", name="on_one_record"),)
    id: UUID = Field(primary_key=True)  # the sender's
    contract_id: UUID | None = Field(default=None, foreign_key="contract.id", index=True)
    plot_id: UUID | None = Field(default=None, foreign_key="plot.id", index=True)
    finding_id: UUID | None = Field(default=None, foreign_key="finding.id", index=True)
    statement_id: UUID | None = Field(default=None, foreign_key="statement.id", index=True)
    file_id: UUID = Field(foreign_key="stored_file.id", index=True)
    kind: DocumentKind = Field(sa_type=Word(DocumentKind))
    title: str
    dated_on: date | None = None  # the day that stands on it
    at: datetime
    by: UUID = Field(foreign_key="user_account.id")
    by_name: str
