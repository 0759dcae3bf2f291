"""One score over the API, by the rules of a file of them."""

from datetime import date
from typing import Any

import pytest

from service.core.ids import new_id
from tests.conftest import World

API = "/api/v1"
GIVEN = {"plot": "N-1", "from": "2013-01-07", "channel": "patrol", "score": "93.5"}


def put(world: World, body: dict[str, Any], who: str = "inspector", id_: Any = None) -> Any:
    return world.client(who).put(f"{API}/scores/{id_ or new_id()}", json=body)


def test_a_score_is_given_once(world: World) -> None:
    world.on(date(2013, 1, 7))
    id_ = new_id()
    given = put(world, GIVEN, id_=id_)
    assert given.status_code == 201
    row = given.json()
    assert (row["id"], row["score"], row["recorded_by"]) == (str(id_), "93.5", "inspector")
    assert (row["from"], row["until"]) == ("2013-01-07", "2013-01-07")
    again = put(world, GIVEN, id_=id_)
    assert (again.status_code, again.json()) == (200, row)
    assert put(world, GIVEN | {"score": "93.6"}, id_=id_).json()["code"] == "id_taken"
    assert put(world, GIVEN, who="manager", id_=id_).json()["code"] == "id_taken"
    assert put(world, GIVEN).json()["code"] == "known"
    assert put(world, GIVEN | {"channel": "visit"}).status_code == 201
    [read] = world.client("auditor").get(f"{API}/scores", params={"channel": "patrol"}).json()["items"]
    assert read == world.client("auditor").get(f"{API}/scores/{id_}").json() == row


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"until": "2013-02-01"}, "other_periods"),
        ({"until": "2013-01-01"}, "until_before_from"),
        ({"score": "100.000001"}, "invalid_request"),
        ({"score": "-1"}, "invalid_request"),
        ({"score": "1.0000001"}, "invalid_request"),
        ({"plot": "X-9"}, "not_found"),
        ({"plot": "S-1"}, "not_found"),
        ({"channel": ""}, "invalid_request"),
    ],
)
def test_what_a_file_may_not_say_a_request_may_not_either(world: World, change: dict[str, Any], code: str) -> None:
    assert put(world, GIVEN | change).json()["code"] == code


def test_a_month_is_one_of_the_contracts_periods(world: World) -> None:
    assert put(world, GIVEN | {"from": "2013-01-01", "until": "2013-01-31", "score": 100}).status_code == 201


def test_without_a_contract_a_score_is_kept_as_in_a_file(world: World) -> None:
    assert put(world, GIVEN | {"plot": "S-2"}, who="inspector-s").status_code == 201
