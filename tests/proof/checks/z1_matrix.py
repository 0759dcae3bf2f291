"""Z1: each role, each operation and page, each record, as the one policy says."""

from contextlib import ExitStack
from unittest.mock import patch

from service.core import scope
from service.core.actor import Role
from service.core.scope import everything
from service.plots.models import Plot, PlotVersion
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.full_world import fill
from tests.service.matrix import faults, operations
from tests.service.policy import OPEN, POLICY, PREFIX, ROLES

SHORT = [("GET", f"{PREFIX}{path}") for path in ("/plots", "/plots/{code}", "/findings/{finding_id}")]


def run(trial: Trial) -> Outcome:
    """Try the whole matrix, each operation in a park of its own; as a control, without a contractor's filter."""
    tried = sorted(POLICY) if trial.full and not trial.control else SHORT
    wrong: list[str] = []
    with ExitStack() as patches:
        if trial.control:
            for table in (Plot, PlotVersion):
                patches.enter_context(patch.dict(scope._SCOPES, {(table, Role.CONTRACTOR): everything}))
        for number, operation in enumerate(tried):
            with fresh_park(trial, f"park-{number}") as world:
                wrong += faults(world, fill(world), operation)
                missing = operations(world.app) ^ (set(POLICY) | OPEN)
    wrong += [f"{operation} is not in the policy, or nowhere else" for operation in missing]
    return Outcome(not wrong, summary(wrong, f"{len(tried)} operations x {len(ROLES) + 1} roles x 5 records"))


CHECK = Check(
    name="Z1",
    claim="Every operation and page treats each role and record as one policy file says; denied looks like absent",
    target="100 %, and no operation outside of the file",
    control="the filter of a contractor's plots removed",
    run=run,
)
