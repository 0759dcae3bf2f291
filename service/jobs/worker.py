"""Background work: clean pictures of photos and dry runs of uploads, each in a process of its own."""

import logging
from threading import Event, Thread

from sqlalchemy.exc import OperationalError

from service.core.actor import WORKER
from service.core.db import Database
from service.core.errors import Busy, NotFound
from service.core.sandbox import WEB, CannotRead, run_apart
from service.evidence import actions, pictures, queries
from service.evidence.store import Store
from service.exchange.quarantine import Quarantine
from service.jobs.uploads import check_uploads, clear_uploads

EVERY_S = 2.0
LOG = logging.getLogger("greenkeep")


def make_renditions(database: Database, store: Store) -> int:
    """Make what is pending; return how many were done. An original that no picture can be made of is noted as such."""
    with database.transaction(WORKER, write=False) as session:
        pending = queries.pending(session)
    for rendition, file in pending:
        sha256, made = None, {}
        try:
            made = run_apart(pictures.clean, limits=WEB, content=store.get(file.sha256))
            sha256 = store.put(made.pop("jpeg"))
        except (CannotRead, NotFound):
            made = {"claims": {"refused": "the picture could not be decoded within the limits"}}
        with database.transaction(WORKER) as session:
            actions.note_rendition(session, WORKER, rendition.id, sha256=sha256, made=made)
    return len(pending)


class Worker:
    """A thread that works while the server runs."""

    def __init__(self, database: Database, store: Store, quarantine: Quarantine) -> None:
        self.database, self.store, self.quarantine = database, store, quarantine
        self.stopping = Event()
        self.thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def stop(self) -> None:
        """End after the round at hand."""
        self.stopping.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                done = make_renditions(self.database, self.store)
                done += check_uploads(self.database, self.quarantine)
                clear_uploads(self.database, self.quarantine)
            except (Busy, OSError, OperationalError):  # a lock, a full disk, a server that is away
                LOG.exception("no work now; the next round finds the same work")
                done = 0
            if not done:
                self.stopping.wait(EVERY_S)
