"""S5: no step is lost or taken blindly, and no statement is approved twice."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any
from unittest.mock import patch

from service.findings import actions
from tests.proof.at_hand import fresh_park, summary, threads
from tests.proof.check import Check, Outcome, Trial
from tests.service.storm import double_approvals, lost_updates


def run(trial: Trial) -> Outcome:
    """Let several work on one finding and approve one statement; as a control, on a service blind to If-Match."""
    workers, steps = (8, 200) if trial.full and not trial.control else (2, 4)
    with fresh_park(trial) as world, _blind() if trial.control else nullcontext():
        world.on(date(2013, 2, 2))
        auditor = world.client("auditor")
        faults: list[str] = []
        for month in range(1, 12 if trial.full and not trial.control else 2):
            approvers = threads(world, "manager-2", workers)
            faults += double_approvals(approvers, auditor, world.prepare("C1", month))
            world.on(date(2013, month + 2, 2) if month < 11 else date(2014, 1, 2))
        finding = world.file("N-1", on=date(2013, 2, 1))
        world.confirm(finding)
        pairs = list(zip(threads(world, "green-1", workers), threads(world, "inspector", workers), strict=True))
        faults += lost_updates(pairs, auditor, finding, steps=steps)
    tried = f"{workers * steps} steps by {workers} at once, {month} statements approved by {workers} at once"
    return Outcome(not faults, summary(faults, tried))


@contextmanager
def _blind() -> Iterator[None]:
    act = actions.act_on_finding

    def blindly(*arguments: Any, seen: str, note: str) -> Any:
        return act(*arguments, note=note)

    with patch.object(actions, "act_on_finding", blindly):
        yield


CHECK = Check(
    name="S5",
    claim="No acknowledged step is lost, none is taken from a state its author has not seen, nothing is approved twice",
    target="every acknowledged step is there, each right after the one seen; 1 approval for each statement",
    control="If-Match not looked at",
    run=run,
)
