"""Durable findings per second.

Each is a PUT over HTTP that is answered after its commit, on SQLite with synchronous=FULL: authenticated, in scope,
numbered without gaps, audited. Beside it what the same disk does in the same run with nothing around it: one row and
one commit after another in WAL mode, and 4 KiB written and synced. The ratio says how much of the limit is reached.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from httpx2 import Client

from service.core.dates import system_clock
from service.core.ids import new_id
from service.migrations import upgrade
from tests.benchmarks.row import Row
from tests.conftest import park
from tests.proof.at_hand import served, token_of
from tests.service.calls import new_finding
from tests.service.policy import PREFIX
from tests.service.storm import at_once, patiently

CLIENTS, EACH, COMMITS = 8, 40, 2000


def commits_a_second(folder: Path) -> float:
    """Write rows as large as a finding's, each durable before the next."""
    with closing(sqlite3.connect(folder / "limit.db", isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, content BLOB)")
        started = time.perf_counter()
        for _ in range(COMMITS):
            connection.execute("INSERT INTO row (content) VALUES (?)", (os.urandom(500),))
        return COMMITS / (time.perf_counter() - started)


def syncs_a_second(folder: Path) -> float:
    """Write 4 KiB again and again, each durable before the next."""
    page = os.urandom(4096)
    with (folder / "limit").open("wb", buffering=0) as file:
        started = time.perf_counter()
        for _ in range(COMMITS):
            file.write(page)
            os.fsync(file.fileno())
        return COMMITS / (time.perf_counter() - started)


def puts_a_second(clients: list[Client]) -> float:
    """Let all file findings at once."""

    def work(client: Client) -> Callable[[], None]:
        def file() -> None:
            for _ in range(EACH):
                answer = patiently(client, "PUT", f"{PREFIX}/findings/{new_id()}", json=new_finding("N-1"))
                assert answer.status_code == 201, answer.text

        return file

    started = time.perf_counter()
    at_once([work(client) for client in clients])
    return len(clients) * EACH / (time.perf_counter() - started)


def main() -> list[Row]:
    """Measure the limits, then one server process and two."""
    rows: list[Row] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/greenkeep.db"
        upgrade(url)
        syncs, commits = syncs_a_second(folder), commits_a_second(folder)
        rows.append(Row("rows committed, of what is synced", "500 bytes", commits, "/s", "fsync", syncs, None, True))
        with park(url, folder) as world, ExitStack() as running:
            world.instant = max(world.instant, system_clock())
            headers, servers = token_of(world, "inspector"), []
            for count in (1, 2):
                servers.append(running.enter_context(served(folder, "without_worker")))
                clients = [running.enter_context(servers[n % count].client(headers)) for n in range(CLIENTS)]
                puts = puts_a_second(clients)
                size = f"{CLIENTS} clients, processes: {count}"
                rows.append(Row("findings filed", size, puts, "/s", "WAL commits", commits, None, True))
    return rows


if __name__ == "__main__":
    for row in main():
        print(json.dumps(asdict(row) | {"ratio": row.ratio}))
