"""Z2: in random worlds nobody is shown more, or less, than is theirs."""

from contextlib import ExitStack
from unittest.mock import patch

from service.core import scope
from service.core.actor import Role
from service.core.scope import everything
from service.plots.models import Plot, PlotVersion
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.sight import WATCHERS, differences, make


def run(trial: Trial) -> Outcome:
    """Make worlds and look at every list; as a control, with the filter of a contractor's plots gone."""
    worlds = 200 if trial.full and not trial.control else 1
    plots, findings = (5, 8) if trial.full else (4, 6)
    wrong: list[str] = []
    for n in range(worlds):
        with fresh_park(trial, f"park-{n}") as world, ExitStack() as patches:
            truth = make(world, trial.seed + n, plots=plots, findings=findings)
            if trial.control:
                for table in (Plot, PlotVersion):
                    patches.enter_context(patch.dict(scope._SCOPES, {(table, Role.CONTRACTOR): everything}))
            wrong += differences(world, truth, trial.seed + n)
    return Outcome(not wrong, summary(wrong, f"{worlds} worlds seen by {len(WATCHERS)} people"))


CHECK = Check(
    name="Z2",
    claim="Every list, map, count and record shows exactly what an oracle knows to be the reader's",
    target="0 leaks, nothing missing",
    control="the filter of a contractor's plots removed",
    run=run,
)
