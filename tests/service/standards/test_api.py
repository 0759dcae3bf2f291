"""Catalogues over HTTP."""

from datetime import date

from service.access.queries import organisation_by_code
from service.standards.actions import enter_catalogue
from service.standards.models import Workday
from tests.conftest import World


def test_finding_types_with_what_a_unit_costs(world: World) -> None:
    rows = world.client("green-1").get("/api/v1/finding-types").json()["items"]
    assert [(row["code"], row["unit"], row["cure_days"], row["points"]) for row in rows] == [
        ("litter", "place", 3, "1"),
        ("weeds", "m2", 5, "0.5"),
    ]
    assert (rows[0]["from"], rows[0]["until"], rows[0]["source"]) == ("2000-01-01", None, "test")


def test_every_catalogue_is_a_list_with_its_sources(world: World) -> None:
    client = world.client("green-1")
    (mowing,) = client.get("/api/v1/operations").json()["items"]
    assert (mowing["code"], mowing["name"]["en"], mowing["unit"], mowing["from"]) == (
        "mowing",
        "Mowing",
        "m2",
        "2000-01-01",
    )
    first = client.get("/api/v1/grades", params={"limit": 1}).json()
    second = client.get("/api/v1/grades", params={"limit": 1, "after": first["next"]}).json()
    assert [row["code"] for row in first["items"] + second["items"]] == ["1", "2"]
    assert second["next"] is None


def test_the_calendar_of_some_days(world: World) -> None:
    days = [date(2013, 2, 10), date(2013, 1, 1), date(2013, 2, 9)]
    with world.session("host", write=True) as session:
        park = organisation_by_code(session, "park")
        rows = [Workday(day=day, open=day.day == 9, source="notice") for day in days]
        enter_catalogue(session, world.actors["host"], park, "workdays", rows)
    client = world.client("viewer")

    def shown(**asked: str) -> list[str]:
        return [row["day"] for row in client.get("/api/v1/workdays", params=asked).json()["items"]]

    assert shown() == ["2013-01-01", "2013-02-09", "2013-02-10"]
    assert shown(**{"from": "2013-02-09", "until": "2013-02-09"}) == ["2013-02-09"]
    assert shown(limit="1") == ["2013-01-01"]
    assert client.get("/api/v1/workdays", params={"from": "2013-02-09"}).json()["items"][0] == {
        "day": "2013-02-09",
        "open": True,
        "source": "notice",
    }
