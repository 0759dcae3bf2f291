"""D4: a full disk costs nothing that was acknowledged, is said as such, and is over when there is room."""

import os
import random
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from httpx2 import Client

from service.core.dates import system_clock
from tests.proof.at_hand import fresh_park, noise, served, summary, token_of
from tests.proof.check import Check, Outcome, Trial
from tests.service.policy import PREFIX

DISK = "20m"
BALLAST_BYTES = 4_000_000
PHOTO_BYTES = 60_000
MOST = 1000  # uploads, many more than fit
RECOVERY_S = 5
MOUNT = 'mount -t tmpfs -o size={size},mode=700 greenkeep {disk} && cp -a {source}/. {disk}/ && exec "$@"'


@cache
def _namespace() -> tuple[str, ...]:
    return ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--mount", "--map-root-user")


@cache
def lacking() -> str | None:
    """Return what this machine lacks for a small disk of its own."""
    try:
        tried = subprocess.run(
            [*_namespace(), "mount", "-t", "tmpfs", "greenkeep", "/mnt"], capture_output=True, check=False
        )
    except FileNotFoundError:
        return "unshare is not installed (Debian: util-linux)."
    return None if tried.returncode == 0 else "A disk of its own cannot be mounted here."


def run(trial: Trial) -> Outcome:
    """Fill a disk of 20 MB and go on; as a control, with a store that takes a full disk lightly."""
    chance, disk = random.Random(trial.seed), trial.folder / "disk"
    after_full = 60 if trial.full and not trial.control else 10
    faults = ("without_worker", "careless") if trial.control else ("without_worker",)
    with fresh_park(trial) as world:
        world.instant = max(world.instant, system_clock())
        finding, headers = world.file("N-1"), token_of(world, "inspector")
        world.close()
        disk.mkdir(mode=0o700)
        (world.folder / "ballast").write_bytes(bytes(BALLAST_BYTES))
        script = MOUNT.format(size=DISK, disk=shlex.quote(str(disk)), source=shlex.quote(str(world.folder)))
        within = (*_namespace(), "sh", "-c", script, "sh")
        with served(disk, *faults, within=within) as server, server.client(headers) as client:
            assert server.process
            inside = Path(f"/proc/{server.process.pid}/root{disk}")
            filled = Filled(client, finding, chance)
            filled.until_full(after_full)
            wrong = [*filled.reads(), *filled.recovers(inside / "ballast"), *filled.kept(inside)]
    tried = f"{len(filled.acknowledged)} acknowledged, {filled.answers[507]} refused as 507"
    return Outcome(not wrong, summary(wrong, tried))


class Filled:
    """Photos sent to a server until its disk is full, and what became of them."""

    def __init__(self, client: Client, finding: UUID, chance: random.Random) -> None:
        self.client, self.path, self.chance = client, f"{PREFIX}/findings/{finding}", chance
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self.others: list[str] = []

    def send(self) -> int:
        """Send one more photo."""
        photo = noise(self.chance, PHOTO_BYTES)
        digest = sha256(photo).hexdigest()
        headers = {"Content-Type": "image/jpeg"}
        answer = self.client.put(f"{self.path}/photos/{digest}", content=photo, headers=headers)
        self.answers[answer.status_code] += 1
        if answer.status_code == 201:
            self.acknowledged.append(digest)
        elif answer.status_code != 507 or answer.headers["content-type"] != "application/problem+json":
            self.others.append(f"refused as {answer.status_code} {answer.text[:60]}")
        return answer.status_code

    def until_full(self, further: int) -> None:
        """Send until a photo is refused, and then some more."""
        for _ in range(MOST):
            if self.send() != 201:
                break
        for _ in range(further):
            self.send()

    def reads(self) -> Iterator[str]:
        """Yield the other refusals, and what cannot be read while the disk is full."""
        yield from self.others
        for path in (self.path, f"{PREFIX}/plots", f"{PREFIX}/me"):
            status = self.client.get(path).status_code
            if status != 200:
                yield f"GET {path} is answered {status}"

    def recovers(self, ballast: Path) -> Iterator[str]:
        """Make room; yield if the next photo is not taken soon, by the same server."""
        ballast.unlink()
        deadline = time.monotonic() + RECOVERY_S
        while self.send() != 201:
            if time.monotonic() > deadline:
                yield f"still refused {RECOVERY_S} s after there is room"
                return

    def kept(self, inside: Path) -> Iterator[str]:
        """Yield the photos that were acknowledged and are not there."""
        shown = len(self.client.get(self.path).json()["photos"])
        if shown != len(self.acknowledged):
            yield f"{shown} photos are there, {len(self.acknowledged)} were acknowledged"
        for digest in self.acknowledged:
            path = inside / "files" / digest[:2] / digest
            if not path.exists() or sha256(path.read_bytes()).hexdigest() != digest:
                yield f"{digest[:8]} was acknowledged and is lost"


CHECK = Check(
    name="D4",
    claim="A full disk costs nothing that was acknowledged, is told as 507, lets everybody read, and is over with room",
    target="0 lost, all refusals 507 problem details, reads answered, writes taken again within 5 s, without a restart",
    control="a store that takes a full disk lightly",
    run=run,
    lacking=lacking,
)
