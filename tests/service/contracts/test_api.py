"""Contracts over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from service.core.actor import Actor
from service.core.dates import half_open
from tests.conftest import World
from tests.park import amend, changed

API = "/api/v1"


def get(world: World, path: str, who: str = "manager", **asked: Any) -> Any:
    answer = world.client(who).get(API + path, params=asked)
    return answer.json() if answer.status_code == 200 else answer.status_code


def lines(world: World, **asked: Any) -> list[tuple[str, str, str]]:
    rows = get(world, "/contracts/C1", **asked)["lines"]
    return [(row["plot"], row["quantity"], row["a_year"]["amount"]) for row in rows]


def _change(session: Session, actor: Actor, quantity: str) -> None:
    amend(session, actor, "C1", changed("N-1", half_open(date(2013, 7, 1), date(2013, 12, 31)), quantity, "4"))


def test_a_contract_as_it_was_signed(world: World) -> None:
    world.on(date(2013, 3, 1))
    row = get(world, "/contracts/C1")
    assert (row["code"], row["contractor"], row["from"], row["until"]) == ("C1", "green", "2013-01-01", "2013-12-31")
    assert (row["currency"], row["day_count"], row["vat_percent"]) == ("CNY", "twelfths", "6")
    assert row["scheme"] == {"code": "park", "version": 1}
    assert row["as_of"] == "2013-03-01"
    first = row["lines"][0]
    assert (first["number"], first["unit"], first["unit_price"]) == (1, "m2", "3.55")
    assert first["a_year"] == {"amount": "3550.04", "amount_minor": 355004, "currency": "CNY"}


def test_lines_are_those_of_a_day(world: World) -> None:
    world.on(date(2013, 3, 1))
    before = world.instant.isoformat()
    world.act("manager", _change, "500.00")
    second = ("N-2", "333.33", "1033.32")
    assert lines(world, as_of="2013-06-30") == [("N-1", "1000.01", "3550.04"), second]
    assert lines(world, as_of="2013-07-01") == [("N-1", "500", "2000.00"), second]
    assert lines(world, as_of="2013-07-01", known_at=before) == [("N-1", "1000.01", "3550.04"), second]
    world.act("manager", _change, "0")
    assert lines(world, as_of="2013-07-01") == [second]


def test_without_a_day_the_nearest_of_the_contract_counts(world: World) -> None:
    assert get(world, "/contracts/C1")["as_of"] == "2013-01-01"
    world.on(date(2015, 1, 1))
    row = get(world, "/contracts/C1", "viewer")
    assert (row["as_of"], len(row["lines"])) == ("2013-12-31", 2)


def test_lines_of_other_zones_are_left_out(world: World) -> None:
    world.on(date(2013, 3, 1))
    assert len(get(world, "/contracts/C1", "inspector")["lines"]) == 2
    assert get(world, "/contracts/C1", "inspector-s")["lines"] == []


def test_contractors_see_their_own(world: World) -> None:
    assert [row["code"] for row in get(world, "/contracts", "green-1")["items"]] == ["C1"]
    assert get(world, "/contracts/C2", "green-1") == get(world, "/contracts/none", "green-1") == 404


def test_contracts_are_paged(world: World) -> None:
    first = get(world, "/contracts", limit=1)
    rest = get(world, "/contracts", limit=1, after=first["next"])
    assert [row["code"] for row in first["items"] + rest["items"]] == ["C1", "C2"]
    assert rest["next"] is None


def test_contracted_quantities_are_decimal_text(world: World) -> None:
    world.on(date(2013, 3, 1))
    assert Decimal(get(world, "/contracts/C2")["lines"][0]["quantity"]) == 2000
