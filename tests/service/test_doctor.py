"""What the doctor finds, and what keeps a server from starting."""

import gc
from pathlib import Path

import pytest
from sqlmodel import select

from service.cli import serve_command
from service.cli.serve_command import UnsafeBind, serve
from service.core.errors import HasIssues
from service.core.settings import Settings
from service.doctor import examine, folder_issues, refuse_unsafe
from service.evidence.actions import keep
from service.evidence.models import Rendition
from service.evidence.store import Store
from service.jobs.worker import work_off
from service.opening import NothingThere
from tests.conftest import World
from tests.service.evidence.pictures import photo


@pytest.fixture
def settings(world: World) -> Settings:
    world.folder.chmod(0o700)
    return Settings(folder=world.folder, database_url=world.url)


def found(world: World, settings: Settings) -> list[tuple[str, str]]:
    with world.session("host") as session:
        return [(issue.code, issue.place) for issue in examine(session, world.database, settings)]


def kept(world: World, settings: Settings) -> tuple[str, str]:
    """Keep a photo and make its picture; return both hashes."""
    store = Store(settings.store)
    content = photo()
    digest = store.put(content)
    world.act("inspector", keep, content, digest)
    work_off(world.database, store)
    with world.session("auditor") as session:
        made = session.exec(select(Rendition)).one().sha256
    assert made
    return digest, made


def test_a_good_installation_has_nothing_wrong(world: World, settings: Settings) -> None:
    kept(world, settings)
    assert found(world, settings) == []


@pytest.mark.parametrize("which", [0, 1], ids=["original", "clean picture"])
def test_a_missing_and_a_changed_byte_are_found(world: World, settings: Settings, which: int) -> None:
    digest = kept(world, settings)[which]
    path = Store(settings.store).path(digest)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert found(world, settings) == [("bytes_gone", digest)]
    path.unlink()
    assert found(world, settings) == [("bytes_gone", digest)]


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o755, 0o777, 0o701])
def test_a_folder_that_others_can_enter_is_found_and_not_served(world: World, settings: Settings, mode: int) -> None:
    world.folder.chmod(mode)
    assert ("open_folder", str(world.folder)) in found(world, settings)
    with pytest.raises(HasIssues):
        serve(settings, host="127.0.0.1", port=0)
    world.folder.chmod(0o700)
    assert list(folder_issues(settings)) == []
    refuse_unsafe(settings)


def test_an_open_store_inside_is_found(settings: Settings) -> None:
    settings.store.mkdir(mode=0o755)
    settings.store.chmod(0o755)
    assert [issue.place for issue in folder_issues(settings)] == [str(settings.store)]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "10.0.0.1", "park.example", "", "127.0.0.1.example"])
def test_plain_http_beyond_this_machine_is_refused(settings: Settings, host: str) -> None:
    with pytest.raises(UnsafeBind):
        serve(settings, host=host, port=0)


def test_nothing_is_not_served(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(NothingThere):
        serve(Settings(folder=tmp_path, database_url=""), host="127.0.0.1", port=0)
    assert list(tmp_path.iterdir()) == []


def test_what_is_loaded_is_spared_from_the_collector_before_anybody_is_served(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    spared: list[int] = []
    monkeypatch.setattr(serve_command, "create_app", lambda *_args, **_kwargs: object())
    monkeypatch.setattr(serve_command._Server, "run", lambda _server: spared.append(gc.get_freeze_count()))
    world.folder.chmod(0o700)
    before = gc.get_freeze_count()
    try:
        serve(settings, host="127.0.0.1", port=0)
    finally:
        gc.unfreeze()
    assert spared[0] > before + 10_000
