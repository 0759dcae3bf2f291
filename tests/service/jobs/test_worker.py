"""The worker that makes clean pictures."""

import threading
import time
from pathlib import Path

import pytest
from sqlmodel import col, select

from service.audit_log.queries import events, verify
from service.core.actor import WORKER
from service.core.errors import Forbidden
from service.evidence.actions import keep, note_rendition
from service.evidence.models import Rendition
from service.evidence.rules import RenditionState
from service.evidence.store import Store
from service.exchange.quarantine import Quarantine
from service.jobs import worker
from service.jobs.worker import Worker, work_off
from tests.conftest import World
from tests.service.evidence.pictures import CANARY, bomb, laden, photo


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "files")


def kept(world: World, store: Store, *contents: bytes) -> None:
    for content in contents:
        world.act("inspector", keep, content, store.put(content))


def renditions(world: World) -> list[Rendition]:
    with world.session("auditor") as session:
        return list(session.exec(select(Rendition).order_by(col(Rendition.id))))


def noted(world: World) -> int:
    with world.session("auditor") as session:
        return len([e for e, _ in events(session, after=0, limit=1000) if e.verb == "rendition.note"])


def test_each_picture_is_made_once_and_noted(world: World, store: Store) -> None:
    kept(world, store, laden(), photo(size=(10, 10)))
    assert work_off(world.database, store) == 2
    assert work_off(world.database, store) == 0
    first, second = renditions(world)
    assert (first.state, second.state) == (RenditionState.READY, RenditionState.READY)
    assert first.sha256
    assert CANARY not in store.get(first.sha256)
    assert (second.width, second.height) == (10, 10)
    assert first.claims["latitude"] == 31.91
    assert noted(world) == 2


def test_what_cannot_be_shown_is_marked_and_the_next_is_made(world: World, store: Store) -> None:
    kept(world, store, photo()[:300], bomb(13_000, 13_000), photo())
    assert work_off(world.database, store) == 3
    assert [rendition.state for rendition in renditions(world)] == [
        RenditionState.REFUSED,
        RenditionState.REFUSED,
        RenditionState.READY,
    ]
    assert work_off(world.database, store) == 0


def test_bytes_that_are_gone_do_not_stop_the_worker(world: World, store: Store) -> None:
    kept(world, store, photo(), photo(size=(20, 20)))
    with world.session("auditor") as session:
        assert verify(session) == []
    lost = store.path(next(path.name for path in sorted(store.folder.rglob("*")) if len(path.name) == 64))
    lost.unlink()
    assert work_off(world.database, store) == 2
    assert sorted(rendition.state for rendition in renditions(world)) == ["ready", "refused"]


def test_two_workers_note_each_picture_once(world: World, store: Store) -> None:
    kept(world, store, *(photo(size=(10 + n, 10)) for n in range(3)))
    both = [threading.Thread(target=work_off, args=(world.database, store)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert {rendition.state for rendition in renditions(world)} == {RenditionState.READY}
    assert noted(world) == 3


def test_only_a_worker_notes_a_picture(world: World, store: Store) -> None:
    kept(world, store, photo())
    [rendition] = renditions(world)
    with pytest.raises(Forbidden):
        world.act("manager", note_rendition, rendition.id, sha256=None, made={})
    with world.database.transaction(WORKER) as session:
        note_rendition(session, WORKER, rendition.id, sha256="0" * 64, made={})
    with world.database.transaction(WORKER) as session:
        note_rendition(session, WORKER, rendition.id, sha256=None, made={})
    assert renditions(world)[0].state is RenditionState.READY, "what was noted stands"


def test_a_thread_lives_through_a_full_disk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullStore(Store):
        """A store on a disk that is full at first."""

        full = True

        def _write(self, place: Path, content: bytes) -> None:
            if self.full:
                raise OSError(28, "No space left on device")
            super()._write(place, content)

    monkeypatch.setattr(worker, "EVERY_S", 0.05)
    store = FullStore(tmp_path / "files")
    kept(world, Store(tmp_path / "files"), photo())
    running = Worker(world.database, store, Quarantine(tmp_path / "uploads"))
    running.start()
    time.sleep(1.5)
    assert running.thread.is_alive()
    store.full = False
    deadline = time.monotonic() + 20
    while renditions(world)[0].state is RenditionState.PENDING and time.monotonic() < deadline:
        time.sleep(0.1)
    running.stop()
    assert renditions(world)[0].state is RenditionState.READY
