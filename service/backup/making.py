"""Make a backup of an installation that is in use."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from service import migrations
from service.access.queries import the_authority
from service.audit_log import actions as audit_log
from service.audit_log.queries import head
from service.backup import manifest as manifests
from service.backup.manifest import DUMPS, Chain, Engine, Entry, Manifest
from service.core import disk
from service.core.actor import Actor
from service.core.db import Database, now
from service.core.dump import counts, frozen, server_version
from service.core.errors import Busy, Conflict, Issue
from service.core.i18n import N_
from service.core.ids import new_id
from service.core.integrity import database_issues
from service.core.settings import Settings
from service.doctor import BYTES_GONE
from service.evidence.queries import stored_hashes
from service.evidence.store import Store

PATIENCE = 20  # tries to write while others do


class PlaceTaken(Conflict):
    """A backup never overwrites anything."""

    code, message = "place_taken", N_("{place} exists already; name a place that does not.")


class Backup:
    """What the audit log knows a backup by."""

    def __init__(self, manifest: Manifest) -> None:
        self.id: UUID = new_id()
        self.facts = {
            "made_at": str(manifest.made_at),
            "seq": manifest.chain.seq,
            "hash": manifest.chain.hash,
            "files": len(manifest.files),
        }


def make(database: Database, actor: Actor, settings: Settings, place: Path) -> tuple[Manifest, list[Issue]]:
    """Write a backup to a place where nothing is yet; return what it holds, and what was damaged before.

    The database first, as it is at one moment, then the files that it names: they were there before it named them and
    are never changed. All is written aside, synced and renamed: a backup under its own name is complete.
    """
    if place.exists() or place.is_symlink():
        raise PlaceTaken(place=place)
    aside = place.with_name(f"{place.name}.{token_hex(4)}.part")
    disk.private_folder(aside)
    try:
        manifest, issues = _write(database, actor, settings, aside)
        manifests.write(aside, manifest)
        sync_folders(aside)
        _finish(database, actor, manifest, aside, place)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)  # it has its name already when only the commit failed
        raise
    return manifest, issues


def _finish(database: Database, actor: Actor, manifest: Manifest, aside: Path, place: Path) -> None:
    """Give the backup its name and note it in the audit log, both or neither; writers in a hurry are waited for."""
    for left in reversed(range(PATIENCE)):
        try:
            with database.transaction(actor) as session:
                backup = Backup(manifest)
                audit_log.record(session, actor, "database.backup", backup, after=[backup.facts])
                aside.rename(place)
                disk.sync(place.parent)
            return
        except Busy:
            if not left:
                raise


def _write(database: Database, actor: Actor, settings: Settings, aside: Path) -> tuple[Manifest, list[Issue]]:
    engine: Engine = "sqlite" if database.is_sqlite else "postgresql"
    dump = aside / DUMPS[engine]
    with frozen(database, actor, dump) as session:
        issues = list(database_issues(session, database))
        hashes = sorted(set(stored_hashes(session)))
        end, authority = head(session), the_authority(session)
        version, rows, instant = server_version(session), counts(session), now(session)
    disk.sync(dump)
    files = {dump.name: Entry(**disk.digest_of(dump)._asdict())}
    files |= _evidence(Store(settings.store), hashes, aside) | _context(settings, aside)
    missing = [sha256 for sha256 in hashes if _name(sha256) not in files]
    issues += [Issue("bytes_gone", sha256, BYTES_GONE) for sha256 in missing]
    manifest = Manifest(
        engine=engine,
        server=version,
        schema_version=migrations.current(settings.url) or "",
        made_at=instant,
        made_by=actor.code,
        authority=authority[1].code if authority else "",
        chain=Chain(seq=end.seq, hash=end.hash),
        counts=rows,
        missing=missing,
        files=files,
    )
    return manifest, issues


def _name(sha256: str) -> str:
    return f"files/{sha256[:2]}/{sha256}"


def _evidence(store: Store, hashes: Sequence[str], aside: Path) -> dict[str, Entry]:
    """Copy the files of these hashes; what is gone or changed is left out."""
    copied = {}
    for sha256 in hashes:
        source, copy = store.path(sha256), aside / _name(sha256)
        if not source.exists():
            continue
        disk.private_folder(copy.parent)
        digest = disk.copy_synced(source, copy)
        if digest.sha256 == sha256:
            copied[_name(sha256)] = Entry(**digest._asdict())
        else:
            copy.unlink()
    return copied


def _context(settings: Settings, aside: Path) -> dict[str, Entry]:
    """Copy the operator's own streets and water."""
    copied = {}
    for source in sorted(settings.context.glob("*.geojson")):
        copy = aside / settings.context.name / source.name
        disk.private_folder(copy.parent)
        copied[f"{copy.parent.name}/{copy.name}"] = Entry(**disk.copy_synced(source, copy)._asdict())
    return copied


def sync_folders(folder: Path) -> None:
    """Make durable which files a folder and those below it hold."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            disk.sync(path)
