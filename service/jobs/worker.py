"""The worker: takes one job after another, and looks after uploads. Any number may work beside each other."""

import logging
from threading import Event, Thread

from service.core.actor import WORKER
from service.core.db import Database
from service.evidence.store import Store
from service.exchange.quarantine import Quarantine
from service.jobs import queue
from service.jobs.handlers import HANDLERS, Work
from service.jobs.models import Job
from service.jobs.queue import LeaseLost
from service.jobs.uploads import PASSING, check_uploads, clear_uploads

EVERY_S = 2.0
LOG = logging.getLogger("greenkeep")


def work_off(database: Database, store: Store) -> int:
    """Do everything that is due; return how many attempts were made."""
    attempts = 0
    while work_once(database, store):
        attempts += 1
    return attempts


def work_once(database: Database, store: Store) -> bool:
    """Read on in the audit log and try one job; tell whether there was one."""
    with database.transaction(WORKER, write=False) as session:
        if not queue.has_work(session):
            return False
    with database.transaction(WORKER) as session:
        queue.feed(session, {handler.verb: handler.kind for handler in HANDLERS})
    with database.transaction(WORKER) as session:
        job = queue.claim(session)
    if job is None:
        return False
    try:
        _try(database, store, job)
    except LeaseLost:
        LOG.warning("job %s took longer than its lease; another worker has it", job.id)
    return True


def _try(database: Database, store: Store, job: Job) -> None:
    def tell(progress: int, doing: str) -> None:
        with database.transaction(WORKER) as session:
            queue.tell(session, job, progress, doing)

    try:
        [handler] = [handler for handler in HANDLERS if handler.kind == job.kind]
        write = handler.run(Work(database, store, job.target, tell))
        with database.transaction(WORKER) as session:
            queue.finish(session, job, write)
    except LeaseLost:
        raise
    except PASSING as error:
        LOG.exception("job %s: not now", job.id)
        with database.transaction(WORKER) as session:
            queue.postpone(session, job, error)
    except Exception as error:  # whatever one job does, the others are not kept waiting
        LOG.exception("job %s failed", job.id)
        with database.transaction(WORKER) as session:
            queue.fail(session, job, error)


class Worker:
    """Works until it is stopped: as a thread beside a server, or as a process of its own."""

    def __init__(self, database: Database, store: Store, quarantine: Quarantine) -> None:
        self.database, self.store, self.quarantine = database, store, quarantine
        self.stopping = Event()
        self.thread = Thread(target=self.run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self.thread.start()

    def stop(self) -> None:
        """End after the job at hand."""
        self.stopping.set()
        self.thread.join()

    def run(self) -> None:
        """Work here."""
        while not self.stopping.is_set():
            try:
                found = work_once(self.database, self.store)
                found = bool(check_uploads(self.database, self.quarantine)) or found
                clear_uploads(self.database, self.quarantine)
            except PASSING:
                LOG.exception("no work now; the next round finds the same")
                found = False
            if not found:
                self.stopping.wait(EVERY_S)
