"""M7: a settled period never changes, whatever changes around it."""

import json
from datetime import date
from hashlib import sha256

from service.assessment.queries import assess_period
from service.contracts.queries import contract_by_code
from service.core.db import now
from service.migrations import upgrade
from service.schemes.explanation import canonical
from service.settlement.queries import lines, statement_by_code
from service.settlement.rules import LineKind
from tests.conftest import World, park
from tests.park import month_of
from tests.proof.check import Check, Outcome, Trial
from tests.service.settlement.upheaval import replayed, stored, upheave


def run(trial: Trial) -> Outcome:
    """Settle months, change everything, compare; as a control, look at amounts worked anew instead of the stored ones.

    The next statement must show each difference as a correction beside its own lines.
    """
    months = range(1, 7 if trial.full else 3)
    url = f"sqlite:///{trial.folder}/greenkeep.db"
    upgrade(url)
    with park(url, trial.folder) as world:
        for month in months:
            world.on(date(2013, month, 10))
            world.confirm(world.file("N-1", quantity=str(month)))
            world.on(date(2013, month + 1, 1))
            world.settle("C1", month)
        codes = {month: f"C1-2013-{month:02}" for month in months}
        digest = anew if trial.control else as_stored
        before = {month: digest(world, code) for month, code in codes.items()}
        upheave(world)
        after = {month: digest(world, code) for month, code in codes.items()}
        moved = sum(before[month] != after[month] for month in months)
        other = sum(replayed(world, code) != stored(world, code) for code in codes.values())
        world.on(date(2013, len(months) + 2, 1))
        silent = not corrected(world, world.prepare("C1", len(months) + 1))
    ok = not moved and not other and not silent
    figure = f"{len(codes)} statements, {moved} moved, {other} replayed otherwise, "
    return Outcome(ok, figure + ("no correction" if silent else "corrections in the next one"))


def as_stored(world: World, code: str) -> str:
    """Return the hash of all that a statement says over HTTP: its lines, and every explanation."""
    client, base = world.client("auditor"), f"/api/v1/statements/{code}"
    answer = client.get(base)
    digest = sha256(answer.content)
    for line in answer.json()["lines"]:
        digest.update(client.get(line["explanation"]).content)
    return digest.hexdigest()


def anew(world: World, code: str) -> str:
    """Return the hash of what the same period would come to now."""
    with world.session("auditor") as session:
        statement = statement_by_code(session, code).statement
        contract, _ = contract_by_code(session, "C1")
        fresh = assess_period(session, contract, month_of(statement.valid_from.month), known_at=now(session))
    return sha256(b"".join(canonical(amount.node) for amount in fresh.amounts)).hexdigest()


def corrected(world: World, code: str) -> list[str]:
    """Return what a statement corrects."""
    with world.session("auditor") as session:
        rows = lines(session, statement_by_code(session, code).statement)
    return [json.loads(row.explanation)["of"] for row in rows if row.kind is LineKind.CORRECTION]


CHECK = Check(
    name="M7",
    claim="A statement stays byte for byte when price, rules, contract, boundary, findings and catalogue change; "
    "its frozen inputs give the same again; what is learnt later is a correction in the next",
    target="0 moved, 0 replayed otherwise",
    control="amounts worked anew instead of kept",
    run=run,
)
