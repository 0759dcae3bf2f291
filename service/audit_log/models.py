"""Tables of the audit log."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from service.audit_log.rules import fields_of
from service.core.actor import Role
from service.core.scope import everything, scope_of
from service.core.temporal import append_only

READERS = (Role.HOST, Role.AUDITOR, Role.ADMIN)


@append_only()
class AuditEvent(SQLModel, table=True):
    """Who did what to which record: `seq` counts without gaps, `hash` covers this event and the one before."""

    __tablename__ = "audit_event"
    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime
    actor: str = Field(index=True)
    verb: str
    target: str = Field(index=True)
    digest: str
    hash: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Who did what to which record, as the chain hashes it."""
        return fields_of(self.at, self.actor, self.verb, self.target)


@append_only(erasable=True)
class AuditContent(SQLModel, table=True):
    """The records before and after. Kept apart from the chain, which holds only its salted digest."""

    __tablename__ = "audit_content"
    seq: int = Field(
        primary_key=True,
        foreign_key="audit_event.seq",
        sa_type=BigInteger,
        sa_column_kwargs={"autoincrement": False},
    )
    salt: str
    document: str


class AuditHead(SQLModel, table=True):
    """The end of the chain. One row, locked last in a transaction, so that writers queue for it only briefly."""

    __tablename__ = "audit_head"
    id: int = Field(default=1, primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    hash: str


scope_of(AuditHead, *Role)(everything)  # everybody who acts makes the chain longer
scope_of(AuditEvent, *READERS, Role.WORKER)(everything)  # events ask for background work
scope_of(AuditContent, *READERS)(everything)
