"""Z6: other sites' pages do nothing, and what reads only reads."""

from contextlib import nullcontext
from unittest.mock import patch

from service.core import guard
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.full_world import fill
from tests.service.unsafe import UNSAFE, crossing, writing_reads

SHORT = dict(list(UNSAFE.items())[:2])


def run(trial: Trial) -> Outcome:
    """Forge requests with a person's cookie; as a control, with the look at the origin gone."""
    full = trial.full and not trial.control
    open_door = patch.object(guard, "refuse_cross_site", lambda headers, host: None)
    with fresh_park(trial) as world, open_door if trial.control else nullcontext():
        targets = fill(world)
        wrong = list(crossing(world, targets, UNSAFE if full else SHORT))
        if full:
            wrong += writing_reads(world, targets)
    tried = f"{len(UNSAFE if full else SHORT)} operations forged" + ", every read tried" * full
    return Outcome(not wrong, summary(wrong, tried))


CHECK = Check(
    name="Z6",
    claim="No page of another site changes anything with a person's cookie, and no GET or HEAD changes a row",
    target="100 % refused, 0 rows changed",
    control="the look at Origin and Sec-Fetch-Site removed",
    run=run,
)
