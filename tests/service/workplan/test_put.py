"""One task over the API, by the rules of a file of them; changed only by whoever has seen how it stands."""

from typing import Any

import pytest

from service.core.ids import new_id
from tests.conftest import World

API = "/api/v1"
DUE = {"plot": "N-1", "operation": "mowing", "due_from": "2013-03-01", "due_until": "2013-03-31"}
DONE = {"done_on": "2013-03-20", "quantity": "1000.5", "unit": "m2", "reported_by": "绿一"}


def put(world: World, body: dict[str, Any], id_: Any = None, seen: str = "", who: str = "manager") -> Any:
    headers = {"If-Match": seen} if seen else {}
    return world.client(who).put(f"{API}/tasks/{id_ or new_id()}", json=body, headers=headers)


def test_a_task_is_entered_once(world: World) -> None:
    id_ = new_id()
    entered = put(world, DUE, id_)
    assert entered.status_code == 201, entered.text
    again = put(world, DUE, id_)
    assert (again.status_code, again.json(), again.headers["etag"]) == (200, entered.json(), entered.headers["etag"])
    assert put(world, DUE | {"due_until": "2013-03-30"}, id_).json()["code"] == "id_taken"
    assert put(world, DUE).json()["code"] == "task_known"


def test_a_task_is_changed_by_whoever_has_seen_it(world: World) -> None:
    id_ = new_id()
    first = put(world, DUE, id_).headers["etag"]
    done = put(world, DUE | DONE, id_, first)
    assert (done.status_code, done.json()["done_on"], done.json()["quantity"]) == (200, "2013-03-20", "1000.5")
    assert put(world, DUE | DONE, id_).status_code == 200, "the same again"
    assert put(world, DUE, id_, first).status_code == 412
    assert put(world, DUE | {"due_from": "2013-03-02"}, id_, done.headers["etag"]).json()["code"] == "id_taken"
    assert put(world, DUE, new_id(), first).status_code == 412
    read = world.client("viewer").get(f"{API}/tasks/{id_}")
    assert (read.json(), read.headers["etag"]) == (done.json(), done.headers["etag"])
    events = world.client("auditor").get(f"{API}/audit-events", params={"target": f"Task {id_}"}).json()["items"]
    assert [event["verb"] for event in events] == ["tasks.enter", "task.change"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"due_until": "2013-02-28"}, "until_before_from"),
        ({"signed_by": "Nora"}, "signed_undone"),
        ({"unit": "piece"}, "other_unit"),
        ({"operation": "singing"}, "unknown_code"),
        ({"plot": "X-9"}, "not_found"),
        ({"quantity": "-1"}, "invalid_request"),
    ],
)
def test_what_a_file_may_not_say_a_request_may_not_either(world: World, change: dict[str, Any], code: str) -> None:
    assert put(world, DUE | change).json()["code"] == code
    assert world.client("auditor").get(f"{API}/tasks", params={"from": "2013-03-01"}).json()["items"] == []
