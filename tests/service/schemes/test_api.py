"""Schemes over HTTP."""

from hashlib import sha256

from tests.conftest import World
from tests.park import SCHEME

API = "/api/v1/schemes"


def test_a_scheme_is_given_word_for_word(world: World) -> None:
    row = world.client("green-1").get(f"{API}/park/1").json()
    assert row["text"] == SCHEME
    assert row["sha256"] == sha256(SCHEME.encode()).hexdigest()
    listed = world.client("viewer").get(API).json()["items"]
    assert [(item["code"], item["version"], "text" in item) for item in listed] == [("park", 1, False)]


def test_a_version_that_is_not_there(world: World) -> None:
    for path in ("park/2", "none/1", "park/0"):
        assert world.client("viewer").get(f"{API}/{path}").status_code == 404
    for path in ("park/one", "park/-1", f"park/{2**63}"):
        assert world.client("viewer").get(f"{API}/{path}").status_code == 422
