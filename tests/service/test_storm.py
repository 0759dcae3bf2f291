"""Many at once: nothing twice, nothing mixed, nothing lost."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from service.core.ids import new_id
from service.findings import actions
from service.findings.actions import act_on_finding, file_finding
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


def test_a_service_that_ignores_the_callers_ids_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def own_ids(session: Any, actor: Any, finding_id: UUID, new: Any) -> Any:
        return file_finding(session, actor, new_id(), new)

    monkeypatch.setattr(actions, "file_finding", own_ids)
    assert storm(world, ids=2, repeats=4) != []


def race(world: World, pairs: int) -> list[str]:
    world.on(date(2013, 3, 2))
    return list(races(copies(world, "inspector", 2), world.client("auditor"), "N-1", pairs=pairs))


def test_of_two_contents_under_one_id_one_wins_whole(world: World) -> None:
    assert race(world, pairs=20) == []


def test_a_service_that_takes_any_content_for_the_same_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_refuse_other", lambda *anything: None)
    assert race(world, pairs=3) != []


def edit(world: World, workers: int, steps: int) -> list[str]:
    world.on(date(2013, 3, 2))
    finding = world.file("N-1")
    world.confirm(finding)
    pairs = list(zip(copies(world, "green-1", workers), copies(world, "inspector", workers), strict=True))
    return list(lost_updates(pairs, world.client("auditor"), finding, steps=steps))


def test_no_step_is_lost_or_taken_blindly(world: World) -> None:
    assert edit(world, workers=4, steps=20) == []


def test_a_service_that_does_not_look_at_if_match_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def blindly(*arguments: Any, seen: str, note: str) -> Any:
        return act_on_finding(*arguments, note=note)

    monkeypatch.setattr(actions, "act_on_finding", blindly)
    assert edit(world, workers=4, steps=8) != []


def test_a_statement_is_approved_once(world: World) -> None:
    world.on(date(2013, 2, 2))
    world.settle("C2", 1)
    statement = world.prepare("C1", 1)
    approvers = copies(world, "manager-2", 6)
    assert list(double_approvals(approvers, world.client("auditor"), statement)) == []
