"""Dry runs of files that were uploaded, and the end of those that nobody decided on."""

from service.core.actor import WORKER
from service.core.db import Database
from service.exchange import actions, queries
from service.exchange.quarantine import Quarantine
from service.exchange.rules import OPEN
from service.exchange.uploads import rehearse


def check_uploads(database: Database, quarantine: Quarantine) -> int:
    """Make the dry run of what waits for one, oldest first; return how many were made."""
    with database.transaction(WORKER, write=False) as session:
        waiting = queries.waiting(session)
    made = 0
    for upload in waiting:
        with database.transaction(WORKER) as session:
            claimed = actions.take_up(session, WORKER, upload.id)
        if claimed:
            found = rehearse(database, quarantine, claimed)
            quarantine.note(claimed.stored_as, found.pack())
            with database.transaction(WORKER) as session:
                made += actions.note_dry_run(session, WORKER, claimed, found.counts, found.digest)
    return made


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
