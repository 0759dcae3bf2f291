"""Catalogues over HTTP."""

from tests.conftest import World


def test_finding_types_with_what_a_unit_costs(world: World) -> None:
    rows = world.client("green-1").get("/api/v1/finding-types").json()["items"]
    assert [(row["code"], row["unit"], row["cure_days"], row["points"]) for row in rows] == [
        ("litter", "place", 3, "1"),
        ("weeds", "m2", 5, "0.5"),
    ]
    assert (rows[0]["from"], rows[0]["until"], rows[0]["source"]) == ("2000-01-01", None, "test")
