"""The register over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import shapely
from sqlmodel import Session

from service.access.queries import organisation_by_code
from service.core.actor import Actor
from service.plots import queries
from service.plots.actions import enter_plots
from service.plots.queries import zone_by_code
from tests.conftest import World
from tests.park import square

API = "/api/v1"


def get(world: World, path: str, who: str = "manager", **asked: Any) -> Any:
    answer = world.client(who).get(API + path, params=asked)
    return answer.json() if answer.status_code == 200 else answer.status_code


def codes(world: World, who: str = "manager", **asked: Any) -> list[str]:
    return [row["code"] for row in get(world, "/plots", who, **asked)["items"]]


def _revise(session: Session, actor: Actor) -> None:
    """N-1 is graded down from 5 March on."""
    facts = square("N-1", 118.8, 31.9, zone_by_code(session, "N1").id)
    changed = facts.__class__(**vars(facts) | {"grade": "2", "declared_area_m2": Decimal("9000.00")})
    source = organisation_by_code(session, "park")
    enter_plots(session, actor, [changed], valid_from=date(2013, 3, 5), source=source)


def test_a_plot_says_what_is_true_of_it(world: World) -> None:
    row = get(world, "/plots/N-1")
    assert (row["code"], row["zone"], row["grade"], row["declared_area_m2"]) == ("N-1", "N1", "1", "10000.00")
    assert (row["from"], row["until"], row["name"]["zh"]) == ("2000-01-01", None, "N-1 号地")


def test_the_day_and_the_instant_asked_about_decide(world: World) -> None:
    world.on(date(2013, 3, 1))
    before = world.instant
    world.act("manager", _revise)
    grades = [get(world, "/plots/N-1", as_of=day)["grade"] for day in ("2013-03-04", "2013-03-05")]
    assert grades == ["1", "2"]
    assert get(world, "/plots/N-1", as_of="2013-03-05", known_at=before.isoformat())["grade"] == "1"
    assert get(world, "/plots/N-1", as_of="1999-12-31") == 404
    versions = get(world, "/plots/N-1/versions")["items"]
    assert [(v["from"], v["grade"], v["declared_area_m2"]) for v in versions] == [
        ("2000-01-01", "1", "10000.00"),
        ("2013-03-05", "2", "9000.00"),
    ]


def test_a_fix_finds_its_plot_on_a_day_and_in_sight(world: World) -> None:
    inside, between = "118.8005,31.9004", "118.80153,31.9004"
    assert codes(world, at=inside) == ["N-1"]
    assert codes(world, at="118.800,31.900") == ["N-1"], "the edge is of the plot"
    assert codes(world, at=between, accuracy_m=44) == []
    assert codes(world, at=between, accuracy_m=45) == ["N-1", "N-2"]
    assert codes(world, at=inside, as_of="1999-12-31") == []
    assert codes(world, "inspector-s", at=inside) == []
    page = get(world, "/plots", at=between, accuracy_m=45, limit=1)
    assert [row["code"] for row in page["items"]] == ["N-1"]
    assert codes(world, at=between, accuracy_m=45, limit=1, after=page["next"]) == ["N-2"]


@pytest.mark.parametrize("at", ["118.8", "118.8,31.9,1", "nan,31.9", "31.9,118.8", "181,0", "a,b"])
def test_what_is_no_fix_is_refused(world: World, at: str) -> None:
    assert get(world, "/plots", at=at) == 422


def test_a_fix_and_a_box_do_not_go_together(world: World) -> None:
    assert get(world, "/plots", at="118.8,31.9", bbox="118,31,119,32") == 422


def test_the_etag_changes_with_what_its_reader_sees(world: World) -> None:
    world.on(date(2013, 3, 1))
    path = f"{API}/plots/N-1"
    first = world.client("green-1").get(path).headers["etag"]
    world.act("manager", _revise)
    assert world.client("green-1").get(path).headers["etag"] == first, "what holds only later is not told"
    world.on(date(2013, 3, 5))
    assert world.client("green-1").get(path).headers["etag"] != first


def test_plots_of_a_zone_and_of_a_box(world: World) -> None:
    assert codes(world, zone="N") == codes(world, zone="N1") == ["N-1", "N-2"]
    assert codes(world, zone="%") == codes(world, zone="none") == []
    assert codes(world, bbox="118.79,31.89,118.8015,31.895") == ["S-1"]
    assert codes(world, bbox="118.79,31.88,118.82,31.92") == ["N-1", "N-2", "S-1", "S-2"]
    assert codes(world, "inspector-s", bbox="118.79,31.88,118.82,31.92") == ["S-1", "S-2"]


@pytest.mark.parametrize(
    "bbox", ["1,2,3", "a,b,c,d", "nan,0,1,1", "inf,0,1,1", "3,0,1,1", "0,3,1,1", "0,0,181,1", "0,-91,1,1"]
)
def test_a_box_is_four_numbers(world: World, bbox: str) -> None:
    answer = world.client("manager").get(f"{API}/plots", params={"bbox": bbox})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_box")


def test_lists_are_paged_by_key(world: World) -> None:
    first = get(world, "/plots", limit=3)
    rest = get(world, "/plots", limit=3, after=first["next"])
    assert [row["code"] for row in first["items"] + rest["items"]] == ["N-1", "N-2", "S-1", "S-2"]
    assert rest["next"] is None
    assert get(world, "/plots", limit=4)["next"] is None
    for limit in (0, 1001, -1, 10**9):
        assert get(world, "/plots", limit=limit) == 422
    answer = world.client("manager").get(f"{API}/plots", params={"after": "not ours!"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("asked", [{"format": "geojson"}, {}])
def test_plots_as_geojson(world: World, asked: dict[str, str]) -> None:
    headers = {} if asked else {"Accept": "application/geo+json"}
    answer = world.client("manager").get(f"{API}/plots", params=asked | {"limit": "3"}, headers=headers)
    body = answer.json()
    assert (answer.headers["content-type"], body["type"]) == ("application/geo+json", "FeatureCollection")
    assert (len(body["features"]), body["numberReturned"]) == (3, 3)
    feature = body["features"][0]
    assert (feature["id"], feature["properties"]["from"]) == ("N-1", "2000-01-01")
    assert shapely.from_geojson(str(feature["geometry"]).replace("'", '"')).geom_type == "MultiPolygon"
    rest = world.client("manager").get(body["links"][0]["href"], headers=headers).json()
    assert [feature["id"] for feature in rest["features"]] == ["S-2"]
    assert rest["links"] == []


def test_one_plot_as_geojson(world: World) -> None:
    answer = world.client("viewer").get(f"{API}/plots/N-1", params={"format": "geojson"})
    assert (answer.headers["content-type"], answer.json()["type"]) == ("application/geo+json", "Feature")
    assert answer.headers["etag"] == world.client("viewer").get(f"{API}/plots/N-1").headers["etag"]
    assert get(world, "/plots/N-1", format="xml") == 422


def test_zones_from_the_top_down(world: World) -> None:
    rows = get(world, "/zones", "viewer")["items"]
    assert [(row["code"], row["parent"], row["path"]) for row in rows] == [
        ("N", None, "/N/"),
        ("N1", "N", "/N/N1/"),
        ("S", None, "/S/"),
    ]


def test_a_contractor_sees_a_plot_on_the_days_of_its_contract(world: World) -> None:
    world.on(date(2013, 3, 1))
    seen = [codes(world, "green-1", as_of=day) for day in ("2012-12-31", "2013-01-01", "2013-12-31", "2014-01-01")]
    assert seen == [[], ["N-1", "N-2"], ["N-1", "N-2"], []]
    assert get(world, "/plots/S-1", "green-1") == get(world, "/plots/none", "green-1") == 404


def test_pages_leave_nothing_out_however_a_database_sorts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [row["path"] for row in get(world, "/zones")["items"]]
    in_order = queries.zones
    monkeypatch.setattr(queries, "zones", lambda session: in_order(session)[::-1])  # as another locale might
    paged: list[str] = []
    mark: str | None = ""
    while mark is not None:
        page = get(world, "/zones", limit=1, after=mark)
        paged, mark = paged + [row["path"] for row in page["items"]], page["next"]
    assert paged == whole
    assert len(whole) == 3
