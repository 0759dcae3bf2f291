"""What several checks need: the park in a fresh database, clients of it, and servers in processes of their own."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from fastapi.testclient import TestClient
from httpx2 import Client

from service.core.dates import system_clock
from service.migrations import upgrade
from tests.conftest import World, park
from tests.proof.check import Trial

PATIENCE_S = 60
START = "import sys; from service.cli import main; sys.exit(main(sys.argv[1:]))"


@contextmanager
def fresh_park(trial: Trial, name: str = "park") -> Iterator[World]:
    """Yield the park in a database of its own, in the trial's folder."""
    folder = trial.folder / name
    folder.mkdir(mode=0o700)
    url = f"sqlite:///{folder}/greenkeep.db"
    upgrade(url)
    with park(url, folder) as world:
        yield world


def threads(world: World, who: str, count: int) -> list[Client]:
    """Return clients of one person, for as many threads of this process."""
    headers = {"Authorization": world.client(who).headers["authorization"]}
    return [TestClient(world.app, headers=headers) for _ in range(count)]


@contextmanager
def processes(world: World, who: str, count: int) -> Iterator[tuple[list[Client], Client]]:
    """Yield clients of one person, in turn of two server processes over the world's files, and one of the auditor.

    The servers live today.
    """
    world.instant = max(world.instant, system_clock())
    with ExitStack() as running:
        ports = [running.enter_context(server(world))[0] for _ in range(2)]

        def client(who: str, port: int) -> Client:
            headers = {"Authorization": world.client(who).headers["authorization"]}
            place = f"http://127.0.0.1:{port}"
            return running.enter_context(Client(base_url=place, headers=headers, timeout=PATIENCE_S, trust_env=False))

        yield [client(who, ports[n % 2]) for n in range(count)], client("auditor", ports[0])


@contextmanager
def server(world: World) -> Iterator[tuple[int, int]]:
    """Yield the port and the process id of a server over the world's files."""
    port = free_port()
    environment = os.environ | {"GREENKEEP_FOLDER": str(world.folder), "GREENKEEP_DATABASE_URL": ""}
    command = [sys.executable, "-c", START, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout
            line = started.stdout.readline()
            assert re.search(rf":{port}\b", line), f"the server said: {line!r}"
            yield port, started.pid
        finally:
            started.terminate()
            started.wait(PATIENCE_S)


@dataclass
class Served:
    """A server of the world's files in a process of its own, which can be killed and started again."""

    folder: Path
    faults: tuple[str, ...] = ()
    within: tuple[str, ...] = ()  # what the program is started by
    log: Path | None = None  # where it says what went wrong; with ours when left out
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = os.environ | {"GREENKEEP_FOLDER": str(self.folder), "GREENKEEP_DATABASE_URL": ""}
        program = [sys.executable, "-m", "tests.proof.serving", str(self.port), *self.faults]
        with self.log.open("ab") if self.log else nullcontext() as log:
            self.process = subprocess.Popen(
                [*self.within, *program], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert re.search(rf":{self.port}\b", line), f"the server said: {line!r}"

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal and wait until it is gone."""
        if self.process:
            self.process.send_signal(number)
            try:
                self.process.communicate(timeout=PATIENCE_S)
            finally:
                self.process.kill()
            self.process = None

    def client(self, headers: Mapping[str, str]) -> Client:
        """Return a client of it."""
        place = f"http://127.0.0.1:{self.port}"
        return Client(base_url=place, headers=headers, timeout=PATIENCE_S, trust_env=False)


@contextmanager
def served(folder: Path, *faults: str, within: Sequence[str] = (), log: Path | None = None) -> Iterator[Served]:
    """Yield a running server; it is gone afterwards."""
    server = Served(folder, faults, tuple(within), log)
    server.start()
    try:
        yield server
    finally:
        server.end()


def token_of(world: World, who: str) -> dict[str, str]:
    """Return the headers by which somebody is known."""
    return {"Authorization": world.client(who).headers["authorization"]}


def noise(chance: random.Random, size: int) -> bytes:
    """Return bytes that begin as a photo does."""
    return b"\xff\xd8\xff" + chance.randbytes(size)


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def summary(faults: list[str], tried: str) -> str:
    """Say what was tried, how much was wrong, and the first of it."""
    return f"{tried}, {len(faults)} wrong" + "".join(f"; {fault[:160]}" for fault in faults[:2])
