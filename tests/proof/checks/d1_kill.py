"""D1: a server that is killed while it writes loses nothing that it has acknowledged."""

import random
import signal
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

from httpx2 import Client, TransportError
from sqlmodel import Session, select

from service.core.dates import system_clock
from service.core.ids import new_id
from service.core.settings import Settings
from service.doctor import examine
from service.evidence.models import StoredFile
from service.evidence.store import Store
from service.findings.models import FindingPhoto
from service.findings.queries import findings
from tests.conftest import World
from tests.proof.at_hand import Served, fresh_park, noise, served, summary, token_of
from tests.proof.check import Check, Outcome, Trial
from tests.service.calls import new_finding
from tests.service.policy import PREFIX
from tests.service.storm import patiently

PHOTO_BYTES = 50_000
AGAIN_S = 0.05
PATIENCE_S = 120


class Upload:
    """A finding with its photo; `done` once both were acknowledged."""

    def __init__(self, chance: random.Random) -> None:
        self.id: UUID = new_id()
        self.photo = noise(chance, PHOTO_BYTES)
        self.hash = sha256(self.photo).hexdigest()
        self.text = f"见照片 {self.hash[:8]}"
        self.acknowledged = 0  # of its two writes

    def send(self, client: Client) -> None:
        """Send what is not acknowledged yet."""
        path = f"{PREFIX}/findings/{self.id}"
        requests: list[tuple[str, dict[str, Any]]] = [
            (path, {"json": new_finding("N-1") | {"text": self.text}}),
            (f"{path}/photos/{self.hash}", {"content": self.photo, "headers": {"Content-Type": "image/jpeg"}}),
        ]
        for address, request in requests[self.acknowledged :]:
            answer = patiently(client, "PUT", address, **request)
            assert answer.status_code in (200, 201), answer.text
            self.acknowledged += 1


def run(trial: Trial) -> Outcome:
    """Kill the server in the middle of each round; as a control, one that answers before it commits."""
    rounds, size, senders = (5, 1000, 64) if trial.full and not trial.control else (1, 40, 8)
    chance = random.Random(trial.seed)
    faults = ("without_worker", "hasty") if trial.control else ("without_worker",)
    with fresh_park(trial) as world:
        world.instant = max(world.instant, system_clock())
        headers, uploads, killed = token_of(world, "inspector"), [], 0
        with served(world.folder, *faults) as server:
            for _ in range(rounds):
                batch = [Upload(chance) for _ in range(size)]
                uploads += batch
                killed += _round(server, headers, batch, senders, chance)
        wrong = list(_lost(world, uploads))
    tried = f"{2 * rounds * size} acknowledged writes in {rounds} rounds, {killed} of them before a kill"
    return Outcome(not wrong, summary(wrong, tried))


def _round(server: Served, headers: dict[str, str], batch: list[Upload], senders: int, chance: random.Random) -> int:
    """Send a batch by many at once and kill the server on the way; return how much it had acknowledged by then."""
    waiting: SimpleQueue[Upload] = SimpleQueue()
    for upload in batch:
        waiting.put(upload)
    threads = [threading.Thread(target=_send, args=(server, headers, waiting)) for _ in range(senders)]
    for thread in threads:
        thread.start()
    moment = chance.randint(len(batch) // 2, len(batch) * 3 // 2)
    deadline = time.monotonic() + PATIENCE_S
    while sum(upload.acknowledged for upload in batch) < moment and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(chance.random() / 50)
    server.end(signal.SIGKILL)
    acknowledged = sum(upload.acknowledged for upload in batch)
    server.start()
    for thread in threads:
        thread.join()
    assert all(upload.acknowledged == 2 for upload in batch), "every sender goes on until all is acknowledged"
    return acknowledged


def _send(server: Served, headers: dict[str, str], waiting: SimpleQueue[Upload]) -> None:
    """Send one after another; when the connection breaks, the same again."""
    with server.client(headers) as client:
        while True:
            try:
                upload = waiting.get_nowait()
            except Empty:
                return
            while upload.acknowledged < 2:
                try:
                    upload.send(client)
                except TransportError:
                    time.sleep(AGAIN_S)


def _lost(world: World, uploads: list[Upload]) -> Iterator[str]:
    """Yield what was acknowledged and is not there, is there twice, or does not fit."""
    store = Store(world.folder / "files")
    with world.session("auditor") as session:
        there = {record.finding.id: record.finding for record in findings(session)}
        if len(there) != len(uploads):
            yield f"{len(there)} findings of {len(uploads)}"
        for upload in uploads:
            finding = there.get(upload.id)
            if finding is None or finding.text != upload.text:
                yield f"finding {upload.id} is lost or another"
            elif _hashes(session, upload.id) != [upload.hash]:
                yield f"the photo of {upload.id} is lost"
            elif not store.holds(upload.hash):
                yield f"the bytes of {upload.hash} are lost"
    world.folder.chmod(0o700)
    with world.session("host") as session:
        issues = examine(session, world.database, Settings(folder=world.folder, database_url=""))
    yield from (f"{issue.code} {issue.place}" for issue in issues)


def _hashes(session: Session, finding: UUID) -> list[str]:
    query = select(StoredFile.sha256).join(FindingPhoto).where(FindingPhoto.finding_id == finding)
    return list(session.exec(query))


CHECK = Check(
    name="D1",
    claim="A server killed while it writes loses nothing that it has acknowledged, and what is left fits together",
    target="0 lost, 0 twice, the doctor finds nothing",
    control="the answer sent before the commit",
    run=run,
)
