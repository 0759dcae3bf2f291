"""What several checks need: the park in a fresh database, clients of it, and servers in processes of their own."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
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


def summary(faults: list[str], tried: str) -> str:
    """Say what was tried, how much was wrong, and the first of it."""
    return f"{tried}, {len(faults)} wrong" + "".join(f"; {fault[:160]}" for fault in faults[:2])
