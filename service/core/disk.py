"""Files that outlive a crash: their bytes are synced, then the folder that names them."""

import os
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 20  # bytes


class Digest(NamedTuple):
    """What tells a file from any other."""

    sha256: str
    bytes: int


def sync(path: Path) -> None:
    """Make durable what a file holds, or which names a folder holds."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of(path: Path) -> Digest:
    """Read a file and digest it."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Digest(digest.hexdigest(), size)


def copy_synced(source: Path, place: Path) -> Digest:
    """Copy a file for nobody else's eyes and make its bytes durable; return what was copied."""
    digest, size = sha256(), 0
    with source.open("rb") as file, private(place) as copy:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return Digest(digest.hexdigest(), size)


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are not there, that nobody else may read."""
    if not folder.exists():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def private(place: Path) -> BinaryIO:
    """Open a new file for writing that nobody else may read."""
    return os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def write_synced(place: Path, content: bytes) -> None:
    """Write a new file for nobody else's eyes and make its bytes durable."""
    with private(place) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
