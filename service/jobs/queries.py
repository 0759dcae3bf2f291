"""Reads of background work, and who sees it."""

from uuid import UUID

from sqlmodel import Session, col, select

from service.core.actor import Role
from service.core.errors import found
from service.core.scope import everything, scope_of
from service.jobs.models import Job, JobFeed
from service.jobs.rules import JobState

READERS = (Role.ADMIN, Role.AUDITOR)
scope_of(Job, *READERS, Role.HOST, Role.WORKER)(everything)
scope_of(JobFeed, Role.WORKER)(everything)


def jobs(
    session: Session, *, state: JobState | None = None, before: UUID | None = None, limit: int | None = None
) -> list[Job]:
    """Return jobs, the newest first, beginning below the id `before`."""
    query = select(Job)
    if state:
        query = query.where(Job.state == state)
    if before:
        query = query.where(col(Job.id) < before)
    return list(session.exec(query.order_by(col(Job.id).desc()).limit(limit)))


def job_by_id(session: Session, job_id: UUID) -> Job:
    """Return a job, or refuse."""
    return found(session.exec(select(Job).where(Job.id == job_id)).one_or_none())
