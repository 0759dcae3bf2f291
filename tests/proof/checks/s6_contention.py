"""S6: many who read and write through two processes at once are all answered, and soon."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from statistics import quantiles
from typing import Any

from httpx2 import Client

from service.core.dates import system_clock
from service.core.ids import new_id
from tests.conftest import World
from tests.proof.at_hand import fresh_park, noise, served, summary, token_of
from tests.proof.check import Check, Outcome, Trial
from tests.service.calls import new_finding
from tests.service.policy import PREFIX

WRITE_S, READ_S = 2.0, 0.3  # the 99th percentiles
PAUSE_S = 0.5  # between two requests of one sender, in the mean: people read what they asked for
WRITES = 0.4  # of the requests
PHOTO_BYTES = 20_000
READS = ("/plots", "/findings?limit=50", "/tasks", "/photos?limit=50", "/findings?state=filed&format=geojson", "/me")
LOCKED = "database is locked"


class Sender(threading.Thread):
    """Reads and writes in turn by chance until stopped; keeps how it was answered, and how soon."""

    def __init__(self, client: Client, seed: int, pause_s: float) -> None:
        super().__init__(daemon=True)
        self.client, self.chance, self.pause_s = client, random.Random(seed), pause_s
        self.stopping = threading.Event()
        self.own: list[str] = []
        self.reads: list[float] = []
        self.writes: list[float] = []
        self.answers: Counter[int] = Counter()

    def run(self) -> None:
        """Send until stopped."""
        while not self.stopping.wait(self.chance.random() * 2 * self.pause_s):
            if self.chance.random() < WRITES:
                self._write()
            else:
                self._timed(self.reads, "GET", self.chance.choice(READS))

    def _write(self) -> None:
        if self.own and self.chance.random() < 0.5:
            photo, path = noise(self.chance, PHOTO_BYTES), self.chance.choice(self.own)
            headers = {"Content-Type": "image/jpeg"}
            path = f"{path}/photos/{sha256(photo).hexdigest()}"
            self._timed(self.writes, "PUT", path, content=photo, headers=headers)
        else:
            path = f"/findings/{new_id()}"
            if self._timed(self.writes, "PUT", path, json=new_finding("N-1")) == 201:
                self.own.append(path)

    def _timed(self, into: list[float], method: str, path: str, **request: Any) -> int:
        started = time.perf_counter()
        status = self.client.request(method, PREFIX + path, **request).status_code
        into.append(time.perf_counter() - started)
        self.answers[status] += 1
        return status


def run(trial: Trial) -> Outcome:
    """Let many send to two processes; as a control, to a build that takes the lock at the first write."""
    full = trial.full and not trial.control
    count, seconds, pause_s = (32, 180, PAUSE_S) if full else (8, 5, 0)
    with fresh_park(trial) as world:
        world.instant = max(world.instant, system_clock())
        log = trial.folder / "log"
        with _sending(trial, world, count, pause_s) as senders:
            time.sleep(seconds)
        said = log.read_text("utf-8") if log.exists() else ""
    answers = sum((sender.answers for sender in senders), Counter())
    wrong = [f"{count} answers of {status}" for status, count in sorted(answers.items()) if status >= 500]
    if locked := said.count(LOCKED):
        wrong.append(f"{locked} x {LOCKED} in the log")
    read_s = _slowest([second for sender in senders for second in sender.reads])
    write_s = _slowest([second for sender in senders for second in sender.writes])
    if full and (read_s > READ_S or write_s > WRITE_S):  # a busy machine is no failure of the short form
        wrong.append("too slow")
    tried = f"{answers.total()} requests, 99 % of the reads within {read_s * 1000:.0f} ms, of the writes within "
    return Outcome(not wrong, summary(wrong, f"{tried}{write_s * 1000:.0f} ms"))


@contextmanager
def _sending(trial: Trial, world: World, count: int, pause_s: float) -> Iterator[list[Sender]]:
    """Let senders send, half of them to each of two processes."""
    faults, headers, log = (
        ["without_worker"] + ["deferred"] * trial.control,
        token_of(world, "inspector"),
        trial.folder / "log",
    )
    with served(world.folder, *faults, log=log) as one, served(world.folder, *faults, log=log) as two:
        clients = [(one, two)[n % 2].client(headers) for n in range(count)]
        senders = [Sender(client, trial.seed + n, pause_s) for n, client in enumerate(clients)]
        for sender in senders:
            sender.start()
        yield senders
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join()
            sender.client.close()


def _slowest(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[-1]


CHECK = Check(
    name="S6",
    claim="32 people who read and write through two processes for three minutes are all answered, and soon",
    target='0 "database is locked", 0 answers of 5xx; 99 % of the writes < 2 s, of the reads < 300 ms',
    control="the lock of the database taken at the first write instead of at the beginning",
    run=run,
)
