"""S2: of two contents under one id, one wins whole."""

from contextlib import nullcontext
from datetime import date
from unittest.mock import patch

from service.findings import actions
from tests.proof.at_hand import fresh_park, processes, summary, threads
from tests.proof.check import Check, Outcome, Trial
from tests.service.storm import races


def run(trial: Trial) -> Outcome:
    """Race pairs; as a control, on a service that takes any content under a known id for the same."""
    pairs = 5 if trial.control or not trial.full else 1000
    with fresh_park(trial) as world:
        world.on(date(2013, 3, 2))
        loose = patch.object(actions, "_refuse_other", lambda *_: None) if trial.control else nullcontext()
        if trial.full and not trial.control:
            with processes(world, "inspector", 2) as (clients, auditor):
                faults = list(races(clients, auditor, "N-1", pairs=pairs))
        else:
            with loose:
                faults = list(races(threads(world, "inspector", 2), world.client("auditor"), "N-1", pairs=pairs))
    return Outcome(not faults, summary(faults, f"{pairs} pairs raced"))


CHECK = Check(
    name="S2",
    claim="Two contents raced under one id are never mixed: one is kept whole, the other refused without detail",
    target="1 x 201 and 1 x 409 for each pair",
    control="any content under a known id taken for the same",
    run=run,
)
