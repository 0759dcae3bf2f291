"""The audit log over HTTP: enough to recompute it with nothing of ours."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any

from tests.conftest import World

API = "/api/v1"


def events(world: World, **asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = 0
    while True:
        page = world.client("auditor").get(f"{API}/audit-events", params={"after": after, "limit": 10, **asked}).json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        after = int(page["next"])


def test_whoever_has_the_events_recomputes_the_chain(world: World) -> None:
    head = world.client("viewer").get(f"{API}/audit-head")
    rows = events(world)
    previous = bytes(32)
    for seq, row in enumerate(rows, start=1):
        document = bytes.fromhex(row["content"]["salt"]) + row["content"]["document"].encode()
        assert (row["seq"], row["digest"]) == (seq, sha256(document).hexdigest())
        at = datetime.fromisoformat(row["at"]).isoformat()
        parts = [p.encode() for p in (str(seq), at, row["actor"], row["verb"], row["target"], row["digest"])]
        framed = b"".join(len(part).to_bytes(8) + part for part in parts)
        previous = sha256(b"greenkeep audit event 1" + framed + previous).digest()
        assert row["hash"] == previous.hex()
        if seq == head.json()["seq"]:
            assert head.json()["hash"] == row["hash"]
    assert len(rows) >= head.json()["seq"] > 20


def test_events_of_somebody_or_about_something(world: World) -> None:
    world.on(date(2013, 1, 20))
    finding = world.file("N-1")
    world.confirm(finding)
    assert [row["verb"] for row in events(world, target=f"Finding {finding}")] == ["finding.file", "finding.confirm"]
    assert [row["verb"] for row in events(world, actor="supervisor")] == ["finding.confirm"]
    assert events(world, actor="nobody") == []


def test_the_log_is_closed_to_others(world: World) -> None:
    answer = world.client("manager").get(f"{API}/audit-events")
    assert (answer.status_code, answer.json()["code"]) == (403, "audit_log_closed")
