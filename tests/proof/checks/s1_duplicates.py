"""S1: a storm of duplicates files each finding once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest.mock import patch

from service.core.ids import new_id
from service.findings import actions
from tests.proof.at_hand import fresh_park, processes, summary, threads
from tests.proof.check import Check, Outcome, Trial
from tests.service.storm import duplicates


def run(trial: Trial) -> Outcome:
    """Send each finding many times at once; as a control, to a service that gives each request an id of its own."""
    ids, repeats, senders = (500, 5, 16) if trial.full else (4, 5, 3)
    with fresh_park(trial) as world:
        world.on(date(2013, 3, 2))
        sizes: dict[str, Any] = {"ids": ids, "repeats": repeats, "seed": trial.seed}
        if trial.control:
            sizes["ids"] = 4
            with _own_ids():
                faults = list(duplicates(threads(world, "inspector", 3), world.client("auditor"), "N-1", **sizes))
        elif trial.full:
            with processes(world, "inspector", senders) as (clients, auditor):
                faults = list(duplicates(clients, auditor, "N-1", **sizes))
        else:
            faults = list(duplicates(threads(world, "inspector", 3), world.client("auditor"), "N-1", **sizes))
    where = "2 processes" if trial.full and not trial.control else "1 process"
    tried = f"{sizes['ids'] * repeats} requests for {sizes['ids']} findings to {where}"
    return Outcome(not faults, summary(faults, tried))


@contextmanager
def _own_ids() -> Iterator[None]:
    file_finding = actions.file_finding

    def anew(session: Any, actor: Any, finding_id: Any, new: Any) -> Any:
        return file_finding(session, actor, new_id(), new)

    with patch.object(actions, "file_finding", anew):
        yield


CHECK = Check(
    name="S1",
    claim="The same finding sent many times at once is filed once, and every sender gets the same answer",
    target="1 row, 1 event, 1 x 201 and else 200 with equal bodies for each id; numbers without gaps",
    control="the ids of the senders ignored",
    run=run,
)
