"""Many requests at once: whoever waits for the database holds nothing that another needs to finish."""

from collections import Counter
from datetime import date
from functools import partial

from fastapi.testclient import TestClient

from service.core.ids import new_id
from tests.conftest import World
from tests.proof.at_hand import token_of
from tests.service.calls import new_finding
from tests.service.policy import PREFIX
from tests.service.storm import at_once

MANY = 60  # more than a process has threads


def test_more_writers_than_threads_are_all_answered(world: World) -> None:
    world.on(date(2013, 3, 2))
    with TestClient(world.app, headers=token_of(world, "inspector")) as client:  # one loop, as in a server
        paths = [f"{PREFIX}/findings/{new_id()}" for _ in range(MANY)]
        answers = at_once([partial(client.put, path, json=new_finding("N-1")) for path in paths])
    assert Counter(answer.status_code for answer in answers) == {201: MANY}


def test_more_readers_than_threads_and_connections_are_all_answered(world: World) -> None:
    with TestClient(world.app, headers=token_of(world, "inspector")) as client:
        answers = at_once([lambda: client.get(f"{PREFIX}/plots")] * MANY)
    assert Counter(answer.status_code for answer in answers) == {200: MANY}
