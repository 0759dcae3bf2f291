"""D6: backups made while others write are whole, each of one moment, and hardly hold anybody up."""

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from httpx2 import Client
from sqlmodel import Session, select

from service.audit_log.queries import events
from service.backup.making import make
from service.backup.manifest import Manifest
from service.backup.restoring import restore
from service.core.dates import system_clock
from service.core.errors import Refusal
from service.core.ids import new_id
from service.core.settings import Settings
from service.evidence.actions import keep
from service.evidence.models import StoredFile
from service.evidence.store import Store
from service.opening import open_database
from tests.conftest import World
from tests.park import HOST
from tests.proof.at_hand import START, fresh_park, noise, served, summary, token_of
from tests.proof.check import Check, Outcome, Trial
from tests.service.calls import new_finding
from tests.service.policy import PREFIX
from tests.service.storm import patiently

PHOTO_BYTES = 20_000
LONGEST_S = 1.0  # the 99th percentile of a write
BULK, BULK_BYTES, BULK_S = 1000, 1_000_000, 60  # a gigabyte, and how long its backup may take


class Writer(threading.Thread):
    """Files one finding after another, each with a photo, and keeps what was acknowledged and how long it took."""

    def __init__(self, client: Client, seed: int) -> None:
        super().__init__(daemon=True)
        self.client, self.chance, self.stopping = client, random.Random(seed), threading.Event()
        self.photos: list[str] = []
        self.seconds: list[float] = []

    def run(self) -> None:
        """Write until stopped."""
        while not self.stopping.is_set():
            path, photo = f"{PREFIX}/findings/{new_id()}", noise(self.chance, PHOTO_BYTES)
            digest = sha256(photo).hexdigest()
            self._timed(path, json=new_finding("N-1"))
            headers = {"Content-Type": "image/jpeg"}
            self._timed(f"{path}/photos/{digest}", content=photo, headers=headers)
            self.photos.append(digest)

    def _timed(self, path: str, **request: object) -> None:
        started = time.perf_counter()
        answer = patiently(self.client, "PUT", path, **request)
        assert answer.status_code == 201, answer.text
        self.seconds.append(time.perf_counter() - started)


def run(trial: Trial) -> Outcome:
    """Make backups beside two writing processes and restore each; as a control, by copying the database's file."""
    backups = 20 if trial.full and not trial.control else 2
    with fresh_park(trial) as world:
        world.instant = max(world.instant, system_clock())
        world.folder.chmod(0o700)
        settings = Settings(folder=world.folder, database_url="")
        with _writing(world, trial.seed) as writers:
            made = [_make(trial, world, writers, trial.folder / f"backup-{n}") for n in range(backups)]
        wrong = [fault for place, before in made for fault in _faults(world, place, before)]
        seconds = sorted(second for writer in writers for second in writer.seconds)
        slow = seconds[len(seconds) * 99 // 100]
        if trial.full and slow > LONGEST_S:  # a busy machine is no failure of the short form
            wrong.append(f"99 % of the writes took up to {slow:.2f} s")
        bulk = _bulk(trial, world, settings) if trial.full and not trial.control else None
    if bulk and bulk > BULK_S:
        wrong.append(f"1 GB took {bulk:.0f} s")
    tried = f"{backups} backups beside {len(seconds)} writes, 99 % of them within {slow * 1000:.0f} ms"
    return Outcome(not wrong, summary(wrong, tried + (f", 1 GB in {bulk:.0f} s" if bulk else "")))


@contextmanager
def _writing(world: World, seed: int) -> Iterator[list[Writer]]:
    """Let two processes write."""
    headers = token_of(world, "inspector")
    with served(world.folder, "without_worker") as one, served(world.folder, "without_worker") as two:
        writers = [Writer(server.client(headers), seed + n) for n, server in enumerate((one, two, one, two))]
        for writer in writers:
            writer.start()
        try:
            yield writers
        finally:
            for writer in writers:
                writer.stopping.set()
            for writer in writers:
                writer.join()
                writer.client.close()


def _make(trial: Trial, world: World, writers: list[Writer], place: Path) -> tuple[Path, set[str]]:
    """Make a backup, by the command in a process of its own; return it with the photos acknowledged before."""
    time.sleep(0.5)
    before = {digest for writer in writers for digest in list(writer.photos)}
    if trial.control:
        with _copied():
            make(world.database, HOST, Settings(folder=world.folder, database_url=""), place)
        return place, before
    environment = os.environ | {"GREENKEEP_FOLDER": str(world.folder), "GREENKEEP_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", START, "backup", str(place)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return place, before


def _faults(world: World, place: Path, before: set[str]) -> Iterator[str]:
    """Restore a backup; yield what is wrong with it."""
    again = Settings(folder=place.with_name(f"{place.name}-again"), database_url="")
    try:
        manifest, _ = restore(place, HOST, again)
    except Refusal as refusal:
        yield f"{place.name}: {refusal.code} {[issue.code for issue in getattr(refusal, 'issues', ())]}"
        return
    database = open_database(again)
    with database.transaction(HOST, write=False) as session:
        held = set(session.exec(select(StoredFile.sha256)))
    database.engine.dispose()
    with world.session("host") as session:
        if not _is_prefix(session, manifest):
            yield f"{place.name}: its chain is not the beginning of the live one"
    if lost := before - held:
        yield f"{place.name}: {len(lost)} photos were acknowledged before it and are not in it"
    shutil.rmtree(place)
    shutil.rmtree(again.folder)


def _is_prefix(session: Session, manifest: Manifest) -> bool:
    live = events(session, after=manifest.chain.seq - 1, limit=1)
    return [(event.seq, event.hash) for event, _ in live] == [(manifest.chain.seq, manifest.chain.hash)]


@contextmanager
def _copied() -> Iterator[None]:
    """Copy the file of the database, as one copies files."""

    def copy(source: Path, place: Path) -> None:
        shutil.copyfile(source, place)

    with patch("service.core.dump._copy", copy):
        yield


def _bulk(trial: Trial, world: World, settings: Settings) -> float:
    """Keep a gigabyte of photos and return how many seconds its backup takes."""
    store, chance = Store(settings.store), random.Random(trial.seed)
    for _ in range(BULK):
        photo = noise(chance, BULK_BYTES)
        world.act("inspector", keep, photo, store.put(photo))
    started = time.perf_counter()
    make(world.database, HOST, settings, trial.folder / "bulk")
    return time.perf_counter() - started


CHECK = Check(
    name="D6",
    claim="A backup made while others write is whole and of one moment, restores, and hardly holds anybody up",
    target="all restore and pass the doctor; chain a prefix; nothing acknowledged before is missing; p99 < 1 s",
    control="the database's file copied as a file",
    run=run,
)
