"""A page of 1,000 plots as GeoJSON.

Over HTTP on loopback, one server process, one request after another. Ours: as of a day, by somebody who has shown a
token and sees but what is in scope. The peer: SQLModel rows and a `response_model`, of nobody in particular.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from functools import partial

from httpx2 import Client, TransportError

from service.core.dates import system_clock
from tests.benchmarks.land import DAY, PLOTS, land
from tests.benchmarks.row import Row, seconds
from tests.proof.at_hand import free_port, served, token_of

RUNS, PAGE = 15, 1000


def ask(client: Client, path: str) -> None:
    """Read a page whole."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content.count(b'"Feature"') == PAGE


def until_it_answers(client: Client, path: str) -> None:
    """Wait for a server that has just been started."""
    for _ in range(300):
        try:
            client.get(path)
        except TransportError:
            time.sleep(0.1)
        else:
            return


def main() -> list[Row]:
    """Measure both in one run."""
    world, rows = land(), []
    world.instant = max(world.instant, system_clock())
    path = f"/api/v1/plots?format=geojson&limit={PAGE}&as_of={DAY}&after=SjA1MDAwMA"
    port = free_port()
    program = [sys.executable, "-m", "tests.benchmarks.plain", str(world.folder / "greenkeep.db"), str(port)]
    with subprocess.Popen(program) as plain, Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        until_it_answers(client, "/plots")
        plain_ms = seconds(lambda: ask(client, "/plots"), runs=RUNS) * 1000
        plain.terminate()
    with served(world.folder) as server:
        for who in ("auditor", "inspector"):
            with server.client(token_of(world, who)) as client:
                ask(client, path)
                ours_ms = seconds(partial(ask, client, path), runs=RUNS) * 1000
            rows.append(Row(f"a page, as {who}", f"of {PLOTS:,} plots", ours_ms, "ms", "response_model", plain_ms, 2))
    return rows


if __name__ == "__main__":
    for row in main():
        print(json.dumps(asdict(row) | {"ratio": row.ratio}))
