"""Statements over HTTP."""

from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from httpx2 import Response

from tests.conftest import World

API = "/api/v1"


@pytest.fixture
def february(world: World) -> World:
    """Two places of litter were confirmed on N-1 in January; January is over."""
    world.on(date(2013, 1, 20))
    world.confirm(world.file("N-1", quantity="2"))
    world.on(date(2013, 2, 2))
    return world


def prepare(world: World, who: str = "manager", contract: str = "C1", period: str = "2013-01") -> Response:
    return world.client(who).put(f"{API}/contracts/{contract}/statements/{period}")


def decide(world: World, who: str, code: str, decision: str = "approved", reason: str = "") -> Response:
    body = {"decision": decision, "reason": reason}
    return world.client(who).post(f"{API}/statements/{code}/decision", json=body)


def get(world: World, path: str, who: str = "auditor", **asked: Any) -> Any:
    answer = world.client(who).get(API + path, params=asked)
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_a_month_is_prepared_and_approved_by_two(february: World) -> None:
    prepared = prepare(february)
    row = prepared.json()
    assert (prepared.status_code, row["code"], row["state"], row["period"]) == (
        201,
        "C1-2013-01",
        "prepared",
        "2013-01",
    )
    assert (row["from"], row["until"], row["score"], row["decision"]) == ("2013-01-01", "2013-01-31", "98", None)
    assert [(line["kind"], line["amount"]["amount"]) for line in row["lines"]] == [
        ("earned", "381.95"),
        ("deducted", "-20.00"),
    ]
    assert row["payable"] == {"amount": "361.95", "amount_minor": 36195, "currency": "CNY"}
    assert decide(february, "manager", row["code"]).json()["code"] == "same_person"
    approved = decide(february, "manager-2", row["code"])
    decision = approved.json()["decision"]
    assert (approved.status_code, decision["by"], decision["number"]) == (201, "Manager-2", 1)
    assert decide(february, "manager-2", row["code"]).json()["code"] == "already_decided"
    assert get(february, f"/statements/{row['code']}") == approved.json()


def test_a_statement_sent_back_is_followed_by_another(february: World) -> None:
    code = prepare(february).json()["code"]
    again = prepare(february)
    assert (again.status_code, again.json()["code"]) == (200, code), "the answer may have been lost on its way"
    assert prepare(february, "manager-2").json()["code"] == "awaits_decision"
    sent_back = decide(february, "manager-2", code, "sent_back", "面积有误").json()
    assert (sent_back["state"], sent_back["decision"]["reason"]) == ("sent_back", "面积有误")
    assert sent_back["decision"]["number"] is None
    assert prepare(february).json()["code"] == "C1-2013-01-r2"


@pytest.mark.parametrize(
    ("period", "status", "code"),
    [
        ("2013-02", 409, "period_running"),
        ("2013-Q1", 422, "no_such_period"),
        ("2012-12", 422, "no_such_period"),
        ("2014-01", 409, "period_running"),
        ("2013-13", 404, "not_found"),
        ("2013-Q5", 404, "not_found"),
        ("2013-1", 404, "not_found"),
        ("20１3-01", 404, "not_found"),
        ("January", 404, "not_found"),
    ],
)
def test_what_cannot_be_prepared(february: World, period: str, status: int, code: str) -> None:
    answer = prepare(february, period=period)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert get(february, "/statements")["items"] == []


def test_an_explanation_is_given_byte_for_byte(february: World) -> None:
    lines = prepare(february).json()["lines"]
    first, again = (february.client("green-1").get(lines[1]["explanation"]) for _ in range(2))
    assert (first.status_code, first.headers["content-type"]) == (200, "application/json")
    assert first.content == again.content
    assert b"F-2013-0001" in first.content
    assert february.client("river-1").get(lines[1]["explanation"]).status_code == 404
    for number, status in ((3, 404), (0, 404), (-1, 422), (2**63, 422)):
        assert get(february, f"/statements/C1-2013-01/lines/{number}/explanation") == status


def test_statements_and_charges_of_a_contract_and_of_days(february: World) -> None:
    february.settle("C1", 1)
    february.settle("C2", 1)
    february.on(date(2013, 3, 2))
    february.settle("C1", 2)
    codes = [row["code"] for row in get(february, "/statements")["items"]]
    assert codes == ["C1-2013-02", "C1-2013-01", "C2-2013-01"]
    assert [row["code"] for row in get(february, "/statements", contract="C2")["items"]] == ["C2-2013-01"]
    page = get(february, "/statements", limit=2)
    assert [row["code"] for row in get(february, "/statements", limit=2, after=page["next"])["items"]] == codes[2:]

    def charged(**asked: Any) -> list[str]:
        return [f"{row['statement']} {row['amount']['amount']}" for row in get(february, "/charges", **asked)["items"]]

    january = ["C1-2013-01 -20.00", "C2-2013-01 0.00"]
    assert sorted(charged()) == sorted([*january, "C1-2013-02 0.00"])
    assert charged(contract="C1") == ["C1-2013-01 -20.00", "C1-2013-02 0.00"]
    assert sorted(charged(until="2013-01-31")) == january
    assert charged(**{"from": "2013-02-01"}) == ["C1-2013-02 0.00"]
    assert charged(until="2013-01-30") == []
    first = get(february, "/charges", limit=1)
    assert len(get(february, "/charges", after=first["next"])["items"]) == 2


def test_what_is_known_later_leaves_the_closed_statement_alone(february: World) -> None:
    february.settle("C1", 1)
    before = february.client("auditor").get(f"{API}/statements/C1-2013-01").content
    february.confirm(february.file("N-2", on=date(2013, 1, 31)))
    february.on(date(2013, 3, 2))
    lines = prepare(february, period="2013-02").json()["lines"]
    corrections = [line for line in lines if line["kind"] == "correction"]
    assert [(line["from"], line["amount"]["amount"]) for line in corrections] == [("2013-01-01", "-10.00")]
    assert february.client("auditor").get(f"{API}/statements/C1-2013-01").content == before


def test_the_hash_covers_the_frozen_facts(february: World) -> None:
    row = prepare(february).json()
    assert len(bytes.fromhex(row["sha256"])) == len(sha256().digest())
    assert row["known_at"] == row["prepared_at"]


def test_a_statement_as_it_was_known(world: World) -> None:
    world.on(date(2013, 2, 2))
    code = world.prepare("C1", 1)
    between = world.clock().isoformat()
    world.approve(code)
    client = world.client("auditor")
    now = client.get(f"/api/v1/statements/{code}").json()
    then = client.get(f"/api/v1/statements/{code}", params={"known_at": between}).json()
    assert (now["state"], then["state"], then["decision"]) == ("approved", "prepared", None)
    listed = client.get("/api/v1/statements", params={"known_at": between, "state": "prepared"}).json()["items"]
    assert [row["code"] for row in listed] == [code]
    early = {"known_at": "2013-01-01T00:00:00+08:00"}
    assert client.get("/api/v1/statements", params=early).json()["items"] == []
    assert client.get(f"/api/v1/statements/{code}", params=early).status_code == 404
