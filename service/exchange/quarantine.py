"""Where uploads lie until they are imported or dropped: a folder of the service's own, under names of its own."""

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock

from service.core.dates import system_clock
from service.core.errors import Busy, Conflict
from service.core.guard import FILE_BYTES, TooLarge
from service.core.i18n import N_
from service.exchange.texts import File

ABANDONED_S = 3600  # a file that no open upload names, and that nobody has touched for so long, was left behind
WAIT_S = 30


class Lost(Conflict):
    """The row is there, but its bytes are not: the database was restored without them, or others lie in their place."""

    code, message = "upload_lost", N_("The bytes of this file are gone. Send it again.")


class Incoming:
    """A file while it comes in: hashed and counted, and refused at the first byte beyond the limit."""

    def __init__(self, path: Path, limit: int) -> None:
        self.path, self.limit, self.bytes = path, limit, 0
        self._digest = sha256()
        self._file = path.open("xb")

    @property
    def name(self) -> str:
        """What the quarantine calls it."""
        return self.path.name

    @property
    def sha256(self) -> str:
        """The hash of what came so far."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Take some more bytes."""
        self.bytes += len(chunk)
        if self.bytes > self.limit:
            raise TooLarge(limit=self.limit)
        self._digest.update(chunk)
        self._file.write(chunk)

    def finish(self) -> None:
        """Bring it to the disk: a row that names it must not outlive it."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop(self) -> None:
        """Forget it."""
        self._file.close()
        self.path.unlink(missing_ok=True)


class Quarantine:
    """The folder. A file of the name N has its dry run beside it as N.json."""

    def __init__(self, folder: Path, limit: int = FILE_BYTES) -> None:
        self.folder, self.limit = folder, limit
        self._lock = Lock()

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """Yield a new file; whatever fails before the end leaves nothing behind."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        coming = Incoming(self.folder / secrets.token_hex(16), self.limit)
        try:
            yield coming
        except BaseException:
            coming.drop()
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let one file at a time be read: each reader may take more memory than a small server has twice."""
        if not self._lock.acquire(timeout=WAIT_S):
            raise Busy
        try:
            yield
        finally:
            self._lock.release()

    def file(self, stored_as: str, called: str) -> File:
        """Return a file with its bytes, under the name that its sender gave it."""
        path = self.folder / stored_as
        try:
            return File(path, path.read_bytes(), called)
        except FileNotFoundError:
            raise Lost from None

    def note(self, stored_as: str, dry_run: bytes) -> None:
        """Keep the dry run of a file, in place of an earlier one."""
        aside = self.folder / f"{stored_as}.{secrets.token_hex(4)}"
        aside.write_bytes(dry_run)
        aside.rename(self._dry_run(stored_as))

    def noted(self, stored_as: str) -> bytes:
        """Return the dry run of a file."""
        try:
            return self._dry_run(stored_as).read_bytes()
        except FileNotFoundError:
            raise Lost from None

    def remove(self, stored_as: str) -> None:
        """Remove a file with its dry run."""
        for path in (self.folder / stored_as, self._dry_run(stored_as)):
            path.unlink(missing_ok=True)

    def sweep(self, keep: Collection[str]) -> int:
        """Remove what no open upload names and nobody has touched for an hour; return how many files that were."""
        before = system_clock().timestamp() - ABANDONED_S
        files = sorted(self.folder.iterdir()) if self.folder.exists() else []
        left = [file for file in files if file.name.partition(".")[0] not in keep and file.stat().st_mtime < before]
        for file in left:
            file.unlink(missing_ok=True)
        return len(left)

    def _dry_run(self, stored_as: str) -> Path:
        return self.folder / f"{stored_as}.json"
