"""The short form of every check: it holds, and its control fails."""

from pathlib import Path

import pytest

from tests.proof.check import Check, Trial, registry

SEED = 20130903


@pytest.mark.parametrize("check", registry().values(), ids=lambda check: check.name)
def test_check_holds(check: Check, tmp_path: Path) -> None:
    if reason := check.lacking():
        pytest.skip(reason)
    outcome = check.run(Trial(full=False, control=False, seed=SEED, folder=tmp_path))
    assert outcome.ok, outcome.figure


@pytest.mark.parametrize("check", registry().values(), ids=lambda check: check.name)
def test_control_fails(check: Check, tmp_path: Path) -> None:
    if reason := check.lacking():
        pytest.skip(reason)
    outcome = check.run(Trial(full=False, control=True, seed=SEED, folder=tmp_path))
    assert not outcome.ok, outcome.figure
