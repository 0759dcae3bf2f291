"""Files by their SHA-256: files before rows, the same bytes once, nothing ever changed."""

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from service.audit_log.queries import events
from service.core.errors import NotFound
from service.evidence.actions import keep
from service.evidence.models import Rendition, StoredFile
from service.evidence.store import Store
from tests.conftest import World
from tests.service.evidence.pictures import photo


def all_files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_a_file_lies_under_its_hash_and_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "files")
    digest = store.put(b"leaf")
    assert digest == sha256(b"leaf").hexdigest()
    assert all_files(store.folder) == [Path(digest[:2], digest)]
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert store.get(digest) == b"leaf"
    assert store.holds(digest)


def test_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "files")
    assert store.put(b"leaf") == store.put(b"leaf")
    assert len(all_files(store.folder)) == 1


def test_changed_and_missing_bytes_are_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path / "files")
    digest = store.put(b"leaf")
    store.path(digest).write_bytes(b"leaG")
    assert not store.holds(digest)
    store.path(digest).unlink()
    assert not store.holds(digest)
    with pytest.raises(NotFound):
        store.get(digest)


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, "../" * 21 + "x", "/etc/passwd".ljust(64, "0"), "0" * 65])
def test_only_a_hash_names_a_path(tmp_path: Path, digest: str) -> None:
    store = Store(tmp_path)
    with pytest.raises(NotFound):
        store.path(digest)
    assert not store.holds(digest)


def test_bytes_are_synced_renamed_and_their_folder_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is what is replaced here: its calls are noted, then made."""
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(handle: int) -> None:
        done.append("sync file" if stat.S_ISREG(os.fstat(handle).st_mode) else "sync folder")
        sync(handle)

    def noted_rename(path: Path, target: Path) -> Path:
        done.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    Store(tmp_path / "files").put(b"leaf")
    assert done == ["sync folder", "sync file", "rename", "sync folder"], "the first for the new folder of the hash"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "files")
    store.put(b"first")
    before = all_files(store.folder)

    def full(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"second")
    assert all_files(store.folder) == before, "neither the file nor its draft"


def test_the_same_photo_twice_is_one_row_and_one_rendition(world: World, tmp_path: Path) -> None:
    store, content = Store(tmp_path / "files"), photo()
    for who in ("inspector", "supervisor"):
        world.act(who, keep, content, store.put(content))
    with world.session("auditor") as session:
        [file] = session.exec(select(StoredFile)).all()
        [rendition] = session.exec(select(Rendition)).all()
        verbs = [e.verb for e, _ in events(session, after=0, limit=1000, target=f"StoredFile {file.id}")]
    assert (file.media_type, file.bytes) == ("image/jpeg", len(content))
    assert rendition.file_id == file.id
    assert verbs == ["file.keep", "file.keep"], "each keeping is noted"


def test_drafts_of_the_killed_are_swept_and_those_at_work_are_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "files")
    digest = store.put(b"leaf")
    for name, age in (("old", 7200), ("new", 60)):
        draft = store.folder / "tmp" / name
        draft.write_bytes(b"half")
        then = draft.stat().st_mtime - age
        os.utime(draft, (then, then))
    store.sweep()
    assert all_files(store.folder) == [Path(digest[:2], digest), Path("tmp/new")]
    Store(tmp_path / "nothing").sweep()
