"""Files by their SHA-256 on disk. Files before rows: a row never names bytes that could still be lost."""

import os
import secrets
from hashlib import sha256
from pathlib import Path

from service.core.dates import system_clock
from service.core.disk import sync
from service.core.errors import NotFound

STALE_S = 3600


class Store:
    """A folder of files named by their SHA-256; nothing in it is ever changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep the bytes; return their hash. Written aside, synced, renamed, and the folder synced."""
        digest = sha256(content).hexdigest()
        place = self.path(digest)
        if not place.exists():
            self._write(place, content)
        sync(place.parent)  # also when another has just renamed it: our row must not outlive its entry
        return digest

    def _write(self, place: Path, content: bytes) -> None:
        self.folder.mkdir(exist_ok=True, mode=0o700)
        place.parent.mkdir(exist_ok=True)
        sync(self.folder)
        aside = self.folder / "tmp"
        aside.mkdir(exist_ok=True)
        draft = aside / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(place)
        finally:
            draft.unlink(missing_ok=True)  # a full disk is not made fuller by what did not fit

    def sweep(self) -> None:
        """Remove the drafts of processes that were killed; what is younger than an hour may still be written."""
        for draft in self.folder.glob("tmp/*"):
            if draft.stat().st_mtime < system_clock().timestamp() - STALE_S:
                draft.unlink(missing_ok=True)

    def holds(self, digest: str) -> bool:
        """Tell whether the bytes of a hash are there, unchanged."""
        try:
            return sha256(self.get(digest)).hexdigest() == digest
        except NotFound:
            return False

    def get(self, digest: str) -> bytes:
        """Return the bytes of a hash."""
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound from None

    def path(self, digest: str) -> Path:
        """Return where the bytes of a hash lie. A hash is made by us or checked: 64 hexadecimal digits."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise NotFound
        return self.folder / digest[:2] / digest
