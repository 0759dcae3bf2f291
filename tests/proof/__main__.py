"""Run checks and their controls: python -m tests.proof [CHECK ...] [--control] [--short] [--seed N]."""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.proof.check import Check, Outcome, Trial, registry
from tests.support.machine import describe_machine
from tests.support.sources import ROOT

REPORT = ROOT / "docs" / "proof.md"
HEAD = """# What is proved

Written by `make proof` on {date}, seed {seed}, on {machine}. Each check runs twice: on the product, where it must hold,
and on a product broken on purpose (the control), where it must not. `python -m tests.proof O1` runs one.

| check | claim | target | figure | result | broken how | then |
| --- | --- | --- | --- | --- | --- | --- |
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
    if not (asked.names or asked.control or asked.short):
        REPORT.write_text(report(lines, asked.seed), "utf-8")
    return 0 if all(line.good for line in lines) else 1


def run(check: Check, *, full: bool, control: bool, seed: int) -> Line:
    """Run one check in a folder of its own. An exception is nobody's verdict: it ends the run."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="greenkeep-") as folder:
        outcome = check.run(Trial(full=full, control=control, seed=seed, folder=Path(folder)))
    return Line(check, control, outcome, time.perf_counter() - started)


def report(lines: list[Line], seed: int) -> str:
    """Return the page for readers: a row for each check, with its control beside it."""
    held = {line.check.name: line for line in lines if not line.control}
    text = HEAD.format(date=datetime.now(UTC).date(), seed=seed, machine=describe_machine())
    for line in lines:
        if line.control:
            check, plain = line.check, held[line.check.name]
            result, then = ("ok" if plain.good else "**failed**"), ("fails" if line.good else "**goes unnoticed**")
            cells = (check.name, check.claim, check.target, plain.outcome.figure, result, check.control)
            text += f"| {' | '.join(cells)} | {then}: {line.outcome.figure} |\n"
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
