"""Tasks over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from service.contracts.queries import contract_by_code
from service.core.actor import Actor
from service.workplan.actions import enter_tasks
from service.workplan.models import Task
from tests.conftest import World

API = "/api/v1"


@pytest.fixture
def february(world: World) -> World:
    """Two tasks on N-1, one of them done, and one on S-1; it is 10 February 2013."""

    def enter(session: Session, actor: Actor) -> None:
        north, south = (contract_by_code(session, code)[0] for code in ("C1", "C2"))
        rows = [("N-1", north, 1, date(2013, 2, 2)), ("N-1", north, 5, None), ("S-1", south, 8, None)]
        tasks = [
            Task(
                plot_id=world.plots[plot],
                contract_id=contract.id,
                operation="mowing",
                due_from=date(2013, 2, day),
                due_until=date(2013, 2, day) + timedelta(days=2),
                done_on=done,
            )
            for plot, contract, day, done in rows
        ]
        enter_tasks(session, actor, tasks, source=north)

    world.act("host", enter)
    world.on(date(2013, 2, 10))
    return world


def due(world: World, who: str = "manager", **asked: Any) -> list[str]:
    rows = world.client(who).get(f"{API}/tasks", params=asked).json()["items"]
    return [f"{row['plot']} {row['due_until']}" for row in rows]


def test_tasks_by_plot_contract_days_and_delay(february: World) -> None:
    every = ["N-1 2013-02-03", "N-1 2013-02-07", "S-1 2013-02-10"]
    assert due(february) == every
    assert due(february, plot="N-1") == due(february, contract="C1") == every[:2]
    assert due(february, overdue="true") == ["N-1 2013-02-07"], "the last day is not over"
    assert due(february, **{"from": "2013-02-07", "until": "2013-02-10"}) == every[1:]
    assert due(february, "green-1") == due(february, "inspector") == every[:2]


def test_tasks_are_paged(february: World) -> None:
    page = february.client("manager").get(f"{API}/tasks", params={"limit": 2}).json()
    assert due(february, after=page["next"], limit=2) == ["S-1 2013-02-10"]


def test_what_is_out_of_sight_is_no_filter(february: World) -> None:
    ask = february.client("green-1").get
    answers = [ask(f"{API}/tasks", params=asked) for asked in ({"plot": "S-1"}, {"plot": "X"}, {"contract": "C2"})]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
