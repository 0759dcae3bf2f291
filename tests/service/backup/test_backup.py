"""A backup and its way back, on both engines; and everything that can be wrong with one, refused by name."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service.audit_log.queries import events, head
from service.backup.making import PlaceTaken, make
from service.backup.manifest import MANIFEST, SEAL, BadManifest, Damaged, Manifest, NoBackup, OtherFormat
from service.backup.restoring import NewerSchema, NotEmpty, NotSound, OtherEngine, restore
from service.core import dump
from service.core.db import Database
from service.core.dump import ToolFailed, ToolMissing, ToolTooOld
from service.core.errors import HasIssues, Issue
from service.core.settings import Settings
from service.doctor import examine
from service.evidence.store import Store
from service.jobs.worker import work_off
from service.migrations import upgrade
from service.opening import open_database
from tests.conftest import World
from tests.park import HOST
from tests.service.evidence.pictures import photo
from tests.service.unsafe import contents
from tests.support.databases import ENGINE
from tests.support.postgres import Cluster

PHOTOS = 3


@pytest.fixture
def settings(world: World) -> Settings:
    """The park with findings, photos, statements and streets of its own."""
    world.folder.chmod(0o700)
    own = Settings(folder=world.folder, database_url="" if world.database.is_sqlite else world.url)
    store = Store(own.store)
    finding = world.file("N-1")
    for n in range(PHOTOS):
        content = photo(size=(10 + n, 10))
        answer = world.client("inspector").put(
            f"/api/v1/findings/{finding}/photos/{sha256(content).hexdigest()}",
            content=content,
            headers={"Content-Type": "image/jpeg"},
        )
        assert answer.status_code == 201, answer.text
    work_off(world.database, store)
    own.context.mkdir()
    (own.context / "streets.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    return own


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Yield settings of an installation in which nothing is yet."""
    folder = tmp_path / "elsewhere" / "greenkeep"
    if ENGINE == "sqlite":
        yield Settings(folder=folder, database_url="")
        return
    cluster: Cluster = request.getfixturevalue("_cluster")
    with cluster.cloned() as url:
        database = Database(url)
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        database.engine.dispose()
        yield Settings(folder=folder, database_url=url)


def backed_up(world: World, settings: Settings, place: Path) -> tuple[Manifest, list[Issue]]:
    return make(world.database, HOST, settings, place)


def again(backup: Path, settings: Settings) -> tuple[Manifest, list[Issue]]:
    return restore(backup, HOST, settings)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_restored_is_what_was_there(world: World, settings: Settings, empty: Settings, tmp_path: Path) -> None:
    before = contents(world)
    with world.session("host") as session:
        end = head(session)
    manifest, issues = backed_up(world, settings, tmp_path / "backup")
    assert issues == []
    assert (manifest.chain.seq, manifest.chain.hash) == (end.seq, end.hash)
    assert manifest.counts["finding_photo"] == PHOTOS
    assert len([name for name in manifest.files if name.startswith("files/")]) == 2 * PHOTOS

    world.file("N-2")  # the world goes on
    assert again(tmp_path / "backup", empty)[1] == []
    database = open_database(empty, world.clock)
    other = World.__new__(World)
    other.database = database
    after = contents(other)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"audit_event", "audit_content", "audit_head"}, "the restoring itself is an event"
    with database.transaction(HOST, write=False) as session:
        [(event, _)] = events(session, after=end.seq, limit=10)
        assert (event.verb, event.actor) == ("database.restore", HOST.code)
        assert examine(session, database, empty) == []
    database.engine.dispose()
    for part in ("files", "context"):
        assert files(empty.folder / part) == files(settings.folder / part) != {}
    with world.session("host") as session:
        made = [e for e, _ in events(session, after=end.seq, limit=10) if e.verb == "database.backup"]
    assert len(made) == 1


def test_nobody_else_can_read_it(world: World, settings: Settings, empty: Settings, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        backed_up(world, settings, tmp_path / "deep" / "er" / "backup")
        again(tmp_path / "deep" / "er" / "backup", empty)
    finally:
        os.umask(old)
    for folder in (tmp_path / "deep", empty.folder):
        for path in [folder, *folder.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path


def spoilt(backup: Path, name: str) -> None:
    content = bytearray((backup / name).read_bytes())
    content[len(content) // 2] ^= 1
    (backup / name).write_bytes(content)


def a_photo(backup: Path) -> str:
    return min(name for name in files(backup) if name.startswith("files/"))


def the_dump(backup: Path) -> str:
    return next(name for name in files(backup) if name.startswith("greenkeep."))


def sealed_anew(backup: Path, **changes: Any) -> None:
    facts = json.loads((backup / MANIFEST).read_text())
    content = json.dumps(facts | changes).encode()
    (backup / MANIFEST).write_bytes(content)
    (backup / SEAL).write_text(f"{sha256(content).hexdigest()}  {MANIFEST}\n")


DAMAGE: dict[str, tuple[Callable[[Path], object], str, Callable[[Path], str]]] = {
    "a photo is gone": (lambda b: (b / a_photo(b)).unlink(), "backup_file_missing", a_photo),
    "a photo has another bit": (lambda b: spoilt(b, a_photo(b)), "backup_file_changed", a_photo),
    "the database has another bit": (lambda b: spoilt(b, the_dump(b)), "backup_file_changed", the_dump),
    "the database is cut": (
        lambda b: os.truncate(b / the_dump(b), (b / the_dump(b)).stat().st_size - 1),
        "backup_file_changed",
        the_dump,
    ),
    "a file too many": (lambda b: (b / "files" / "x").write_text("x"), "backup_file_unknown", lambda _: "files/x"),
    "a link": (lambda b: (b / "link").symlink_to("/etc/passwd"), "backup_file_unknown", lambda _: "link"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_backup_is_refused_by_name(
    world: World, settings: Settings, empty: Settings, tmp_path: Path, name: str
) -> None:
    backup = tmp_path / "backup"
    backed_up(world, settings, backup)
    spoil, code, place = DAMAGE[name]
    named = place(backup)
    spoil(backup)
    with pytest.raises(Damaged) as refused:
        again(backup, empty)
    assert [(issue.code, issue.place) for issue in refused.value.issues] == [(code, named)]
    assert not empty.folder.exists()


def test_what_is_no_finished_backup_is_refused(
    world: World, settings: Settings, empty: Settings, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    backed_up(world, settings, backup)
    with pytest.raises(NoBackup):
        again(settings.folder, empty)
    with pytest.raises(NoBackup):
        again(tmp_path / "nowhere", empty)
    whole = (backup / MANIFEST).read_bytes()
    (backup / MANIFEST).write_bytes(whole.replace(b'"finding"', b'"findimg"'))
    with pytest.raises(BadManifest):
        again(backup, empty)
    (backup / MANIFEST).write_bytes(whole)
    (backup / SEAL).unlink()
    with pytest.raises(NoBackup):
        again(backup, empty)
    sealed_anew(backup, format=2)
    with pytest.raises(OtherFormat):
        again(backup, empty)
    sealed_anew(backup, format=1, schema_version="9999")
    with pytest.raises(NewerSchema):
        again(backup, empty)
    other = "postgresql" if ENGINE == "sqlite" else "sqlite"
    sealed_anew(backup, schema_version="0001", engine=other)
    with pytest.raises(OtherEngine):
        again(backup, empty)
    assert not empty.folder.exists()


@pytest.mark.parametrize("claim", [{"chain": {"seq": 1, "hash": "0" * 64}}, {"counts": {"finding": 99}}])
def test_another_database_than_the_manifest_says_is_refused(
    world: World, settings: Settings, empty: Settings, tmp_path: Path, claim: dict[str, Any]
) -> None:
    backup = tmp_path / "backup"
    backed_up(world, settings, backup)
    sealed_anew(backup, **claim)
    with pytest.raises(NotSound) as refused:
        again(backup, empty)
    assert refused.value.issues[0].code in ("other_head", "other_count")
    assert not empty.folder.exists()


def test_the_whole_doctor_looks_at_what_was_restored(
    world: World, settings: Settings, empty: Settings, tmp_path: Path
) -> None:
    """A photo that manifest and folder agree to leave out, but the database names."""
    backup = tmp_path / "backup"
    backed_up(world, settings, backup)
    gone = a_photo(backup)
    (backup / gone).unlink()
    kept = json.loads((backup / MANIFEST).read_text())["files"]
    sealed_anew(backup, files={name: entry for name, entry in kept.items() if name != gone})
    with pytest.raises(NotSound) as refused:
        again(backup, empty)
    assert [(issue.code, issue.place) for issue in refused.value.issues] == [("bytes_gone", gone[-64:])]
    assert not empty.folder.exists()


def test_what_was_damaged_before_is_said_and_does_not_stop_a_backup(
    world: World, settings: Settings, empty: Settings, tmp_path: Path
) -> None:
    paths = sorted(path for path in settings.store.rglob("*") if len(path.name) == 64)
    paths[0].unlink()
    paths[1].write_bytes(b"changed")
    lost = [path.name for path in paths[:2]]
    manifest, issues = backed_up(world, settings, tmp_path / "backup")
    assert sorted(issue.place for issue in issues) == manifest.missing == lost
    _, known = again(tmp_path / "backup", empty)
    assert sorted(issue.place for issue in known) == lost


def test_nothing_is_overwritten(world: World, settings: Settings, empty: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup.mkdir()
    with pytest.raises(PlaceTaken):
        backed_up(world, settings, backup)
    backup.rmdir()
    backed_up(world, settings, backup)
    before = files(backup)
    with pytest.raises(PlaceTaken):
        backed_up(world, settings, backup)
    assert files(backup) == before
    empty.folder.mkdir(parents=True)
    (empty.folder / "note").write_text("mine")
    with pytest.raises(NotEmpty):
        again(backup, empty)
    assert files(empty.folder) == {"note": b"mine"}
    (empty.folder / "note").unlink()
    again(backup, empty)
    with pytest.raises(NotEmpty):
        again(backup, empty)


def test_a_backup_that_fails_leaves_nothing(
    world: World, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    there = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match="No space"):
        backed_up(world, settings, tmp_path / "backup")
    assert sorted(tmp_path.iterdir()) == there


def test_an_installation_without_anything_is_backed_up_too(empty: Settings, tmp_path: Path) -> None:
    if ENGINE == "sqlite":
        empty.folder.mkdir(parents=True, mode=0o700)
        upgrade(empty.url)
        database = open_database(empty)
        manifest, issues = make(database, HOST, empty, tmp_path / "backup")
        database.engine.dispose()
        assert (manifest.authority, manifest.chain.seq, issues) == ("", 0, [])


def program(folder: Path, name: str, says: str, code: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'; echo '{says}' >&2; exit {code}\n")
    (folder / name).chmod(0o755)


def test_programs_of_postgresql_must_be_there_and_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(ToolMissing):
        dump.tool("pg_dump", 15)
    program(tmp_path / "bin", "pg_dump", "pg_dump (PostgreSQL) 14.9")
    with pytest.raises(ToolTooOld) as refused:
        dump.tool("pg_dump", 15)
    assert refused.value.details == {"tool": "pg_dump", "found": "14", "needed": 15}
    assert dump.tool("pg_dump", 14) == str(tmp_path / "bin" / "pg_dump")
    program(tmp_path / "bin", "pg_dump", "what?")
    with pytest.raises(ToolTooOld):
        dump.tool("pg_dump", 9)


if ENGINE == "postgres":

    def test_a_program_that_fails_is_refused_in_its_own_words(
        world: World, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path / "bin", "pg_dump", "pg_dump (PostgreSQL) 99.0: cannot", code=1)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        with pytest.raises(ToolFailed) as refused:
            backed_up(world, settings, tmp_path / "backup")
        assert "cannot" in str(refused.value.details["problem"])
        assert not (tmp_path / "backup").exists()

    def test_a_database_with_anything_in_it_is_not_restored_into(
        world: World, settings: Settings, empty: Settings, tmp_path: Path
    ) -> None:
        backed_up(world, settings, tmp_path / "backup")
        database = Database(empty.url)
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE mine (id integer)"))
        database.engine.dispose()
        with pytest.raises(NotEmpty):
            again(tmp_path / "backup", empty)
        assert not empty.folder.exists()


def test_issues_are_refused_in_one_family() -> None:
    assert issubclass(Damaged, HasIssues)
    assert issubclass(NotSound, HasIssues)
