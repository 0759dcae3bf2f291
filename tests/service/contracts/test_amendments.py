"""Amendments over HTTP: entered once, numbered, summed against the price as signed, seen by those who see the lines."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response
from sqlmodel import Session, select

from service.access.models import Authority
from service.core.actor import Actor
from service.core.ids import new_id
from tests.conftest import World

API = "/api/v1"
PRICE = 458336  # of C1: 1000.01 x 3.55 + 333.33 x 3.10


@pytest.fixture
def march(world: World) -> World:
    """The first of March, with a ceiling of 10 %."""
    world.on(date(2013, 3, 1))
    world.act("host", _ceiling)
    return world


def _ceiling(session: Session, actor: Actor) -> None:
    own = session.exec(select(Authority)).one()
    own.amendment_ceiling_percent = own.amendment_ceiling_percent or 10  # type: ignore[assignment]
    session.add(own)


def change(plot: str = "N-1", act: str = "change", first: str = "2013-07-01", **said: Any) -> dict[str, Any]:
    return {"act": act, "plot": plot, "from": first, **said}


def added(plot: str = "S-2", first: str = "2013-07-01", **said: Any) -> dict[str, Any]:
    terms = {"quantity": "100", "unit": "m2", "basis": "projected", "unit_price": "2", "grade": "1"}
    return change(plot, "add", first, **terms | said)


def put(
    world: World, *changes: dict[str, Any], number: UUID | None = None, who: str = "manager", **more: Any
) -> Response:
    body = {
        "signed_on": "2013-02-20",
        "reason": "核减面积",
        "document": "补充协议 1 号",
        "changes": list(changes),
    } | more
    return world.client(who).put(f"{API}/contracts/C1/amendments/{number or new_id()}", json=body)


def lines(world: World, day: str, **asked: str) -> dict[str, tuple[str, str]]:
    params = {"as_of": day, **asked}
    rows = world.client("manager").get(f"{API}/contracts/C1/lines", params=params).json()["items"]
    return {row["plot"]: (row["quantity"], row["unit_price"]) for row in rows}


def test_a_plot_comes_another_goes_a_third_costs_more(march: World) -> None:
    """100 x 2 x 6/12 = 100.00 added; 1000.01 x 0.45 x 6/12 = 225.00225 added; 333.33 x 3.10 x 3/12 = 258.33 away."""
    before = march.clock().isoformat()
    answer = put(march, added(), change(unit_price="4"), change("N-2", "remove", first="2013-10-01"))
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["number"], row["entered_by"], row["contract"]) == (1, "Manager", "C1")
    assert (row["added"]["amount"], row["reduced"]["amount"]) == ("325.00", "258.33")
    assert [(c["act"], c["plot"], c["from"], c["until"]) for c in row["changes"]] == [
        ("add", "S-2", "2013-07-01", "2013-12-31"),
        ("change", "N-1", "2013-07-01", "2013-12-31"),
        ("remove", "N-2", "2013-10-01", "2013-12-31"),
    ]
    assert row["changes"][1]["quantity"] is None
    assert lines(march, "2013-06-30") == {"N-1": ("1000.01", "3.55"), "N-2": ("333.33", "3.1")}
    assert lines(march, "2013-10-01") == {"N-1": ("1000.01", "4"), "S-2": ("100", "2")}
    assert lines(march, "2013-10-01", known_at=before) == {"N-1": ("1000.01", "3.55"), "N-2": ("333.33", "3.1")}


def test_the_same_again_is_the_same_and_other_content_is_refused(march: World) -> None:
    number = new_id()
    first = put(march, change(quantity="900"), number=number)
    again = put(march, change(quantity="900.00", until="2013-12-31"), number=number, who="manager-2")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == march.client("viewer").get(str(first.url)).json()
    for other in (
        put(march, change(quantity="901"), number=number),
        put(march, change(quantity="900"), number=number, reason="别的"),
        put(march, change(quantity="900"), change("N-2", quantity="1"), number=number),
    ):
        assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    body = {"signed_on": "2013-02-20", "reason": "核减面积", "document": "补充协议 1 号"}
    elsewhere = f"{API}/contracts/C2/amendments/{number}"
    taken = march.client("manager").put(elsewhere, json=body | {"changes": [change(quantity="900")]})
    assert (taken.status_code, taken.json()["code"]) == (409, "id_taken")
    assert len(march.client("viewer").get(f"{API}/contracts/C1/amendments").json()["items"]) == 1


def test_additions_are_summed_and_the_ceiling_is_flagged(march: World) -> None:
    """C1 costs 4583.36; a tenth of it is 458.336. What is taken out again between makes no room."""
    levels = []
    for price in ("300", "100", "58.33", "0.01"):
        row = put(march, added(first="2013-01-01", quantity="1", unit_price=price)).json()
        levels.append((row["added_so_far"]["amount"], row["ceiling"]["level"], row["ceiling"]["used_percent"]))
        assert put(march, change("S-2", "remove", first="2013-01-01")).status_code == 201
    assert levels == [
        ("300.00", "within", "65.45"),
        ("400.00", "near", "87.27"),
        ("458.33", "near", "99.99"),
        ("458.34", "exceeded", "100"),
    ]


@pytest.mark.parametrize(
    ("price", "level"), [("366.66", "within"), ("366.67", "near"), ("458.33", "near"), ("458.34", "exceeded")]
)
def test_levels_at_their_edges(march: World, price: str, level: str) -> None:
    row = put(march, added(first="2013-01-01", quantity="1", unit_price=price)).json()
    assert row["ceiling"]["limit"]["amount"] == "458.33"
    assert row["ceiling"]["level"] == level
    whole = march.client("viewer").get(f"{API}/contracts/C1").json()
    assert (whole["price"]["amount_minor"], whole["added"]["amount"]) == (PRICE, price)
    assert whole["ceiling"]["level"] == level


def test_what_is_taken_away_makes_no_room(march: World) -> None:
    assert put(march, change("N-2", "remove", first="2013-01-01")).json()["ceiling"]["used_percent"] == "0"
    row = put(march, added(first="2013-01-01", quantity="1", unit_price="400")).json()
    assert (row["ceiling"]["level"], row["number"]) == ("near", 2)


def test_without_a_ceiling_nothing_is_flagged(world: World) -> None:
    world.on(date(2013, 3, 1))
    assert put(world, added(quantity="99999")).json()["ceiling"] is None
    assert world.client("viewer").get(f"{API}/contracts/C1").json()["ceiling"] is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([added("N-1")], "of_the_contract"),
        ([added("S-1")], "covered_twice"),
        ([added("X-1")], "unknown_code"),
        ([added(grade="9")], "unknown_code"),
        ([added(quantity=None)], "missing_terms"),
        ([change("S-1", quantity="5")], "not_of_the_contract"),
        ([change("X-1", quantity="5")], "unknown_code"),
        ([change("N-1")], "nothing_changed"),
        ([change("N-1", quantity="5"), change("N-1", "remove")], "twice_changed"),
        ([change("N-1", quantity="5", until="2014-01-01")], "line_outside_contract"),
        ([change("N-1", quantity="5", first="2012-12-31")], "line_outside_contract"),
        ([change("N-1", quantity="5", until="2013-06-30")], "until_before_from"),
        ([change("N-1", quantity="0")], "invalid_request"),
        ([change("N-1", quantity=5.5)], "invalid_request"),
        ([change("N-1", unit_price="1.1234567")], "invalid_request"),
        ([], "invalid_request"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_written(
    march: World, changes: list[dict[str, Any]], code: str
) -> None:
    march.client("manager")  # whose token is an event, too
    head = march.client("viewer").get(f"{API}/audit-head").json()
    answer = put(march, *changes)
    assert (answer.status_code, answer.json()["code"]) == (409 if code == "covered_twice" else 422, code)
    assert march.client("viewer").get(f"{API}/audit-head").json() == head
    assert march.client("viewer").get(f"{API}/contracts/C1/amendments").json()["items"] == []


def test_it_is_dated_today_at_the_latest(march: World) -> None:
    answer = put(march, change(quantity="5"), signed_on="2013-03-02")
    assert (answer.status_code, answer.json()["code"]) == (422, "signed_later")


def test_a_price_beyond_what_can_be_settled_is_refused_and_nothing_is_written(march: World) -> None:
    """Each figure may be written so; the price of all days would not fit where money is kept."""
    most = {"quantity": "999999999999.99", "unit_price": "99999999.999999"}
    for said in (change(**most), added(**most)):
        answer = put(march, said)
        assert (answer.status_code, answer.json()["code"]) == (422, "too_much")
    assert march.client("manager").get(f"{API}/contracts/C1/amendments").json()["items"] == []


def test_a_refusal_is_said_in_chinese_too(march: World) -> None:
    answer = put(march, change("S-1", quantity="5"))
    english = answer.json()["detail"]
    client = march.client("manager")
    sent = client.put(
        str(answer.url),
        content=answer.request.content,
        headers={"Accept-Language": "zh", "Content-Type": "application/json"},
    )
    assert "S-1" in sent.json()["detail"] != english


def test_whoever_sees_a_zone_sees_its_changes_alone(march: World) -> None:
    put(march, added(), change(unit_price="4"))
    for who, plots in (("inspector", ["N-1"]), ("inspector-s", ["S-2"]), ("green-1", ["S-2", "N-1"])):
        [row] = march.client(who).get(f"{API}/contracts/C1/amendments").json()["items"]
        assert ([c["plot"] for c in row["changes"]], row["added"]["amount"]) == (plots, "325.00")
    assert march.client("river-1").get(f"{API}/contracts/C1/amendments").status_code == 404


def test_a_line_tells_its_versions_and_which_amendment_made_them(march: World) -> None:
    number = put(march, change(quantity="900")).json()["id"]
    before = march.clock().isoformat()
    put(march, change("N-1", "remove", first="2013-12-01"))
    path = f"{API}/contracts/C1/lines/1/versions"
    rows = march.client("viewer").get(path).json()["items"]
    assert [(row["from"], row["quantity"]) for row in rows] == [
        ("2013-01-01", "1000.01"),
        ("2013-07-01", "900"),
        ("2013-12-01", "0"),
    ]
    assert [row["amendment"] for row in rows][:2] == [None, number]
    assert len(march.client("viewer").get(path, params={"known_at": before}).json()["items"]) == 2
    assert march.client("viewer").get(f"{API}/contracts/C1/lines/9/versions").status_code == 404


def test_amendments_are_paged_and_known_at_an_instant(march: World) -> None:
    put(march, change(quantity="900"))
    put(march, change(quantity="800"))
    between = march.clock().isoformat()
    put(march, change(quantity="700"))
    client = march.client("viewer")
    first = client.get(f"{API}/contracts/C1/amendments", params={"limit": 2}).json()
    second = client.get(f"{API}/contracts/C1/amendments", params={"limit": 2, "after": first["next"]}).json()
    assert [row["number"] for row in (*first["items"], *second["items"])] == [1, 2, 3]
    then = client.get(f"{API}/contracts/C1/amendments", params={"known_at": between}).json()
    assert [row["number"] for row in then["items"]] == [1, 2]
