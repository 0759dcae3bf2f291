"""I1: whatever the API's description allows, and whatever it does not, is answered as described, by every role."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from unittest.mock import patch
from uuid import UUID

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from sqlmodel import Session

from service.access import sign_in_actions
from service.access.models import ApiToken
from service.access.queries import tokens, user_by_code
from service.core.actor import Actor
from tests.conftest import World
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.calls import COMMON, ITEMS
from tests.service.full_world import ACTORS, Target, fill
from tests.service.policy import PREFIX, Operation

LEAST_CASES, LEAST_REACHED = 10_000, 0.6
KNOWN = 3  # records of each kind that the generator may name
OFTEN = 0.7  # how often it names one
SHORT = [PREFIX + path for path in ("/plots/{code}", "/findings/{finding_id}", "/statements/{code}", "/tasks")]
# a mark, a box or a fitting act is more than a description can say: what it allows may still be refused
UNASKED = ("positive_data_acceptance", "unsupported_method")
REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428", "429", "503"]

Known = Mapping[Operation, Mapping[str, set[str]]]  # by operation and place, such as path.code


class Tally:
    """What the cases of all roles came to."""

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        self.tried: set[str] = set()
        self.reached: set[str] = set()
        self.wrong: list[str] = []

    def count(self, who: str, recorder: ScenarioRecorder) -> None:
        """Count the cases of one scenario."""
        for number, interaction in recorder.interactions.items():
            operation = recorder.cases[number].value.operation.label
            self.tried.add(operation)
            if interaction.response is None:
                self.wrong.append(f"{operation} by {who} is not answered")
                continue
            self.answers[interaction.response.status_code] += 1
            if 200 <= interaction.response.status_code < 300:
                self.reached.add(operation)
        for number, checks in recorder.checks.items():
            operation = recorder.cases[number].value.operation.label
            failed = (check for check in checks if check.failure_info)
            self.wrong += [f"{operation} by {who}: {check.name}: {_told(check)}" for check in failed]


def _told(check: Any) -> str:
    return " ".join(str(check.failure_info.failure).split())


def run(trial: Trial) -> Outcome:
    """Let the description be tried by every role; as a control, on a build that asks nobody who they are."""
    full = trial.full and not trial.control
    tally = Tally()
    with fresh_park(trial) as world:
        targets = fill(world)
        if trial.control:
            world.app.state.authenticate = lambda *_credentials: world.actors["manager"]
        who, only = ACTORS if full else {"manager": "manager"}, None if full else SHORT
        known = {role: _known(world, targets["own"], role, only) for role in who}  # before anybody changes anything
        for role, code in who.items():
            _try(world, code, _config(trial.seed, known[role], examples=12 if full else 2), tally, only)
    cases, share = tally.answers.total(), len(tally.reached) / len(tally.tried)
    if full and cases < LEAST_CASES:
        tally.wrong.append(f"only {cases} cases")
    if share < LEAST_REACHED:
        tally.wrong.append(f"only {share:.0%} of the operations do what they are for")
    tried = f"{cases} cases of {len(tally.tried)} operations, {share:.0%} of which did what they are for"
    return Outcome(not tally.wrong, summary(tally.wrong, tried))


def _config(seed: int, known: Known, *, examples: int) -> SchemathesisConfig:
    """Return a configuration in which the generator often names records that there are."""
    chance = random.Random(seed)
    dictionaries: dict[str, Any] = {}
    operations = []
    for operation, places in known.items():
        bound = {}
        for place, values in places.items():
            name = f"known_{len(dictionaries)}"
            dictionaries[name] = {"values": chance.sample(sorted(values), len(values))}
            bound[place] = {"dictionary": name, "probability": OFTEN}
        operations.append({"include-name": " ".join(operation), "parameters": bound})
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "generation": {"max-examples": examples, "database": "none"},
            "checks": {name: {"enabled": False} for name in UNASKED}
            | {"negative_data_rejection": {"expected-statuses": REFUSED}},
            "dictionaries": dictionaries,
            "operations": operations,
        }
    )


def _known(world: World, target: Target, role: str, only: Sequence[str] | None) -> Known:
    """Return what good requests name in their addresses, and the state that they have seen."""
    known: dict[Operation, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for operation, path in COMMON.items():
        if only is None or operation[1] in only:
            _note(known[operation], operation, path)
    for operation, maker in ITEMS.items():
        for _ in range(KNOWN if only is None or operation[1] in only else 0):
            call = maker(world, target, role)
            _note(known[operation], operation, call.path)
            if seen := call.headers.get("If-Match"):
                known[operation]["header.if-match"].add(seen)
    return {operation: places for operation, places in known.items() if places}


def _note(values: dict[str, set[str]], operation: Operation, path: str) -> None:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/?]+)", operation[1])
    found = re.match(pattern, path)
    assert found, path
    for name, value in found.groupdict().items():
        values[f"path.{name}"].add(value)


def _try(world: World, who: str, config: SchemathesisConfig, tally: Tally, only: Sequence[str] | None) -> None:
    client = world.client(who)
    config.projects.default.headers = {"Authorization": client.headers["authorization"]}
    description = client.get(f"{PREFIX}/openapi.json").json()
    if only:
        description["paths"] = {path: description["paths"][path] for path in only}
    schema = schemathesis.openapi.from_dict(description, config=config)
    schema.app, schema.location = world.app, f"{PREFIX}/openapi.json"
    own = world.read("host", lambda session: {token.id for token, _ in tokens(session, user_by_code(session, who))})
    revoke = sign_in_actions.revoke_token

    def spare(session: Session, actor: Actor, token_id: UUID) -> ApiToken:
        """Let nobody revoke the token that is used."""
        return session.get_one(ApiToken, token_id) if token_id in own else revoke(session, actor, token_id)

    with patch.object(sign_in_actions, "revoke_token", spare):
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                tally.count(who, event.recorder)
            elif isinstance(event, events.NonFatalError):
                tally.wrong.append(f"{event.label} by {who}: {event.value}")
            elif isinstance(event, events.FatalError):
                raise event.exception
    if client.get(f"{PREFIX}/me").status_code != 200:
        tally.wrong.append(f"{who} was signed out on the way")


CHECK = Check(
    name="I1",
    claim="Whatever the description of the API allows or does not allow is answered as described, to every role",
    target="0 answers of 5xx, 0 otherwise than described, 0 without a sign-in; at least 60 % of operations succeed",
    control="a build that asks nobody who they are",
    run=run,
)
