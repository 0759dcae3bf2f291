"""Findings and their photos over HTTP."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import Response

from service.core.ids import new_id
from service.evidence.store import Store
from service.findings.rules import Act
from service.jobs.worker import work_off
from tests.conftest import World
from tests.service.full_world import jpeg

API = "/api/v1"
NEW = {
    "plot": "N-1",
    "type": "litter",
    "severity": "minor",
    "quantity": "2.50",
    "text": "见照片",
    "found_on": "2013-02-20",
}


@pytest.fixture
def march(world: World) -> World:
    world.on(date(2013, 3, 2))
    return world


def put(world: World, who: str, finding_id: object, **change: Any) -> Response:
    return world.client(who).put(f"{API}/findings/{finding_id}", json=NEW | change)


def step(world: World, who: str, finding_id: object, act: str, seen: int | None, note: str = "") -> Response:
    headers = {} if seen is None else {"If-Match": f'"{seen}"'}
    path = f"{API}/findings/{finding_id}/steps"
    return world.client(who).post(path, json={"act": act, "note": note}, headers=headers)


def photo(world: World, who: str, finding_id: object, content: bytes, digest: str = "") -> Response:
    path = f"{API}/findings/{finding_id}/photos/{digest or sha256(content).hexdigest()}"
    return world.client(who).put(path, content=content, headers={"Content-Type": "image/jpeg"})


def listed(world: World, who: str = "manager", **asked: Any) -> list[str]:
    return [row["id"] for row in world.client(who).get(f"{API}/findings", params=asked).json()["items"]]


def test_put_is_idempotent(march: World) -> None:
    finding = new_id()
    first, again = put(march, "inspector", finding), put(march, "inspector", finding, quantity="2.5")
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.text, first.headers["etag"]) == (again.text, again.headers["etag"])
    row = first.json()
    assert (row["code"], row["plot"], row["contract"], row["state"]) == ("F-2013-0001", "N-1", "C1", "filed")
    assert (row["quantity"], row["unit"], row["point"], row["due_on"]) == ("2.5", "place", None, None)
    assert (row["steps"][0]["by"], row["acts"]) == ("Inspector", ["withdraw"])


@pytest.mark.parametrize("change", [{"quantity": "3"}, {"plot": "N-2"}, {"text": ""}, {"found_on": "2013-02-21"}])
def test_an_id_has_one_content(march: World, change: dict[str, str]) -> None:
    finding = new_id()
    put(march, "inspector", finding)
    answer = put(march, "inspector", finding, **change)
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (409, "id_taken", {})


def test_an_id_out_of_sight_is_taken_like_any_other(march: World) -> None:
    finding = new_id()
    put(march, "inspector", finding)
    hidden = put(march, "inspector-s", finding, plot="S-1")
    seen = put(march, "inspector", finding, quantity="9")
    assert (hidden.status_code, hidden.text) == (409, seen.text)


def test_only_ids_that_tell_the_time_are_taken(march: World) -> None:
    assert put(march, "inspector", uuid4()).status_code == 422
    assert put(march, "inspector", "1").status_code == 422


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"plot": "S-1"}, 404, "not_found"),
        ({"plot": "none"}, 404, "not_found"),
        ({"type": "none"}, 422, "unknown_code"),
        ({"found_on": "2013-03-03"}, 422, "found_later"),
        ({"point": {"longitude": 118.9, "latitude": 31.9}}, 422, "outside_plot"),
        ({"point": {"longitude": 118.8005}}, 422, "invalid_request"),
        ({"state": "verified"}, 422, "invalid_request"),
        ({"filed_by": str(UUID(int=0))}, 422, "invalid_request"),
        ({"contract": "C2"}, 422, "invalid_request"),
    ],
)
def test_what_cannot_be_filed(march: World, change: dict[str, Any], status: int, code: str) -> None:
    answer = put(march, "inspector", new_id(), **change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert listed(march) == []


def test_a_life(march: World) -> None:
    finding = new_id()
    put(march, "inspector", finding)
    assert march.client("green-1").get(f"{API}/findings/{finding}").status_code == 404, "not yet its business"
    assert step(march, "inspector", finding, "confirm", 1).json()["code"] == "not_your_act"
    confirmed = step(march, "supervisor", finding, "confirm", 1, "属实")
    assert (confirmed.status_code, confirmed.headers["etag"], confirmed.json()["due_on"]) == (201, '"2"', "2013-03-05")
    assert confirmed.json()["steps"][1]["note"] == "属实"
    assert march.client("green-1").get(f"{API}/findings/{finding}").json()["acts"] == ["report_cured"]
    assert step(march, "green-1", finding, "report_cured", 2).status_code == 201
    assert step(march, "inspector", finding, "send_back", 3).status_code == 201
    assert step(march, "green-1", finding, "report_cured", 4).status_code == 201
    assert step(march, "supervisor", finding, "verify", 5).json()["state"] == "verified"
    assert step(march, "manager", finding, "withdraw", 6).json()["code"] == "wrong_state"
    steps = march.client("auditor").get(f"{API}/findings/{finding}").json()["steps"]
    assert [row["number"] for row in steps] == [1, 2, 3, 4, 5, 6]


def test_a_step_names_what_its_author_has_seen(march: World) -> None:
    finding = march.file("N-1")
    assert [step(march, "supervisor", finding, "confirm", seen).status_code for seen in (None, 2, 1, 1)] == [
        428,
        412,
        201,
        412,
    ]
    for tag in ('W/"2"', "*", '"02"', '"2", "3"'):
        path = f"{API}/findings/{finding}/steps"
        answer = march.client("manager").post(path, json={"act": "withdraw"}, headers={"If-Match": tag})
        assert answer.status_code == 412


def test_nobody_confirms_what_they_filed(march: World) -> None:
    finding = march.file("N-1", by="supervisor")
    assert step(march, "supervisor", finding, "confirm", 1).json()["code"] == "own_finding"


def test_findings_are_filtered(march: World) -> None:
    old = march.file("N-1", on=date(2013, 1, 5))
    south = march.file("S-1", by="inspector-s", on=date(2013, 2, 1), type_="weeds")
    new = march.file("N-2")
    march.confirm(old)
    ids = [str(new), str(south), str(old)]
    assert listed(march) == ids
    assert listed(march, state="confirmed") == [ids[2]]
    assert listed(march, state=["confirmed", "filed"]) == ids
    assert listed(march, plot="N-2") == [ids[0]]
    assert listed(march, contract="C1") == listed(march, "inspector") == [ids[0], ids[2]]
    assert listed(march, type="weeds") == [ids[1]]
    assert listed(march, **{"from": "2013-01-05", "until": "2013-02-01"}) == ids[1:]
    assert listed(march, overdue="true") == []
    march.on(date(2013, 3, 6))
    assert listed(march, overdue="true") == [ids[2]]
    assert march.client("manager").get(f"{API}/findings/{old}").json()["overdue_days"] == 1


def test_findings_as_was_known(march: World) -> None:
    finding = march.file("N-1")
    filed = march.instant.isoformat()
    march.confirm(finding)
    ask = march.client("manager").get
    states = [ask(f"{API}/findings", params=asked).json()["items"][0]["state"] for asked in ({}, {"known_at": filed})]
    assert states == ["confirmed", "filed"]
    assert listed(march, known_at="2013-01-01T00:00:00+08:00") == []


def test_findings_are_paged_by_key(march: World) -> None:
    ids = [str(march.file("N-1")) for _ in range(5)][::-1]
    page = march.client("manager").get(f"{API}/findings", params={"limit": 2}).json()
    march.file("N-1")
    assert [row["id"] for row in page["items"]] == ids[:2]
    assert listed(march, after=page["next"], limit=100) == ids[2:], "what came in between moves nothing"


def test_findings_as_geojson_stand_at_their_points(march: World) -> None:
    put(march, "inspector", new_id(), point={"longitude": 118.8005, "latitude": 31.9005})
    put(march, "inspector", new_id())
    answer = march.client("viewer").get(f"{API}/findings", headers={"Accept": "application/geo+json"})
    nowhere, there = answer.json()["features"]
    assert there["geometry"] == {"type": "Point", "coordinates": [118.8005, 31.9005]}
    assert (nowhere["geometry"], there["id"], there["properties"]["state"]) == (None, "F-2013-0001", "filed")


def test_a_photo_hangs_once(march: World) -> None:
    finding, content = march.file("N-1"), jpeg(7)
    first, again = (photo(march, "inspector", finding, content) for _ in range(2))
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert Store(march.folder / "files").get(first.json()["sha256"]) == content
    other = march.file("S-1", by="inspector-s")
    elsewhere = photo(march, "inspector-s", other, content)
    assert elsewhere.status_code == 201, "the same bytes on a finding that the first sender does not see"
    assert elsewhere.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    ("content", "digest", "code"),
    [
        (jpeg(7), "0" * 64, "other_hash"),
        (b"<svg/>", "", "not_a_photo"),
        (b"", "", "not_a_photo"),
        (b"\xff\xd8\xff" + b"0" * 15_000_000, "", "not_a_photo"),
        (jpeg(7), "A" * 64, "invalid_request"),
    ],
    ids=lambda value: repr(value)[:12],
)
def test_other_bytes_are_refused_and_not_kept(march: World, content: bytes, digest: str, code: str) -> None:
    finding = march.file("N-1")
    answer = photo(march, "inspector", finding, content, digest)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not list((march.folder / "files").rglob("*")) if (march.folder / "files").exists() else True


def test_nobodys_bytes_are_kept_before_it_is_known_who_sends_them(march: World) -> None:
    finding = march.file("N-1")
    for who, status in (("viewer", 403), ("auditor", 403), ("inspector-s", 404), ("green-1", 404), ("", 401)):
        assert photo(march, who, finding, jpeg(7)).status_code == status
    assert not [path for path in (march.folder / "files").rglob("*") if path.is_file()]


def test_bytes_for_what_is_over_are_not_kept_but_a_retry_is_answered(march: World) -> None:
    finding, content = march.file("N-1"), jpeg(7)
    assert photo(march, "inspector", finding, content).status_code == 201
    assert step(march, "inspector", finding, "withdraw", 1, "重复").status_code == 201
    kept = [path for path in (march.folder / "files").rglob("*") if path.is_file()]
    assert photo(march, "inspector", finding, jpeg(8)).json()["code"] == "wrong_state"
    assert photo(march, "inspector", finding, content).status_code == 200
    assert [path for path in (march.folder / "files").rglob("*") if path.is_file()] == kept


def test_a_photo_is_shown_as_a_picture_made_anew(march: World) -> None:
    finding = march.file("N-1")
    sent = jpeg(7) + b"<script>secret</script>"
    kept = photo(march, "inspector", finding, sent).json()
    ask = march.client("viewer").get
    assert (ask(kept["href"]).status_code, ask(kept["href"]).json()["code"]) == (409, "rendition_not_ready")
    work_off(march.database, Store(march.folder / "files"))
    answer = ask(kept["href"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert b"secret" not in answer.content
    row = march.client("viewer").get(f"{API}/findings/{finding}").json()["photos"][0]
    assert (row["state"], row["width"], row["href"]) == ("ready", 8, kept["href"])


def test_each_view_of_an_original_is_noted(march: World) -> None:
    finding, content = march.file("N-1"), jpeg(7)
    path = photo(march, "inspector", finding, content).json()["href"] + "/original-views"
    for who, status in (("inspector", 403), ("viewer", 403), ("green-1", 403), ("auditor", 200), ("manager", 200)):
        answer = march.client(who).post(path)
        assert answer.status_code == status
        assert (answer.content == content) is (status == 200)
    events = march.client("auditor").get(f"{API}/audit-events", params={"limit": 1000}).json()["items"]
    assert [e["actor"] for e in events if e["verb"] == "photo.view_original"] == ["auditor", "manager"]
    assert march.client("auditor").get(path).status_code == 405, "a look that leaves a trace is no GET"


def test_the_contractor_shows_the_cure(march: World) -> None:
    finding = march.file("N-1")
    march.confirm(finding)
    march.take(finding, Act.REPORT_CURED, "green-1")
    assert photo(march, "green-1", finding, jpeg(8)).status_code == 201
    assert photo(march, "river-1", finding, jpeg(8)).status_code == 404
