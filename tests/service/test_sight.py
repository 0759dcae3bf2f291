"""What is shown is what may be shown, in random worlds."""

import pytest

from service.core import scope
from service.core.actor import Role
from service.core.scope import everything
from service.findings.models import Finding, FindingEvent
from service.plots.models import Plot, PlotVersion
from tests.conftest import World
from tests.service.sight import differences, make

SEEDS = (20130903, 7)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_sees_more_or_less_than_is_theirs(world: World, seed: int) -> None:
    assert list(differences(world, make(world, seed), seed)) == []


@pytest.mark.parametrize(
    ("tables", "role", "leak"),
    [
        ((Plot, PlotVersion), Role.CONTRACTOR, "green-1 plots"),
        ((Finding, FindingEvent, Plot), Role.INSPECTOR, "inspector findings"),
    ],
)
def test_a_scope_that_is_gone_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, tables: tuple[type, ...], role: Role, leak: str
) -> None:
    truth = make(world, SEEDS[0], plots=5, findings=8)
    for table in tables:
        monkeypatch.setitem(scope._SCOPES, (table, role), everything)
    found = list(differences(world, truth, SEEDS[0]))
    assert [fault for fault in found if fault.startswith(leak) and "leaks" in fault] != []
