"""What a backup says it holds, and whether it holds that."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from service.core.disk import digest_of, write_synced
from service.core.errors import HasIssues, Invalid, Issue
from service.core.i18n import N_

Engine = Literal["sqlite", "postgresql"]
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
DUMPS: dict[Engine, str] = {"sqlite": "greenkeep.db", "postgresql": "greenkeep.dump"}
ABSENT = N_("This file of the backup is missing.")
CHANGED = N_("This file of the backup is not the one that was saved.")
UNKNOWN = N_("The manifest of the backup does not name this file.")


class NoBackup(Invalid):
    """There is no finished backup at that place."""

    code, message = (
        "no_backup",
        N_("{place} is no complete backup: {missing} is missing. A backup that was broken off ends in .part."),
    )


class BadManifest(Invalid):
    """The list of what the backup holds is itself damaged."""

    code, message = "bad_manifest", N_("The manifest of the backup is damaged: {place} does not fit its seal.")


class OtherFormat(Invalid):
    """The backup was made by another program, or a newer one."""

    code, message = "other_backup_format", N_("This program cannot read the manifest of this backup.")


class Damaged(HasIssues):
    """Not all is there, or not as it was."""

    code, message = "backup_damaged", N_("The backup is damaged in {count} places; nothing was restored.")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Part):
    """One file."""

    sha256: str
    bytes: int


class Chain(_Part):
    """The end of the audit log."""

    seq: int
    hash: str


class Manifest(_Part):
    """What a backup holds. `missing`: files that were gone or changed already when it was made."""

    format: Literal[1] = 1
    engine: Engine
    server: int  # PostgreSQL's major version; 0 with SQLite
    schema_version: str
    made_at: datetime
    made_by: str
    authority: str
    chain: Chain
    counts: dict[str, int]
    missing: list[str]
    files: dict[str, Entry]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and its seal, which sha256sum can check, too."""
    content = manifest.model_dump_json(indent=1).encode()
    write_synced(folder / MANIFEST, content)
    write_synced(folder / SEAL, f"{sha256(content).hexdigest()}  {MANIFEST}\n".encode())


def read(folder: Path) -> Manifest:
    """Read the manifest of a complete backup and check all that it names; refuse naming everything that is wrong."""
    for name in (MANIFEST, SEAL):
        if not (folder / name).is_file():
            raise NoBackup(place=folder, missing=name)
    content = (folder / MANIFEST).read_bytes()
    if (folder / SEAL).read_bytes() != f"{sha256(content).hexdigest()}  {MANIFEST}\n".encode():
        raise BadManifest(place=MANIFEST)
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError:
        raise OtherFormat from None
    if issues := list(_differences(folder, manifest)):
        raise Damaged(issues)
    return manifest


def _differences(folder: Path, manifest: Manifest) -> Iterator[Issue]:
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    for name, entry in sorted(manifest.files.items()):
        path = there.pop(name, None)
        if path is None or path.is_symlink():
            yield Issue("backup_file_missing", name, ABSENT)
        elif tuple(digest_of(path)) != (entry.sha256, entry.bytes):
            yield Issue("backup_file_changed", name, CHANGED)
    for name in sorted(there.keys() - {MANIFEST, SEAL}):
        yield Issue("backup_file_unknown", name, UNKNOWN)
