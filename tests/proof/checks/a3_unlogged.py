"""A3: nothing is done without an event, and what fails leaves nothing."""

from contextlib import nullcontext
from unittest.mock import patch

from service.audit_log import actions as audit_log
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.full_world import fill
from tests.service.matrix import operations
from tests.service.policy import PREFIX
from tests.service.unsafe import UNSAFE, unlogged

BESIDE = {("POST", "/sign-in"), ("POST", "/sign-in/{secret}"), ("POST", "/sign-out")}
SHORT = [("PUT", f"{PREFIX}/findings/{{finding_id}}"), ("POST", f"{PREFIX}/findings/{{finding_id}}/steps")]


def run(trial: Trial) -> Outcome:
    """Do everything once, and let it fail; as a control, on a build whose audit log takes no note."""
    full = trial.full and not trial.control
    makers = UNSAFE if full else {operation: UNSAFE[operation] for operation in SHORT}
    with fresh_park(trial) as world:
        targets = fill(world)
        deaf = patch.object(audit_log, "record", lambda *_, **__: None) if trial.control else nullcontext()
        with deaf:
            wrong = list(unlogged(world, targets, makers))
        unsafe = {operation for operation in operations(world.app) if operation[0] != "GET"}
    wrong += [f"{operation} is not tried" for operation in unsafe - set(UNSAFE) - BESIDE]
    return Outcome(not wrong, summary(wrong, f"{len(makers)} operations done and failed"))


CHECK = Check(
    name="A3",
    claim="Every change has its event in the same transaction, with who did it; what fails leaves no row",
    target="100 % of the operations and forms that change something",
    control="an audit log that takes no note",
    run=run,
)
