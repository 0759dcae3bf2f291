"""With GREENKEEP_STRICT=1 a test that was skipped has failed, with the reason it gave; so has a file that was."""

import os
from collections.abc import Generator

import pytest

STRICT = os.environ.get("GREENKEEP_STRICT", "") not in ("", "0")


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure; an expected failure (xfail) is no skip, though pytest reports it as one."""
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        _path, _line, reason = report.longrepr if isinstance(report.longrepr, tuple) else ("", 0, report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"GREENKEEP_STRICT allows no skip. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at every test."""
    report = yield
    _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at every file: `pytest.importorskip` and `allow_module_level` skip whole ones."""
    report = yield
    _fail(report)
    return report
