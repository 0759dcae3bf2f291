"""The queue: from events to jobs, and from hand to hand.

A worker's claims and progress are nobody's acts: the audit log has what was asked for and what the work wrote.
"""

from collections.abc import Callable, Mapping
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from service.audit_log import actions as audit_log
from service.audit_log.models import AuditEvent
from service.audit_log.queries import head
from service.core.actor import WORKER
from service.core.db import now
from service.core.errors import Conflict
from service.core.i18n import N_
from service.jobs.models import Job, JobFeed
from service.jobs.rules import FIRST_PAUSE, LEASE, JobState, error_line, is_spent, pause_after

BATCH = 1000  # events read at once
WORKER_LOST = "the worker was lost while it worked"
Finish = Callable[[Session], None]


class LeaseLost(Conflict):
    """Another worker has taken the job meanwhile; what this one made of it is dropped."""

    code, message = "lease_lost", N_("Another worker has taken this job.")


def has_work(session: Session) -> bool:
    """Tell whether there are events to read or jobs to take, without locking anything."""
    behind = session.exec(select(JobFeed.seq)).one() < head(session).seq
    return behind or session.exec(select(Job.id).where(_is_free(session)).limit(1)).first() is not None


def feed(session: Session, kinds: Mapping[str, str]) -> None:
    """Read on in the audit log and enter the jobs that its events ask for. `kinds`: by verb.

    Events follow in the order of commits, so that none can appear behind the mark later.
    """
    mark = session.exec(select(JobFeed).with_for_update()).one()
    read = select(AuditEvent).where(col(AuditEvent.seq) > mark.seq).order_by(col(AuditEvent.seq)).limit(BATCH)
    for event in session.exec(read).all():
        mark.seq = event.seq
        if event.verb in kinds:
            session.add(_asked(session, event, kinds[event.verb]))
    session.add(mark)


def _asked(session: Session, event: AuditEvent, kind: str) -> Job:
    target = UUID(event.target.rpartition(" ")[2])
    return Job(
        kind=kind,
        event_seq=event.seq,
        target=target,
        asked_by=event.actor,
        asked_at=event.at,
        state=JobState.QUEUED,
        due_at=now(session),
    )


def _is_free(session: Session) -> ColumnElement[bool]:
    """Queued and due, or left by a worker whose lease has run out."""
    at = now(session)
    queued = and_(col(Job.state) == JobState.QUEUED, col(Job.due_at) <= at)
    return or_(queued, and_(col(Job.state) == JobState.RUNNING, col(Job.leased_until) < at))


def claim(session: Session) -> Job | None:
    """Take the job that has waited longest; None when there is none. What others are just taking is passed over."""
    query = select(Job).where(_is_free(session)).order_by(col(Job.due_at), col(Job.id)).limit(1)
    while job := session.exec(query.with_for_update(skip_locked=True)).first():
        if job.state is JobState.RUNNING:
            job.last_error = WORKER_LOST
        if is_spent(job.attempts):
            _give_up(session, job)
            continue
        job.state, job.attempts, job.progress, job.doing = JobState.RUNNING, job.attempts + 1, 0, ""
        job.lease, job.leased_until = uuid4(), now(session) + LEASE
        session.add(job)
        return job
    return None


def _held(session: Session, claimed: Job) -> Job:
    """Return the job, locked, if the claim still stands."""
    query = select(Job).where(Job.id == claimed.id, Job.lease == claimed.lease).with_for_update()
    job = session.exec(query).one_or_none()
    if job is None:
        raise LeaseLost
    return job


def tell(session: Session, claimed: Job, progress: int, doing: str) -> None:
    """Note how far the work is, and hold it for longer."""
    job = _held(session, claimed)
    job.progress, job.doing, job.leased_until = progress, doing, now(session) + LEASE
    session.add(job)


def finish(session: Session, claimed: Job, write: Finish) -> None:
    """Write what the work came to and end it, both or neither, and only while the claim stands."""
    job = _held(session, claimed)
    write(session)
    job.state, job.progress, job.doing, job.lease, job.leased_until = JobState.DONE, 100, "", None, None
    job.ended_at = now(session)
    session.add(job)


def fail(session: Session, claimed: Job, error: Exception) -> None:
    """Note a failed attempt; try again later, each time after a longer pause, or give up."""
    job = _held(session, claimed)
    job.last_error, job.due_at = error_line(error), now(session) + pause_after(job.attempts)
    job.state, job.lease, job.leased_until = JobState.QUEUED, None, None
    session.add(job)
    if is_spent(job.attempts):
        _give_up(session, job)


def postpone(session: Session, claimed: Job, error: Exception) -> None:
    """Put a job back that its surroundings did not let go on, a full disk for one: that attempt does not count."""
    job = _held(session, claimed)
    job.last_error, job.due_at, job.attempts = error_line(error), now(session) + FIRST_PAUSE, job.attempts - 1
    job.state, job.lease, job.leased_until = JobState.QUEUED, None, None
    session.add(job)


def _give_up(session: Session, job: Job) -> None:
    job.state, job.lease, job.leased_until, job.ended_at = JobState.FAILED, None, None, now(session)
    session.add(job)
    audit_log.record(session, WORKER, "job.give_up", job, after=[job])
