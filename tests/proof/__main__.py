"""Run checks and their controls: python -m tests.proof [CHECK ...] [--control] [--short] [--seed N]."""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.proof.check import Check, Outcome, Trial, registry
from tests.support.machine import describe_machine
from tests.support.sources import ROOT

REPORT = ROOT / "docs" / "proof.md"
HEAD = """# What is proved

Written by `make proof` on {machine}. Each check runs twice: on the product, where it must hold, and on a product
broken on purpose (the control), where it must not. Worlds lie in SQLite; what differs on PostgreSQL is held by the
tests, which run on both. `python -m tests.proof O1` runs one, and replaces its row.

| check | claim | target | figure | result | broken how | then | seed, day |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Line:
    """One run of a check, or of its control, and whether it went as it must."""

    check: Check
    control: bool
    outcome: Outcome
    seconds: float

    @property
    def good(self) -> bool:
        """Whether a check held, or a control failed."""
        return self.outcome.ok is not self.control

    def __str__(self) -> str:
        """Write it for the terminal."""
        name = f"{self.check.name} control" if self.control else self.check.name
        verdict = "ok" if self.outcome.ok else "failed"
        remark = "" if self.good else "  <-- must fail" if self.control else "  <--"
        return f"{name:<12} {verdict:<7} {self.seconds:6.1f} s  {self.outcome.figure}{remark}"


def main(arguments: list[str]) -> int:
    """Return 0 when every check held and every control failed."""
    checks = registry()
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CHECK", help=f"one of {' '.join(checks)}; all when left out")
    parser.add_argument("--control", action="store_true", help="only on the product that is broken on purpose")
    parser.add_argument("--short", action="store_true", help="at the size that make test runs")
    parser.add_argument("--seed", type=int, default=20130903, help="what the random cases start from")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in checks]:
        parser.error(f"There is no check {', '.join(unknown)}.")
    print(f"seed {asked.seed}", flush=True)
    lines = []
    for name in asked.names or checks:
        for control in (True,) if asked.control else (False, True):
            lines.append(line := run(checks[name], full=not asked.short, control=control, seed=asked.seed))
            print(line, flush=True)
        if not (asked.control or asked.short):  # at once: a later check that breaks off costs no earlier row
            known = rows_of(REPORT.read_text("utf-8")) if REPORT.exists() else {}
            REPORT.write_text(report(known | rows(lines[-2:], asked.seed), checks), "utf-8")
    return 0 if all(line.good for line in lines) else 1


def run(check: Check, *, full: bool, control: bool, seed: int) -> Line:
    """Run one check in a folder of its own. An exception is nobody's verdict: it ends the run."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="greenkeep-") as folder:
        outcome = check.run(Trial(full=full, control=control, seed=seed, folder=Path(folder)))
    return Line(check, control, outcome, time.perf_counter() - started)


def rows(lines: list[Line], seed: int) -> dict[str, str]:
    """Return a row for each check, with its control beside it, by the check's name."""
    held = {line.check.name: line for line in lines if not line.control}
    made = {}
    for line in (line for line in lines if line.control):
        check, plain = line.check, held[line.check.name]
        result, then = ("ok" if plain.good else "**failed**"), ("fails" if line.good else "**goes unnoticed**")
        cells = (check.name, check.claim, check.target, plain.outcome.figure, result, check.control)
        day = f"{seed}, {datetime.now(UTC).date()}"
        made[check.name] = " | ".join(map(_cell, (*cells, f"{then}: {line.outcome.figure}", day)))
    return made


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def rows_of(text: str) -> dict[str, str]:
    r"""Return the rows of a page that was written before, by the check's name.

    >>> rows_of("| check | claim |\n| --- | --- |\n| A1 | found |\n")
    {'A1': 'A1 | found'}
    """
    lines = [line[2:-2] for line in text.splitlines() if line.startswith("| ")][2:]
    return {line.split(" | ")[0]: line for line in lines}


def report(known: Mapping[str, str], checks: Mapping[str, Check]) -> str:
    """Return the page for readers: the rows of the checks that there are."""
    return HEAD.format(machine=describe_machine()) + "".join(f"| {known[name]} |\n" for name in checks if name in known)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
