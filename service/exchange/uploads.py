"""An upload from its dry run to its import: read apart, without a transaction; planned; written as it was shown."""

from uuid import UUID

from service.core.actor import Actor, Role
from service.core.db import Database
from service.core.errors import Conflict, Invalid
from service.exchange import actions, dry_run
from service.exchange.contents import Contents, plan_of, read_apart
from service.exchange.dry_run import DryRun
from service.exchange.models import Upload
from service.exchange.plots_in import extent_of
from service.exchange.quarantine import Lost, Quarantine
from service.exchange.queries import upload_by_id
from service.exchange.rules import DRY_RUN_DONE, refuse_unchecked, refuse_unless_seen
from service.exchange.texts import File


def rehearse(database: Database, quarantine: Quarantine, upload: Upload) -> DryRun:
    """Return what an upload would do, or all that is wrong with it. Nothing is locked, nothing is written."""
    reader = Actor(upload.by, Role.MANAGER)  # sees what whoever sent it sees
    with database.transaction(reader, write=False) as session:
        extent = extent_of(session)
    contents: Contents | None = None
    try:
        with quarantine.reading():
            contents = read_apart(upload, _file_of(quarantine, upload), extent)
        with database.transaction(reader, write=False) as session:
            plan = plan_of(session, upload, contents)
            return dry_run.planned(session, plan, contents.parsed, contents.rows)
    except (Invalid, Conflict) as refusal:
        with database.transaction(reader, write=False) as session:
            parsed, rows = (contents.parsed, contents.rows) if contents else (None, None)
            return dry_run.refused(session, refusal, parsed, rows)


def confirm(database: Database, quarantine: Quarantine, actor: Actor, upload_id: UUID, seen: str) -> Upload:
    """Import an upload as its dry run has shown it, in one transaction, or refuse. `seen`: its revision."""
    with quarantine.reading():  # another confirmation of it ends first, and is then seen
        with database.transaction(actor, write=False) as session:
            upload = upload_by_id(session, upload_id)
            refuse_unchecked(upload.state)
            refuse_unless_seen(upload.revision, seen)
            extent = extent_of(session)
        contents = read_apart(upload, _file_of(quarantine, upload), extent)
        with database.transaction(actor) as session:
            written = actions.confirm_upload(session, actor, upload_id, contents, seen=seen)
        quarantine.remove(written.stored_as)
    return written


def _file_of(quarantine: Quarantine, upload: Upload) -> File:
    """Return the very bytes that were sent; others in their place count as lost."""
    file = quarantine.file(upload.stored_as, upload.file_name)
    if file.sha256 != upload.sha256:
        raise Lost
    return file


def dry_run_of(quarantine: Quarantine, upload: Upload) -> DryRun | None:
    """Return what the dry run of an upload has found; None before it, and when the upload is closed."""
    return DryRun.unpack(quarantine.noted(upload.stored_as)) if upload.state in DRY_RUN_DONE else None
