"""The auditor's dossier: with it and nothing of ours, every link is recomputed, every hash, every sum."""

import json
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import pytest

from service.documents.queries import hanging_on
from tests.conftest import World
from tests.park import YEAR, amend, changed

API = "/api/v1"


def dossier(world: World, **asked: str) -> Any:
    answer = world.client("auditor").get(f"{API}/contracts/C1/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def hash_of(event: dict[str, Any]) -> str:
    """Compute an event's hash as the documentation of the log says, from the hash before and the event alone."""
    at = datetime.fromisoformat(event["at"]).isoformat()
    texts = (str(event["seq"]), at, event["actor"], event["verb"], event["target"], event["digest"])
    parts = [text.encode() for text in texts]
    framed = b"".join(len(part).to_bytes(8) + part for part in parts)
    return sha256(b"greenkeep audit event 1" + framed + bytes.fromhex(event["previous"])).hexdigest()


def digest_of(event: dict[str, Any]) -> str:
    content = event["content"]
    return sha256(bytes.fromhex(content["salt"]) + content["document"].encode()).hexdigest()


def test_every_link_and_every_content_is_recomputed(full: World) -> None:
    events = dossier(full)["events"]
    assert [hash_of(event) for event in events] == [event["hash"] for event in events]
    assert [digest_of(event) for event in events] == [event["digest"] for event in events]
    verbs = {event["verb"] for event in events}
    assert verbs >= {"contract.sign", "contract.amend", "scheme.enter", "finding.file", "statement.approved"}
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})


def test_a_changed_event_no_longer_fits(world: World) -> None:
    [event] = [e for e in dossier(world)["events"] if e["verb"] == "contract.sign"]
    assert hash_of(event) == event["hash"]
    assert hash_of(event | {"actor": "somebody"}) != event["hash"]
    assert hash_of(event | {"previous": "00" * 32}) != event["hash"]


def test_a_statement_stands_with_its_inputs_roots_and_approval(full: World) -> None:
    [statement] = dossier(full)["statements"]
    assert sha256(statement["inputs"].encode()).hexdigest() == statement["sha256"]
    assert statement["decision"]["by"] == "Manager-2"
    client = full.client("auditor")
    for line in statement["lines"]:
        amount = line["amount"]["amount"].lstrip("-")  # the root counts up; the pot of a deduction turns its sign
        assert line["root"]["result"] == amount
        stored = client.get(line["explanation"]).content
        assert sha256(stored).hexdigest() == line["sha256"]
        assert json.loads(stored) | {"children": []} == line["root"]
    assert sum(line["amount"]["amount_minor"] for line in statement["lines"]) == statement["payable"]["amount_minor"]


def test_what_held_was_found_and_was_amended_is_there(full: World) -> None:
    whole = dossier(full)
    assert {row["plot"] for row in whole["line_versions"]} == {row["plot"] for row in whole["plot_versions"]}
    assert [row["number"] for row in whole["amendments"]] == [1, 2]
    by = {row["amendment"] for row in whole["line_versions"]}
    assert by == {None, *(row["id"] for row in whole["amendments"])}
    assert {(row["plot"], row["steps"][0]["state"]) for row in whole["findings"]} == {
        ("N-1", "filed"),
        ("N-2", "filed"),
    }
    assert {row["plot"] for row in whole["scores"]} == {"N-1", "N-2"}
    assert {row["title"] for row in whole["documents"]} == {"N-1", "N-2"}
    filed = [event["target"] for event in whole["events"] if event["verb"] == "document.file"]
    assert filed == [f"Document {row['id']}" for row in whole["documents"]]
    assert whole["head"] == full.client("auditor").get(f"{API}/audit-head").json()


def test_days_narrow_it(full: World) -> None:
    full.act("manager", amend, "C1", changed("N-1", YEAR, price="3.5"))
    spring = dossier(full, **{"from": "2013-02-01", "until": "2013-03-31"})
    assert (spring["statements"], spring["findings"], spring["scores"]) == ([], [], [])
    assert [row["number"] for row in spring["amendments"]] == [3]
    assert {row["from"] for row in spring["line_versions"]} == {"2013-01-01"}
    assert {event["verb"] for event in spring["events"]} >= {"contract.sign", "contract.amend"}
    nothing = full.client("auditor").get(
        f"{API}/contracts/C1/audit", params={"from": "2013-02-02", "until": "2013-02-01"}
    )
    assert nothing.status_code == 422


def test_it_is_for_the_auditor_alone(world: World) -> None:
    world.on(date(2013, 3, 1))
    statuses = {
        who: world.client(who).get(f"{API}/contracts/C1/audit").status_code for who in ("manager", "admin", "green-1")
    }
    assert set(statuses.values()) == {403}
    assert world.client("auditor").get(f"{API}/contracts/C9/audit").status_code == 404


def test_what_is_decided_while_it_is_read_is_in_all_of_it_or_in_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.on(date(2013, 1, 10))
    world.confirm(world.file("N-1"))
    world.on(date(2013, 2, 3))
    code = world.prepare("C1", 1)

    def approved_meanwhile(*asked: Any) -> Any:
        world.approve(code)
        return hanging_on(*asked)

    monkeypatch.setattr("service.exchange.dossier.hanging_on", approved_meanwhile)
    told = dossier(world)
    [statement] = told["statements"]
    decided = {event["verb"] for event in told["events"]} & {"statement.approved"}
    assert (statement["decision"] is None, decided) == (True, set())
