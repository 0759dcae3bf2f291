"""What people do about background work. What workers do to it is the queue's."""

from uuid import UUID

from sqlmodel import Session

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import now
from service.jobs import queries
from service.jobs.models import Job
from service.jobs.rules import JobState, NotFailed


def retry(session: Session, actor: Actor, job_id: UUID) -> Job:
    """Ask again for what was given up, with all its attempts before it."""
    require(actor, Role.HOST)
    job = queries.job_by_id(session, job_id)
    if job.state is not JobState.FAILED:
        raise NotFailed
    before = job.model_dump()
    job.state, job.attempts, job.progress, job.ended_at = JobState.QUEUED, 0, 0, None
    job.due_at = now(session)
    session.add(job)
    audit_log.record(session, actor, "job.retry", job, before=[before], after=[job])
    return job
