"""Dry runs of files that were uploaded, and the end of those that nobody decided on."""

import logging

from sqlalchemy.exc import OperationalError

from service.core.actor import WORKER
from service.core.db import Database
from service.core.errors import Busy, Invalid
from service.core.i18n import N_
from service.exchange import actions, dry_run, queries
from service.exchange.dry_run import DryRun
from service.exchange.models import Upload
from service.exchange.quarantine import Quarantine
from service.exchange.rules import OPEN
from service.exchange.uploads import rehearse

PASSING = (Busy, OSError, OperationalError)  # a lock, a full disk, a server that is away
LOG = logging.getLogger("greenkeep")


class CheckFailed(Invalid):
    """The file has shown a mistake of the program."""

    code, message = (
        "check_failed",
        N_("Something failed on our side while the file was checked; it cannot be imported."),
    )


def check_uploads(database: Database, quarantine: Quarantine) -> int:
    """Make the dry run of what waits for one, oldest first; return how many were made."""
    with database.transaction(WORKER, write=False) as session:
        waiting = queries.waiting(session)
    made = 0
    for upload in waiting:
        with database.transaction(WORKER) as session:
            claimed = actions.take_up(session, WORKER, upload.id)
        if claimed:
            found, packed = _checked(database, quarantine, claimed)
            quarantine.note(claimed.stored_as, packed)
            with database.transaction(WORKER) as session:
                made += actions.note_dry_run(session, WORKER, claimed, found.counts, found.digest)
    return made


def _checked(database: Database, quarantine: Quarantine, claimed: Upload) -> tuple[DryRun, bytes]:
    """Make a dry run and write it down; a file that breaks it is refused, for the others must not wait for ever."""
    try:
        found = rehearse(database, quarantine, claimed)
        return found, found.pack()
    except PASSING:
        raise
    except Exception:
        LOG.exception("the check of upload %s failed", claimed.id)
    with database.transaction(WORKER, write=False) as session:
        found = dry_run.refused(session, CheckFailed(), None, None)
    return found, found.pack()


def clear_uploads(database: Database, quarantine: Quarantine) -> int:
    """End what has run out, and remove the files that no open upload names; return how many uploads ended."""
    with database.transaction(WORKER, write=False) as session:
        over = queries.run_out(session)
    for upload in over:
        with database.transaction(WORKER) as session:
            actions.expire_upload(session, WORKER, upload.id)
        quarantine.remove(upload.stored_as)
    with database.transaction(WORKER, write=False) as session:
        open_ones = {upload.stored_as for upload in queries.uploads(session, states=OPEN)}
    quarantine.sweep(open_ones)
    return len(over)
