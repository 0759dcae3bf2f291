"""Zones and postings over HTTP."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.access.actions import close_account
from service.access.queries import user_by_code
from service.core.ids import new_id
from tests.conftest import World

API = "/api/v1"
PART = {"parent": "N", "name": {"zh": "新片区", "en": "New part"}}


def put(world: World, path: str, body: dict[str, Any], who: str) -> Any:
    return world.client(who).put(API + path, json=body)


def post(world: World, user: str, zone: str, posting: UUID | None = None) -> Any:
    return put(world, f"/postings/{posting or new_id()}", {"user": user, "zone": zone}, "admin")


def listed(world: World, who: str = "admin", **asked: str) -> list[tuple[str, str]]:
    rows = world.client(who).get(f"{API}/postings", params=asked).json()["items"]
    return [(row["user"], row["zone"]) for row in rows]


def plots(world: World, who: str) -> list[str]:
    return [row["code"] for row in world.client(who).get(f"{API}/plots").json()["items"]]


def test_a_zone_is_entered_once(world: World) -> None:
    first = put(world, "/zones/N2", PART, "manager")
    assert (first.status_code, first.json()["path"], first.json()["parent"]) == (201, "/N/N2/", "N")
    again = put(world, "/zones/N2", PART, "manager-2")
    assert (again.status_code, again.json()) == (200, first.json())
    for other in ({**PART, "parent": None}, {**PART, "parent": "S"}, {**PART, "name": {"zh": "另", "en": "Other"}}):
        answer = put(world, "/zones/N2", other, "manager")
        assert (answer.status_code, answer.json()["code"]) == (409, "code_taken")
    top = put(world, "/zones/T", {"name": {"zh": "顶", "en": "Top"}}, "manager")
    assert (top.status_code, top.json()["parent"], top.json()["path"]) == (201, None, "/T/")


@pytest.mark.parametrize(
    ("code", "body", "problem"),
    [
        ("N3", {**PART, "parent": "nowhere"}, "unknown_code"),
        ("N3", {**PART, "parent": "N3"}, "unknown_code"),
        ("N%253", PART, "invalid_request"),
        ("N_3", PART, "invalid_request"),
        ("N3", {"parent": "N", "name": {"zh": "", "en": "x"}}, "invalid_request"),
    ],
)
def test_a_zone_that_cannot_be(world: World, code: str, body: dict[str, Any], problem: str) -> None:
    answer = put(world, f"/zones/{code}", body, "manager")
    assert (answer.status_code, answer.json()["code"]) == (422, problem)


def test_a_posting_opens_a_zone_and_its_end_closes_it(world: World) -> None:
    assert plots(world, "inspector") == ["N-1", "N-2"]
    posting = new_id()
    first = post(world, "inspector", "S", posting)
    assert (first.status_code, first.json()["ended_at"]) == (201, None)
    assert plots(world, "inspector") == ["N-1", "N-2", "S-1", "S-2"]
    assert post(world, "inspector", "S", posting).status_code == 200
    ended = world.client("admin").post(f"{API}/postings/{posting}/end")
    assert (ended.status_code, ended.json()["ended_at"] is None) == (200, False)
    assert plots(world, "inspector") == ["N-1", "N-2"]
    again = world.client("admin").post(f"{API}/postings/{posting}/end")
    assert again.json() == ended.json()
    assert post(world, "inspector", "S", posting).json() == ended.json(), "sent again, it stays ended"
    assert post(world, "inspector", "S").status_code == 201, "and may be posted anew"


def test_what_cannot_be_posted(world: World) -> None:
    posting = new_id()
    assert post(world, "inspector", "N1", posting).status_code == 201
    with world.session("host", write=True) as session:
        close_account(session, world.actors["host"], user_by_code(session, "inspector-s"))
    tried = {
        "id_taken": post(world, "inspector", "S", posting),
        "posted_already": post(world, "inspector", "N"),
        "not_posted": post(world, "green-1", "N"),
        "account_closed": post(world, "inspector-s", "N"),
    }
    assert {code: (one.status_code, one.json()["code"]) for code, one in tried.items()} == {
        code: (409, code) for code in tried
    }
    assert post(world, "nobody", "N").json()["code"] == "unknown_code"
    assert post(world, "inspector", "nowhere").json()["code"] == "unknown_code"
    refused = put(world, f"/postings/{new_id()}", {"user": "viewer", "zone": "N"}, "admin")
    assert "viewer" in refused.json()["detail"]


def test_postings_as_known_at_an_instant(world: World) -> None:
    before = listed(world)
    assert ("supervisor", "S") in before
    posting = new_id()
    posted = post(world, "inspector", "S", posting).json()
    world.on(date(2013, 6, 1))
    world.client("admin").post(f"{API}/postings/{posting}/end")
    assert listed(world) == before
    assert listed(world, user="inspector", known_at=posted["posted_at"]) == [("inspector", "N"), ("inspector", "S")]
    assert listed(world, zone="N") == [row for row in before if row[1] == "N"]
    assert listed(world, "inspector") == [("inspector", "N")], "one's own"
    assert listed(world, "viewer") == []
    assert world.client("admin").get(f"{API}/postings", params={"user": "nobody"}).status_code == 404
    assert world.client("inspector").get(f"{API}/postings", params={"user": "supervisor"}).status_code == 404
