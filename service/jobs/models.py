"""Tables of background work."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from service.core.columns import Word
from service.core.ids import new_id
from service.jobs.rules import JobState


class Job(SQLModel, table=True):
    """One piece of work. An event asks for it once; whoever holds its `lease` does it."""

    __tablename__ = "job"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str  # of a handler
    event_seq: int = Field(foreign_key="audit_event.seq", unique=True, sa_type=BigInteger)
    target: UUID  # the record that the event is about
    asked_by: str
    asked_at: datetime
    state: JobState = Field(sa_type=Word(JobState), index=True)
    due_at: datetime  # not taken before
    attempts: int = 0
    lease: UUID | None = None  # new with each claim: who lost it can write nothing more
    leased_until: datetime | None = None
    progress: int = 0  # percent
    doing: str = ""  # a sentence of ours, in English
    last_error: str = ""
    ended_at: datetime | None = None


class JobFeed(SQLModel, table=True):
    """How far the audit log has been read for work. One row, locked by whoever reads on."""

    __tablename__ = "job_feed"
    id: int = Field(default=1, primary_key=True)
    seq: int = Field(sa_type=BigInteger)
