"""Bring a backup into an empty installation, whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service import migrations
from service.audit_log import actions as audit_log
from service.audit_log.queries import head
from service.backup import manifest as manifests
from service.backup.making import Backup, sync_folders
from service.backup.manifest import DUMPS, Chain, Damaged, Manifest
from service.core import disk
from service.core.actor import Actor
from service.core.db import Database
from service.core.dump import counts, fill, is_empty
from service.core.errors import Conflict, HasIssues, Invalid, Issue
from service.core.i18n import N_
from service.core.settings import Settings
from service.doctor import examine
from service.opening import open_database

OTHER_HEAD = N_("The audit log ends elsewhere than the manifest says.")
OTHER_COUNT = N_("{table} has {found} rows; the manifest says {wanted}.")


class NotEmpty(Conflict):
    """Restoring never overwrites anything."""

    code, message = "not_empty", N_("{place} is not empty; restore into an empty folder and an empty database.")


class OtherEngine(Invalid):
    """A backup goes back to the engine that it came from."""

    code, message = (
        "other_engine",
        N_("The backup is of {found}, and the settings name {wanted}. Backups do not change the engine."),
    )


class NewerSchema(Invalid):
    """The backup is of a later program."""

    code, message = "newer_schema", N_("The backup has schema {found}, which this program does not know yet.")


class NotSound(HasIssues):
    """What was restored does not fit together."""

    code, message = (
        "restored_not_sound",
        N_("What the backup brought has {count} problems. The folder is as before; on PostgreSQL, drop the database."),
    )


def restore(backup: Path, actor: Actor, settings: Settings) -> tuple[Manifest, list[Issue]]:
    """Bring a backup into an empty folder, and on PostgreSQL an empty database; return what it holds.

    Its manifest is checked before, the whole installation after. Returned with it is what was missing when it was made.
    """
    manifest = manifests.read(backup)
    _refuse_other(manifest, settings)
    folder = settings.folder
    disk.private_folder(folder.parent)
    aside = folder.with_name(f"{folder.name}.restoring")
    if aside.exists():
        shutil.rmtree(aside)  # of an attempt that was broken off
    aside.mkdir(mode=0o700)
    try:
        _copy(backup, manifest, aside)
        issues = _bring_up(manifest, actor, settings.model_copy(update={"folder": aside}), aside)
        sync_folders(aside)
        aside.rename(folder)  # takes the place of an empty one
    except BaseException:
        shutil.rmtree(aside)
        raise
    disk.sync(folder.parent)
    return manifest, issues


@contextmanager
def _reached(settings: Settings) -> Iterator[Database]:
    """Yield the database as it is, whatever it holds."""
    database = Database(settings.url)
    try:
        yield database
    finally:
        database.engine.dispose()


def _refuse_other(manifest: Manifest, settings: Settings) -> None:
    engine = "postgresql" if settings.database_url else "sqlite"
    if manifest.engine != engine:
        raise OtherEngine(found=manifest.engine, wanted=engine)
    if manifest.schema_version not in migrations.known():
        raise NewerSchema(found=manifest.schema_version)
    if settings.folder.exists() and any(settings.folder.iterdir()):
        raise NotEmpty(place=settings.folder)
    if settings.database_url:
        with _reached(settings) as database:
            if not is_empty(database):
                raise NotEmpty(place=database.engine.url.database)


def _copy(backup: Path, manifest: Manifest, aside: Path) -> None:
    for name, entry in manifest.files.items():
        place = aside / name
        disk.private_folder(place.parent)
        if tuple(disk.copy_synced(backup / name, place)) != (entry.sha256, entry.bytes):
            raise Damaged([Issue("backup_file_changed", name, manifests.CHANGED)])


def _bring_up(manifest: Manifest, actor: Actor, settings: Settings, aside: Path) -> list[Issue]:
    """Fill the database, compare it with the manifest, bring it to this program's schema and examine all of it."""
    with _reached(settings) as database:
        if manifest.engine == "postgresql":
            fill(database, aside / DUMPS["postgresql"], version=manifest.server)
            (aside / DUMPS["postgresql"]).unlink()
        if issues := _differences(manifest, database, actor):
            raise NotSound(issues)
    migrations.upgrade(settings.url)
    database = open_database(settings)
    try:
        with database.transaction(actor, write=False) as session:
            issues = examine(session, database, settings)
        if unexpected := [issue for issue in issues if issue.place not in manifest.missing]:
            raise NotSound(unexpected)
        with database.transaction(actor) as session:
            restored = Backup(manifest)
            audit_log.record(session, actor, "database.restore", restored, after=[restored.facts])
    finally:
        database.engine.dispose()
    return issues


def _differences(manifest: Manifest, database: Database, actor: Actor) -> list[Issue]:
    with database.transaction(actor, write=False) as session:
        end, found = head(session), counts(session)
    issues = [
        Issue("other_count", table, OTHER_COUNT, {"table": table, "found": found.get(table, 0), "wanted": wanted})
        for table, wanted in manifest.counts.items()
        if found.get(table, 0) != wanted
    ]
    if Chain(seq=end.seq, hash=end.hash) != manifest.chain:
        issues.append(Issue("other_head", f"event {end.seq}", OTHER_HEAD))
    return issues
