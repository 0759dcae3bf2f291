"""Vector tiles over HTTP: whose plots they show, on which day, and when a browser may keep them."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from gis.mvt import MEDIA_TYPE
from service.access.queries import organisation_by_code
from service.core.actor import Actor
from service.plots.actions import enter_plots
from service.plots.queries import zone_by_code
from tests.conftest import World
from tests.gis.mvt_reader import read_tile
from tests.gis.test_tiles import tile_at
from tests.park import square

API = "/api/v1/plots/tiles"
PARK = (118.8005, 31.9005)


@pytest.fixture(autouse=True)
def spring(world: World) -> None:
    world.on(date(2013, 3, 1))


def ask(world: World, who: str = "manager", z: int = 9, headers: dict[str, str] | None = None, **asked: str) -> Any:
    tile = tile_at(PARK, z)
    return world.client(who).get(f"{API}/{z}/{tile.x}/{tile.y}", params=asked, headers=headers or {})


def plots(world: World, who: str = "manager", z: int = 9, **asked: str) -> dict[str, dict[str, str]]:
    answer = ask(world, who, z, None, **asked)
    layers = read_tile(answer.content) if answer.status_code == 200 else {}
    return {read.properties["code"]: read.properties for read in layers.get("plots", [])}


def _revise(session: Session, actor: Actor) -> None:
    """N-1 is graded down from 5 March on."""
    facts = square("N-1", 118.8, 31.9, zone_by_code(session, "N1").id)
    changed = facts.__class__(**vars(facts) | {"grade": "2"})
    enter_plots(session, actor, [changed], valid_from=date(2013, 3, 5), source=organisation_by_code(session, "park"))


def test_a_tile_shows_the_plots_with_who_cares_for_them(world: World) -> None:
    answer = ask(world)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    assert plots(world)["N-1"] == {"code": "N-1", "kind": "lawn", "grade": "1", "contractor": "green"}
    assert set(plots(world)) == {"N-1", "N-2", "S-1", "S-2"}


def test_near_by_it_also_names_them(world: World) -> None:
    named = plots(world, z=13)["N-1"]
    assert (named["name_zh"], named["name_en"]) == ("N-1 号地", "Plot N-1")


@pytest.mark.parametrize("z", [0, 9, 13])
def test_nobody_sees_more_in_tiles_than_in_lists(world: World, z: int) -> None:
    for who in ("viewer", "inspector", "supervisor", "green-1", "river-1", "manager", "auditor", "admin"):
        listed = {row["code"]: row for row in world.client(who).get("/api/v1/plots").json()["items"]}
        shown = plots(world, who, z)
        assert set(shown) <= set(listed), who
        assert shown or (who, z) == ("river-1", 13)
        for code, facts in shown.items():
            assert facts.get("grade") == listed[code]["grade"]
    assert {facts["contractor"] for facts in plots(world, "green-1").values()} == {"green"}


def test_the_day_the_instant_and_the_zone_decide(world: World) -> None:
    before = world.instant
    world.act("manager", _revise)
    assert plots(world, as_of="2013-03-04")["N-1"]["grade"] == "1"
    assert plots(world, as_of="2013-03-05")["N-1"]["grade"] == "2"
    assert plots(world, as_of="2013-03-05", known_at=before.isoformat())["N-1"]["grade"] == "1"
    assert "contractor" not in plots(world, as_of="2012-12-31")["N-1"]
    assert plots(world, as_of="1999-12-31") == {}
    assert set(plots(world, zone="N")) == {"N-1", "N-2"}


def test_an_empty_tile_has_no_content(world: World) -> None:
    answer = world.client("manager").get(f"{API}/9/0/0")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("path", ["19/0/0", "-1/0/0", "3/8/0", "3/0/8", "3/-1/0", "3/0/x", "0/1/0"])
def test_a_tile_beyond_the_world_is_refused(world: World, path: str) -> None:
    answer = world.client("manager").get(f"{API}/{path}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_browser_keeps_a_tile_until_something_is_written(world: World) -> None:
    first = ask(world)
    assert first.headers["cache-control"] == "private, no-cache"
    kept = {"If-None-Match": first.headers["etag"]}
    assert ask(world, headers=kept).status_code == 304
    assert ask(world, headers=kept, as_of="2013-01-02").status_code == 200
    assert ask(world, "green-1", headers=kept).status_code == 200  # of another reader
    assert ask(world, "auditor", headers=kept).status_code == 200
    world.act("manager", _revise)
    assert ask(world, headers=kept).status_code == 200
