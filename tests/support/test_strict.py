"""A skip is a failure when somebody asked for that, and says so."""

import pytest

from tests.support.sources import ROOT

SKIPPING = """
import pytest

def test_passes():
    pass

def test_skips():
    pytest.skip("no moon tonight")

@pytest.mark.xfail(strict=True)
def test_is_known_to_fail():
    assert False
"""


@pytest.fixture
def machine(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return a folder of tests that has the plugin at hand."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return pytester


def run(machine: pytest.Pytester) -> pytest.RunResult:
    return machine.runpytest_subprocess("-p", "tests.support.strict", "-p", "no:cacheprovider")


def test_a_skip_is_a_failure_with_its_reason(machine: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENKEEP_STRICT", "1")
    machine.makepyfile(SKIPPING)
    result = run(machine)
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    result.stdout.fnmatch_lines("*allows no skip. Skipped: no moon tonight")


def test_a_skipped_file_is_a_failure(machine: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENKEEP_STRICT", "1")
    machine.makepyfile("import pytest; pytest.importorskip('no_such_module')")
    result = run(machine)
    result.assert_outcomes(errors=1)
    assert result.ret != 0


def test_otherwise_a_skip_is_a_skip(machine: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GREENKEEP_STRICT", raising=False)
    machine.makepyfile(SKIPPING)
    run(machine).assert_outcomes(passed=1, skipped=1, xfailed=1)
