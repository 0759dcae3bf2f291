"""Every operation, each role, each record: as the policy file says. The check Z1 shows how a gap is noticed."""

import pytest

from tests.conftest import World
from tests.service.calls import COMMON, ITEMS, LISTS, SHEETS
from tests.service.full_world import Target
from tests.service.matrix import faults, operations
from tests.service.pages import ACTS, OPENING
from tests.service.policy import API, OPEN, POLICY, ROLES, SITE, VERDICTS

GROUPS = {
    "the same for all": list(COMMON),
    "lists": list(LISTS),
    "sheets": list(SHEETS),
    "reads": [operation for operation in ITEMS if operation[0] == "GET"],
    "pages": list(OPENING),
    "pages of records": [operation for operation in ACTS if operation[0] == "GET"],
} | {" ".join(operation): [operation] for operation in (*ITEMS, *ACTS) if operation[0] != "GET"}


def test_the_policy_names_every_operation_and_no_other(world: World) -> None:
    assert operations(world.app) == set(POLICY) | OPEN
    described = world.app.openapi()["paths"]
    hidden = ("/openapi.json", "/docs")
    assert {(method.upper(), path) for path, verbs in described.items() for method in verbs} == {
        operation for operation in API if not operation[1].endswith(hidden)
    }


def test_the_policy_is_complete_and_tried() -> None:
    assert {*ITEMS, *LISTS, *SHEETS, *COMMON} == set(API)
    assert {*ACTS, *OPENING} == set(SITE)
    assert all(tuple(verdicts) == ROLES for verdicts in POLICY.values())
    assert {verdict for verdicts in POLICY.values() for verdict in verdicts.values()} <= set(VERDICTS)


@pytest.mark.parametrize("group", GROUPS)
def test_each_role_reaches_what_the_policy_gives_it(full: World, targets: dict[str, Target], group: str) -> None:
    assert [fault for operation in GROUPS[group] for fault in faults(full, targets, operation)] == []


def test_operations_are_known_by_their_functions(world: World) -> None:
    verbs = [verb for path in world.app.openapi()["paths"].values() for verb in path.values()]
    names = [verb["operationId"] for verb in verbs]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)
