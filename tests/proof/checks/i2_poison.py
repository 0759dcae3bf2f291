"""I2: values that break parsers break nothing and are not kept."""

from itertools import islice
from unittest.mock import patch

from service.app import create_app
from service.core.problems import LOG
from service.core.settings import Settings
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.full_world import fill
from tests.service.poison import BODIES, LITERALS, VALUES, breaking, lenient

ENOUGH = 10  # failures of the control, in its short form


def run(trial: Trial) -> Outcome:
    """Poison every field and parameter; as a control, with the framework's own answers and nothing before it."""
    with fresh_park(trial) as world:
        targets = fill(world)
        app = world.app
        if trial.control:
            app = lenient(create_app(Settings(folder=world.folder, database_url=world.url), clock=world.clock))
        with patch.object(LOG, "disabled", trial.control):
            wrong = breaking(world, targets, app, full=trial.full)
            if trial.control:
                wrong = (fault for fault in wrong if fault.endswith(": 500"))
            broken = list(islice(wrong, ENOUGH if trial.control and not trial.full else None))
        app.state.database.engine.dispose()
    poisons = len(LITERALS) + len(BODIES) + len(VALUES)
    return Outcome(not broken, summary(broken, f"{poisons} poisons in every field and parameter"))


CHECK = Check(
    name="I2",
    claim="NaN, huge numbers, lone surrogates, NUL, far years, deep or doubled JSON are refused, nowhere a failure",
    target="0 answers of 5xx, 0 kept",
    control="the framework's own validation answers, no guard before it",
    run=run,
)
