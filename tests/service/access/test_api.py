"""Whose database this is, who takes part, and who is asking, over HTTP."""

from datetime import date
from typing import Any

import pytest

from tests.conftest import World

API = "/api/v1"


def get(world: World, path: str, who: str) -> Any:
    return world.client(who).get(API + path).json()


def test_the_authority_tells_its_day(world: World) -> None:
    world.on(date(2013, 9, 3))
    row = get(world, "/authority", "viewer")
    assert (row["code"], row["time_zone"], row["currency"]) == ("park", "Asia/Shanghai", "CNY")
    assert (row["extent"], row["today"], row["demo"]) == ([118.7, 31.8, 119.0, 32.0], "2013-09-03", False)


@pytest.mark.parametrize(
    ("who", "codes"),
    [
        ("viewer", ["eye", "green", "park", "river"]),
        ("green-1", ["eye", "green", "park"]),
        ("river-1", ["eye", "park", "river"]),
    ],
)
def test_contractors_do_not_learn_of_each_other(world: World, who: str, codes: list[str]) -> None:
    assert [row["code"] for row in get(world, "/organisations", who)["items"]] == codes


@pytest.mark.parametrize(
    ("who", "role", "organisation"), [("manager", "manager", "park"), ("green-1", "contractor", "green")]
)
def test_one_is_told_who_one_is(world: World, who: str, role: str, organisation: str) -> None:
    row = get(world, "/me", who)
    assert (row["code"], row["role"], row["organisation"]["code"], row["language"]) == (who, role, organisation, "en")
