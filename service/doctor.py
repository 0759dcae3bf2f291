"""Check an installation: what would make it unsafe, and whether what it holds still fits together."""

import stat
from collections.abc import Iterator

from sqlmodel import Session

from service.audit_log.queries import verify
from service.audit_log.rows import changed_rows
from service.core.db import Database
from service.core.errors import HasIssues, Issue
from service.core.i18n import N_
from service.core.integrity import database_issues
from service.core.sandbox import is_cut_off
from service.core.settings import Settings
from service.evidence.queries import stored_hashes
from service.evidence.store import Store
from service.settlement.queries import balance_issues

OPEN_FOLDER = N_("Other accounts of this machine can read {folder}; make it private: chmod 700.")
IN_THE_NETWORK = N_(
    "What reads strangers' files can reach the network: this account may not leave it (unshare). "
    "Let it, or keep the machine from reaching other hosts."
)
BYTES_GONE = N_("The bytes of a stored file are gone or changed.")


def refuse_unsafe(settings: Settings) -> None:
    """Refuse to serve from a folder that others can read."""
    issues = list(folder_issues(settings))
    if issues:
        raise HasIssues(issues)


def remarks() -> Iterator[str]:
    """Yield what is weaker here than elsewhere; a server starts nevertheless."""
    if not is_cut_off():
        yield IN_THE_NETWORK


def folder_issues(settings: Settings) -> Iterator[Issue]:
    """Yield what is wrong with the data folder."""
    for folder in (settings.folder, settings.store):
        if folder.exists() and folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Issue("open_folder", str(folder), OPEN_FOLDER, {"folder": folder})


def examine(session: Session, database: Database, settings: Settings) -> list[Issue]:
    """Return everything that does not fit: folder, settings, integrity, guards, boxes, files, balances, log, rows."""
    issues = [*folder_issues(settings), *database_issues(session, database)]
    store = Store(settings.store)
    issues += [Issue("bytes_gone", sha256, BYTES_GONE) for sha256 in stored_hashes(session) if not store.holds(sha256)]
    return issues + balance_issues(session) + verify(session) + changed_rows(session)
