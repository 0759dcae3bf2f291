"""Many at once: nothing twice, nothing mixed, nothing lost. The checks S1, S2 and S5 show how this would be noticed."""

from datetime import date

from fastapi.testclient import TestClient

from tests.conftest import World
from tests.service.storm import double_approvals, duplicates, lost_updates, races

THREADS = 4
SEED = 20130903


def copies(world: World, who: str, count: int = THREADS) -> list[TestClient]:
    """Return clients of one person, one for each thread."""
    headers = {"Authorization": world.client(who).headers["authorization"]}
    return [TestClient(world.app, headers=headers) for _ in range(count)]


def storm(world: World, ids: int, repeats: int) -> list[str]:
    world.on(date(2013, 3, 2))
    clients, auditor = copies(world, "inspector"), world.client("auditor")
    return list(duplicates(clients, auditor, "N-1", ids=ids, repeats=repeats, seed=SEED))


def test_a_storm_of_duplicates_files_each_finding_once(world: World) -> None:
    assert storm(world, ids=10, repeats=20) == []


def race(world: World, pairs: int) -> list[str]:
    world.on(date(2013, 3, 2))
    return list(races(copies(world, "inspector", 2), world.client("auditor"), "N-1", pairs=pairs))


def test_of_two_contents_under_one_id_one_wins_whole(world: World) -> None:
    assert race(world, pairs=20) == []


def edit(world: World, workers: int, steps: int) -> list[str]:
    world.on(date(2013, 3, 2))
    finding = world.file("N-1")
    world.confirm(finding)
    pairs = list(zip(copies(world, "green-1", workers), copies(world, "inspector", workers), strict=True))
    return list(lost_updates(pairs, world.client("auditor"), finding, steps=steps))


def test_no_step_is_lost_or_taken_blindly(world: World) -> None:
    assert edit(world, workers=4, steps=10) == []


def test_a_statement_is_approved_once(world: World) -> None:
    world.on(date(2013, 2, 2))
    world.settle("C2", 1)
    statement = world.prepare("C1", 1)
    approvers = copies(world, "manager-2", 6)
    assert list(double_approvals(approvers, world.client("auditor"), statement)) == []
