"""Z7: a flood of passwords takes neither the memory nor the answers of others, and time tells nobody who has one."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from unittest.mock import patch

from fastapi.testclient import TestClient
from httpx2 import Client

from service.access import passwords
from service.access.queries import user_by_code
from service.access.rules import PER_ACCOUNT, WINDOW
from service.access.sign_in_actions import set_password
from service.core.dates import system_clock
from tests.conftest import World
from tests.proof.at_hand import PATIENCE_S, fresh_park, server, summary
from tests.proof.check import Check, Outcome, Trial

MOST_MB, GAP_MS = 300, 10
PAGES = ("/findings", "/api/v1/plots")  # what others look at meanwhile
WRONG = "not the right words"


def run(trial: Trial) -> Outcome:
    """Measure, then flood; as a control, on a build that hashes only for those who have a password."""
    full = trial.full and not trial.control
    careless = patch.object(passwords, "hashed", lambda password: "")
    with fresh_park(trial) as world:
        kept = passwords.hashed("four green benches")
        world.act("host", lambda s, host: set_password(s, host, user_by_code(s, "manager"), kept))
        with careless if trial.control else nullcontext():
            known, unknown = _times(world, 500 if full else 8)
        gap_ms = abs(median(known) - median(unknown)) * 1000
        allowed_ms = GAP_MS if full else 300 * median(known)  # a third of a hash, on a machine that others use, too
        wrong = [f"names are told apart by {gap_ms:.0f} ms"] if gap_ms > allowed_ms else []
        wrong += _at_the_limits(world)
        figure = ""
        if not trial.control:
            grown, slow_s, statuses = _flood(world, 200 if full else 40)
            wrong += [f"{grown} MB more"] if grown > MOST_MB else []
            wrong += [f"others waited {slow_s:.2f} s"] if slow_s > (0.5 if full else 3) else []
            wrong += [f"answered {status}" for status in statuses if status not in (401, 429, 503)]
            figure = f", {statuses.total()} at once: {grown} MB more, p95 of others {slow_s * 1000:.0f} ms"
    return Outcome(not wrong, summary(wrong, f"{len(known)} known and unknown names {gap_ms:.1f} ms apart{figure}"))


def _knock(browser: Client, name: str, password: str = WRONG) -> int:
    return browser.post("/sign-in", data={"name": name, "password": password}).status_code


def _times(world: World, count: int) -> tuple[list[float], list[float]]:
    browser, taken = TestClient(world.app), {"manager": [0.0] * 0, "nobody": [0.0] * 0}
    for _ in range(count):
        world.instant += WINDOW
        for name, times in taken.items():
            started = time.perf_counter()
            assert _knock(browser, name) == 401
            times.append(time.perf_counter() - started)
    return taken["manager"], taken["nobody"]


def _at_the_limits(world: World) -> Iterator[str]:
    world.instant += WINDOW
    browser = TestClient(world.app)
    with patch.object(passwords, "HASHER") as hasher:
        for length, answer in ((257, 422), (9000, 422), (10**6, 413)):
            if (said := _knock(browser, "manager", "x" * length)) != answer or hasher.mock_calls:
                yield f"a password of {length} letters is answered {said}, hashed {len(hasher.mock_calls)} times"
    statuses = [_knock(browser, "manager") for _ in range(PER_ACCOUNT + 1)]
    if statuses != [401] * PER_ACCOUNT + [429]:
        yield f"one account: {statuses}"


def _flood(world: World, count: int) -> tuple[int, float, Counter[int]]:
    """Return by how many MB the server grew at most, the 95th percentile of others' waits, and the answers."""
    world.instant = max(world.instant, system_clock())
    headers = {"Authorization": world.client("auditor").headers["authorization"]}
    with server(world) as (port, process):
        base = f"http://127.0.0.1:{port}"
        with Client(base_url=base, headers=headers, trust_env=False, timeout=PATIENCE_S) as other:
            for path in PAGES:
                other.get(path)
            before, waits, done = _peak_mb(process), [0.0] * 0, threading.Event()

            def look() -> None:
                for path in cycle(PAGES):
                    if done.is_set():
                        return
                    started = time.perf_counter()
                    assert other.get(path).status_code == 200
                    waits.append(time.perf_counter() - started)
                    time.sleep(0.05)

            def one(n: int) -> int:
                with Client(base_url=base, trust_env=False, timeout=PATIENCE_S) as browser:
                    return _knock(browser, f"name-{n}" if n % 2 else "manager")

            looker = threading.Thread(target=look)
            looker.start()
            with ThreadPoolExecutor(count) as pool:
                statuses = Counter(pool.map(one, range(count)))
            done.set()
            looker.join()
        return _peak_mb(process) - before, quantiles(waits, n=20)[-1] if len(waits) > 1 else waits[0], statuses


def _peak_mb(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found.group(1)) // 1024


CHECK = Check(
    name="Z7",
    claim="Many passwords at once take little memory and no answers from others; ten an account, then 429; time tells "
    "no name that is known",
    target="≤ 300 MB, p95 of others < 500 ms, medians < 10 ms apart",
    control="a build that hashes only for names that have a password",
    run=run,
)
