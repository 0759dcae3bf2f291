"""Tasks come in, are brought up to date, and are seen by those whose they are."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from service.access.models import Organisation
from service.access.rules import NotYours
from service.contracts.queries import contracts
from service.workplan.actions import enter_tasks
from service.workplan.models import Task
from service.workplan.queries import by_key, tasks
from tests.conftest import World

MAY = date(2013, 5, 1)


def enter(world: World, *rows: Task, who: str = "manager") -> tuple[int, int]:
    source = world.read("host", lambda session: session.exec(select(Organisation)).first())
    assert source
    return world.act(who, enter_tasks, rows, source=source)


def task(world: World, plot: str, due_from: date = MAY, **other: object) -> Task:
    ids = {contract.code: contract.id for contract, _ in world.read("host", contracts)}
    contract = {"N": ids["C1"], "S": ids["C2"]}[plot[0]] if plot != "S-2" else None
    facts = {"due_until": date(2013, 5, 10), "operation": "mowing"} | other
    return Task(plot_id=world.plots[plot], contract_id=contract, due_from=due_from, **facts)  # type: ignore[arg-type]


@pytest.fixture
def planned(world: World) -> World:
    """The park with a task on every plot in May, and one of June that is done."""
    assert enter(world, *(task(world, plot) for plot in world.plots)) == (4, 0)
    june = date(2013, 6, 1)
    done = {"due_until": june, "done_on": june, "quantity": Decimal("500.00"), "unit": "m2"}
    enter(world, task(world, "N-1", june, **done))
    return world


def seen(world: World, who: str, **filters: object) -> list[str]:
    return [f"{plot.code} {row.due_from:%m}" for row, plot in world.read(who, tasks, **filters)]  # type: ignore[arg-type]


def test_the_same_again_changes_nothing(planned: World) -> None:
    assert enter(planned, *(task(planned, plot) for plot in planned.plots)) == (0, 4)
    assert len(seen(planned, "manager")) == 5


def test_what_differs_is_brought_up_to_date_in_its_own_row(planned: World) -> None:
    key = (planned.plots["N-1"], "mowing", MAY)
    before = planned.read("manager", by_key, [key[0]])[key]
    changed = task(planned, "N-1", done_on=date(2013, 5, 3), quantity=Decimal("12.34"), reported_by="green-1")
    assert enter(planned, changed, task(planned, "N-2")) == (1, 1)
    after = planned.read("manager", by_key, [key[0]])[key]
    assert after.id == before.id
    assert (after.done_on, after.quantity, after.reported_by) == (date(2013, 5, 3), Decimal("12.34"), "green-1")


@pytest.mark.parametrize(
    ("who", "plots"),
    [
        ("manager", {"N-1", "N-2", "S-1", "S-2"}),
        ("viewer", {"N-1", "N-2", "S-1", "S-2"}),
        ("admin", {"N-1", "N-2", "S-1", "S-2"}),
        ("supervisor", {"N-1", "N-2", "S-1", "S-2"}),
        ("inspector", {"N-1", "N-2"}),
        ("inspector-s", {"S-1", "S-2"}),
        ("green-1", {"N-1", "N-2"}),
        ("river-1", {"S-1"}),
    ],
)
def test_who_sees_which_tasks(planned: World, who: str, plots: set[str]) -> None:
    assert {row.split()[0] for row in seen(planned, who)} == plots


@pytest.mark.parametrize("who", ["viewer", "inspector", "supervisor", "green-1", "auditor", "admin"])
def test_only_managers_and_the_host_enter_tasks(world: World, who: str) -> None:
    with pytest.raises(NotYours):
        enter(world, task(world, "N-1"), who=who)


def test_a_task_is_overdue_from_the_day_after_its_last_until_it_is_done(planned: World) -> None:
    planned.on(date(2013, 5, 10))
    assert seen(planned, "manager", overdue=True) == []
    planned.on(date(2013, 5, 11))
    assert len(seen(planned, "manager", overdue=True)) == 4
    enter(planned, task(planned, "N-1", done_on=date(2013, 5, 11)))
    planned.on(date(2013, 7, 1))
    assert sorted(seen(planned, "manager", overdue=True)) == ["N-2 05", "S-1 05", "S-2 05"]


def test_filters_and_pages(planned: World) -> None:
    assert seen(planned, "manager", first=date(2013, 6, 1)) == ["N-1 06"]
    assert len(seen(planned, "manager", until=date(2013, 5, 10))) == 4
    assert seen(planned, "manager", plot=planned.plots["S-2"]) == ["S-2 05"]
    everything = planned.read("manager", tasks)
    paged, after = [], None
    while page := planned.read("manager", tasks, after=after, limit=2):
        paged += page
        after = (page[-1][0].due_until, page[-1][0].id)
    assert [row.id for row, _ in paged] == [row.id for row, _ in everything]
