"""I4: of a million findings the last page is as near as the first, and nobody gets more than a page."""

import gc
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from datetime import date, timedelta
from statistics import quantiles
from typing import Any
from unittest.mock import patch
from uuid import UUID

from service.cli.serve_command import freeze
from service.core.paging import cursor, dated
from service.findings import queries
from tests.conftest import World
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.full_world import ACTORS, fill
from tests.service.policy import PREFIX

LONGEST_MS, BUSY_MS, MOST_FEATURES = 150, 500, 5000  # of a page; on a machine that others use, too; in a box
FIRST_DAY, DAYS = date(2011, 1, 1), 700  # when they were found
OPEN = 199  # one in so many is
DEPTHS = (0.0, 0.5, 0.99, 1.0)
READERS = ("auditor", "inspector", "contractor", "viewer")
WORLD = "-180,-90,180,90"
ASKED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "findings": ("/findings", {}),
    "those of a plot": ("/findings", {"plot": "N-1"}),
    "those of a contract": ("/findings", {"contract": "C1"}),
    "those of a zone": ("/findings", {"zone": "N"}),
    "those of a day": ("/findings", {"from": "2012-06-01", "until": "2012-06-01"}),
    "those known": ("/findings", {"known_at": "2013-03-01T00:00:00Z"}),
    "those on a map": ("/findings", {"format": "geojson", "bbox": WORLD}),
}
BAD_LIMITS = ("0", "-1", "1001", "1000000000", "1e3", "x")
BAD_MARKS = ("x", "AAAA", *map(cursor, ("1", "2013-01-01", "2013-01-01 1", "2013-13-01 x", "1\0", "' OR 1=1 --")))
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
FINDINGS = f"""
{NUMBERS}, models AS (SELECT *, row_number() OVER (ORDER BY code) - 1 AS k FROM finding LIMIT 8)
INSERT INTO finding SELECT printf('%012x7%03x8000%012x', 1370000000000 + n, n % 4096, n), 'B-' || n,
plot_id, contract_id, type, severity, quantity, unit, text, point,
date('{FIRST_DAY}', '+' || (n * 7919 % {DAYS}) || ' days'), filed_at, filed_by
FROM numbers JOIN models ON k = n % 8
"""
NEW_ID = "substr(id, 1, 16) || '{}' || substr(id, 21)"
STEPS = f"""
INSERT INTO finding_event (id, finding_id, number, state, at, by, by_name, note, due_is_provisional)
SELECT {NEW_ID.format(8001)}, id, 1, CASE WHEN substr(code, 3) % {OPEN} = 0 THEN 'filed' ELSE 'confirmed' END,
filed_at, filed_by, 'Bulk', '', 0
FROM finding WHERE code LIKE 'B-%'
"""


def run(trial: Trial) -> Outcome:
    """Look at pages at every depth; as a control, on a build that reads a list whole and cuts the page out."""
    full = trial.full and not trial.control
    with fresh_park(trial) as world, _whole() if trial.control else nullcontext():
        fill(world)
        _fill_up(world, count := 1_000_000 if full else 20_000)
        wrong, slowest_ms = list(_refused(world)), 0.0
        freeze()  # as a server does
        for role in READERS if full else READERS[:1]:
            for name in ASKED if full else list(ASKED)[:2]:
                for depth in DEPTHS[-1:] if trial.control else DEPTHS:
                    looks = 40 if full else 1 if trial.control else 3
                    took_ms, faults = _looked(world, ACTORS[role], name, depth, looks=looks)
                    slow = [f"{took_ms:.0f} ms"] if took_ms > (LONGEST_MS if full else BUSY_MS) else []
                    wrong += [f"{name} by {role} at {depth:.0%}: {fault}" for fault in faults + slow]
                    slowest_ms = max(slowest_ms, took_ms)
        gc.unfreeze()
    return Outcome(not wrong, summary(wrong, f"{count:,} findings, the slowest page takes {slowest_ms:.0f} ms"))


def _fill_up(world: World, count: int) -> None:
    """Write findings with a step each, past the actions: by those it would take hours."""
    with closing(sqlite3.connect(world.folder / "greenkeep.db")) as database, database:
        database.execute(FINDINGS, [count])
        database.execute(STEPS)


def _looked(world: World, who: str, name: str, depth: float, *, looks: int) -> tuple[float, list[str]]:
    """Return how long a page takes, 19 times of 20, or at best of a few; and what is wrong with it."""
    (path, asked), mark = ASKED[name], _mark(world, depth)
    client, seconds = world.client(who), []
    for _ in range(looks):
        started = time.perf_counter()
        answer = client.get(PREFIX + path, params={**asked, "after": mark})
        seconds.append(time.perf_counter() - started)
    took_ms = 1000 * (quantiles(seconds, n=20)[-1] if looks >= 40 else min(seconds))
    if answer.status_code != 200:
        return took_ms, [f"answered {answer.status_code}"]
    body = answer.json()
    rows = body["features"] if "features" in body else body["items"]
    more = body["links"] if "links" in body else body["next"]
    return took_ms, ["it is not the last page"] if depth == 1 and more else [f"{len(rows)} rows"] * (len(rows) > 100)


def _mark(world: World, depth: float) -> str:
    """Return the mark of a place in a list that is ordered by day: 1 leaves a few rows."""
    if depth == 0:
        return ""
    if depth < 1:
        return cursor(dated(FIRST_DAY + timedelta(days=int(DAYS * (1 - depth))), UUID(int=0)))
    with closing(sqlite3.connect(world.folder / "greenkeep.db")) as database:
        rows = database.execute("SELECT found_on, id FROM finding ORDER BY found_on, id LIMIT 1 OFFSET 99")
        day, last = rows.fetchone()
    return cursor(dated(date.fromisoformat(day), UUID(last)))


def _refused(world: World) -> Iterator[str]:
    """Yield limits and marks that are taken though nobody made them, and boxes that hold too much."""
    client = world.client("auditor")
    for path in ("/findings", "/photos"):
        for name, values in (("limit", BAD_LIMITS), ("after", BAD_MARKS)):
            for value in values:
                status = client.get(PREFIX + path, params={name: value}).status_code
                if status != 422:
                    yield f"{path} with {name}={value!r} is answered {status}"
    for path in ("/findings", "/plots"):
        answer = client.get(PREFIX + path, params={"format": "geojson", "bbox": WORLD, "limit": "1000"})
        if answer.status_code != 422 and len(answer.json()["features"]) > MOST_FEATURES:
            yield f"{path} of the whole world are {len(answer.json()['features'])} features"


@contextmanager
def _whole() -> Iterator[None]:
    """Read a list whole."""
    findings = queries.findings

    def whole(
        session: Any, *, after: tuple[date, UUID] | None, limit: int, **asked: Any
    ) -> list[queries.FindingRecord]:
        rows = findings(session, **asked)
        return [row for row in rows if after is None or (row.finding.found_on, row.finding.id) < after][:limit]

    with patch.object(queries, "findings", whole):
        yield


CHECK = Check(
    name="I4",
    claim="Of a million findings the last page comes as soon as the first, and nobody gets more than a page of them",
    target="p95 < 150 ms at any depth; limits beyond 1 to 1,000 and forged marks refused; a box of the world ≤ 5,000",
    control="a build that reads a list whole and cuts the page out",
    run=run,
)
