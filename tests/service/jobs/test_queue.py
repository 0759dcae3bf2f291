"""From events to jobs and from hand to hand: nothing twice, nothing lost, nothing tried for ever."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session, select

from service.audit_log.queries import events
from service.core.actor import WORKER, Role
from service.core.errors import Busy, Forbidden
from service.evidence.actions import keep
from service.evidence.models import Rendition
from service.evidence.rules import RenditionState
from service.evidence.store import Store
from service.jobs import queue, worker
from service.jobs.actions import retry
from service.jobs.handlers import Handler, Work
from service.jobs.models import Job
from service.jobs.queries import jobs
from service.jobs.queue import Finish, LeaseLost
from service.jobs.rules import LEASE, MOST_ATTEMPTS, JobState, NotFailed
from service.jobs.worker import work_off, work_once
from tests.conftest import World
from tests.service.evidence.pictures import photo

KINDS = {"file.keep": "rendition"}
# Claims a job and is killed by itself in the middle of it.
KILLED = """
import os, signal, sys
from pathlib import Path
from service.core.dates import clock_from
from service.core.settings import Settings
from service.evidence.store import Store
from service.jobs import handlers, worker
from service.opening import open_database
from datetime import datetime
def die(work): os.kill(os.getpid(), signal.SIGKILL)
worker.HANDLERS = (handlers.HANDLERS[0]._replace(run=die),)
settings = Settings(folder=Path(sys.argv[1]), database_url=sys.argv[2])
database = open_database(settings, clock_from(datetime.fromisoformat(sys.argv[3])))
worker.work_off(database, Store(settings.store))
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "files")


def kept(world: World, store: Store, count: int) -> None:
    for n in range(count):
        content = photo(size=(10 + n, 10))
        world.act("inspector", keep, content, store.put(content))


def handled(monkeypatch: pytest.MonkeyPatch, run: Callable[[Work], Finish]) -> None:
    monkeypatch.setattr(worker, "HANDLERS", (Handler("rendition", "file.keep", "", run),))


def nothing(_session: Session) -> None:
    """Nothing is written."""


def all_jobs(world: World) -> list[Job]:
    return world.read("admin", jobs)


def claim(world: World) -> Job | None:
    with world.database.transaction(WORKER) as session:
        queue.feed(session, KINDS)
    with world.database.transaction(WORKER) as session:
        return queue.claim(session)


def test_an_event_asks_for_one_job_whoever_reads_on(world: World, store: Store) -> None:
    kept(world, store, 2)
    both = [threading.Thread(target=claim, args=(world,)) for _ in range(3)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    found = all_jobs(world)
    assert len(found) == 2
    with world.session("auditor") as session:
        asked = [e for e, _ in events(session, after=0, limit=1000) if e.verb == "file.keep"]
    assert sorted(job.event_seq for job in found) == [event.seq for event in asked]
    assert {job.asked_by for job in found} == {"inspector"}


def test_nothing_is_claimed_twice(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many workers on many jobs: each job is run once and finished once."""
    kept(world, store, 30)
    ran: Counter[UUID] = Counter()
    finished: Counter[UUID] = Counter()

    def run(work: Work) -> Finish:
        ran[work.target] += 1
        return lambda _session: finished.update([work.target])

    def busily() -> None:
        for _ in range(100):
            try:
                work_off(world.database, store)
            except Busy:
                continue
            return

    handled(monkeypatch, run)
    workers = [threading.Thread(target=busily) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert len(ran) == 30
    assert set(ran.values()) == set(finished.values()) == {1}
    assert {job.state for job in all_jobs(world)} == {JobState.DONE}


def test_the_job_of_a_killed_worker_is_taken_again(world: World, store: Store) -> None:
    kept(world, store, 1)
    world.folder.chmod(0o700)
    started = world.clock().isoformat()
    url = "" if world.database.is_sqlite else world.url
    command = [sys.executable, "-c", KILLED, str(world.folder), url, started]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": os.getcwd()}, check=False)
    assert done.returncode == -signal.SIGKILL
    [job] = all_jobs(world)
    assert (job.state, job.attempts) == (JobState.RUNNING, 1)
    assert not work_once(world.database, store), "it is still held"
    world.instant += LEASE + timedelta(minutes=1)
    assert work_off(world.database, store) == 1
    [job] = all_jobs(world)
    assert (job.state, job.attempts, job.last_error) == (JobState.DONE, 2, queue.WORKER_LOST)
    with world.session("auditor") as session:
        assert session.exec(select(Rendition)).one().state is RenditionState.READY


def test_who_lost_the_lease_can_write_nothing_more(world: World, store: Store) -> None:
    kept(world, store, 1)
    slow = claim(world)
    assert slow
    world.instant += LEASE + timedelta(minutes=1)
    quick = claim(world)
    assert quick
    assert quick.id == slow.id
    written: list[str] = []
    acts: list[Callable[[Session], None]] = [
        lambda session: queue.tell(session, slow, 50, ""),
        lambda session: queue.finish(session, slow, lambda _: written.append("slow")),
        lambda session: queue.fail(session, slow, ValueError()),
        lambda session: queue.postpone(session, slow, OSError()),
    ]
    for act in acts:
        with pytest.raises(LeaseLost), world.database.transaction(WORKER) as session:
            act(session)
    with world.database.transaction(WORKER) as session:
        queue.finish(session, quick, lambda _: written.append("quick"))
    assert written == ["quick"]


def test_progress_is_seen_while_it_works_and_holds_the_job(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, str]] = []

    def run(work: Work) -> Finish:
        for percent in (10, 60):
            world.instant += LEASE - timedelta(seconds=30)
            work.tell(percent, "Keeping the clean picture")
            assert claim(world) is None, "a word of progress holds it for longer"
            [job] = all_jobs(world)
            seen.append((job.progress, job.doing))
            page = world.client("admin").get("/jobs?lang=zh").text
            assert f"{percent} % · 正在保存清洁图片" in page
        return nothing

    kept(world, store, 1)
    handled(monkeypatch, run)
    assert work_off(world.database, store) == 1
    assert seen == [(10, "Keeping the clean picture"), (60, "Keeping the clean picture")]
    [job] = all_jobs(world)
    assert (job.state, job.progress) == (JobState.DONE, 100)


def test_attempts_end_and_pauses_grow(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_work: Work) -> Finish:
        raise ValueError("first line\nsecond line")

    kept(world, store, 1)
    handled(monkeypatch, broken)
    pauses = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert work_off(world.database, store) == 1
        [job] = all_jobs(world)
        assert (job.attempts, job.last_error) == (attempt, "ValueError: first line")
        pauses.append((job.due_at - world.instant).total_seconds())
        world.instant = max(world.instant, job.due_at)
    assert [round(pause, -1) for pause in pauses] == [10, 40, 160, 640, 2560]
    assert job.state is JobState.FAILED
    assert work_off(world.database, store) == 0
    with world.session("auditor") as session:
        assert [e.verb for e, _ in events(session, after=job.event_seq, limit=10)] == ["job.give_up"]

    listed = world.client("auditor").get("/api/v1/jobs", params={"state": "failed"}).json()["items"]
    assert [(row["attempts"], row["last_error"]) for row in listed] == [(5, "ValueError: first line")]
    monkeypatch.undo()
    with pytest.raises(Forbidden):
        world.act("admin", retry, job.id)
    world.act("host", retry, job.id)
    with pytest.raises(NotFailed):
        world.act("host", retry, job.id)
    assert work_off(world.database, store) == 1
    assert all_jobs(world)[0].state is JobState.DONE


def test_a_worker_that_dies_each_time_is_not_tried_for_ever(world: World, store: Store) -> None:
    kept(world, store, 1)
    for _ in range(MOST_ATTEMPTS):
        assert claim(world)
        world.instant += LEASE + timedelta(minutes=1)
    assert claim(world) is None
    [job] = all_jobs(world)
    assert (job.state, job.attempts, job.last_error) == (JobState.FAILED, MOST_ATTEMPTS, queue.WORKER_LOST)


def test_a_full_disk_costs_no_attempt(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_work: Work) -> Finish:
        raise OSError(28, "No space left on device")

    kept(world, store, 1)
    handled(monkeypatch, full)
    for _ in range(2 * MOST_ATTEMPTS):
        assert work_off(world.database, store) == 1
        world.instant += timedelta(seconds=20)
    [job] = all_jobs(world)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    assert "No space left" in job.last_error
    monkeypatch.undo()
    assert work_off(world.database, store) == 1


def test_what_is_written_and_the_end_are_one(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that fails while it writes has written nothing."""

    def half(work: Work) -> Finish:
        def write(session: Session) -> None:
            rendition = session.exec(select(Rendition)).one()
            rendition.state = RenditionState.REFUSED
            session.add(rendition)
            session.flush()
            raise ValueError("too late")

        return write

    kept(world, store, 1)
    handled(monkeypatch, half)
    assert work_off(world.database, store) == 1
    with world.session("auditor") as session:
        assert session.exec(select(Rendition)).one().state is RenditionState.PENDING


def test_the_list_is_paged_and_for_two_roles(world: World, store: Store) -> None:
    kept(world, store, 3)
    assert work_off(world.database, store) == 3
    client = world.client("admin")
    first = client.get("/api/v1/jobs", params={"limit": 2}).json()
    rest = client.get("/api/v1/jobs", params={"limit": 2, "after": first["next"]}).json()
    ids = [row["id"] for row in first["items"] + rest["items"]]
    assert (len(ids), ids, rest["next"]) == (3, sorted(ids, reverse=True), None)
    assert client.get("/api/v1/jobs", params={"after": "bm9wZQ"}).status_code == 422
    assert world.client("manager").get("/api/v1/jobs").status_code == 403
    with world.session("manager") as session:
        assert jobs(session) == [], "no role but the two, the host and the worker has a scope"
    assert world.actors["admin"].role is Role.ADMIN


@pytest.mark.parametrize("count", [3])
def test_a_process_of_its_own_works(world: World, store: Store, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`greenkeep worker` beside a server: it does what is due and ends when it is told to."""
    kept(world, store, count)
    world.folder.chmod(0o700)
    monkeypatch.setenv("GREENKEEP_FOLDER", str(world.folder))
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", "" if world.database.is_sqlite else world.url)
    start = "import sys; from service.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", start, "worker"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and {job.state for job in all_jobs(world)} != {JobState.DONE}:
            time.sleep(0.2)
        process.terminate()
        assert process.wait(20) == 0
    assert [job.state for job in all_jobs(world)] == [JobState.DONE] * count
