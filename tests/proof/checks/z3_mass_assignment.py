"""Z3: what the server alone says of a record cannot be sent, and answers have the fields that were agreed."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Literal

from service import app
from service.findings.schemas import StepIn
from tests.conftest import World
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.full_world import Target, fill
from tests.service.owned import Shape, agreed, answered, owned, taken
from tests.service.policy import API, PREFIX, ROLES, Operation
from tests.service.unsafe import UNSAFE

SHORT = [
    ("POST", f"{PREFIX}/findings/{{finding_id}}/steps"),
    ("PUT", f"{PREFIX}/findings/{{finding_id}}"),
    ("POST", "/findings/{code}/acts/{act}"),
]


def run(trial: Trial) -> Outcome:
    """Send every column of every table with every change; as a control, one body takes what it does not know."""
    full = trial.full and not trial.control
    makers = UNSAFE if full else {operation: UNSAFE[operation] for operation in SHORT}
    with generous() if trial.control else nullcontext(), fresh_park(trial) as world:
        targets = fill(world)
        wrong = list(_otherwise(world, targets, full=full))
        wrong += taken(world, targets, makers)
    tried = f"{len(owned())} fields sent with {len(makers)} operations, answers of {len(API)} looked at"
    return Outcome(not wrong, summary(wrong, tried))


def _otherwise(world: World, targets: dict[str, Target], *, full: bool) -> Iterator[str]:
    """Yield the answers with more or fewer fields than were agreed, to any role; at full size, those never seen."""
    known, seen = agreed(), set()
    roles, methods = (ROLES, ("GET", "PUT", "POST")) if full else (("auditor", "contractor"), ("GET",))
    for operation, role, place, fields in answered(world, targets, roles, methods):
        expected = known.get(operation, Shape()).get(place, set())
        seen.add((operation, place))
        if fields != expected:
            yield f"{' '.join(operation)} {place} {role}: {sorted(fields ^ expected)}"
    if full:
        yield from (f"{' '.join(operation)} {place} is never seen" for operation, place in _places(known) - seen)


def _places(known: dict[Operation, Shape]) -> set[tuple[Operation, str]]:
    return {(operation, place) for operation, shape in known.items() for place in shape}


@contextmanager
def generous() -> Iterator[None]:
    """Let one body take fields that it does not know, in the apps that are made meanwhile."""
    _set_extra("allow")
    try:
        yield
    finally:
        _set_extra("forbid")


def _set_extra(what: Literal["allow", "forbid"]) -> None:
    StepIn.model_config["extra"] = what
    StepIn.model_rebuild(force=True)
    app.api_routes.cache_clear()


CHECK = Check(
    name="Z3",
    claim="No body, form or address sets what the server alone says of a record; answers have the agreed fields alone",
    target="every column of every table: 422, or ignored with 0 changes; 0 fields more or fewer",
    control="a body that takes what it does not know",
    run=run,
)
