"""Z4: who may do what in which state, and two people behind every deduction and every statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from service.core.actor import Role
from service.core.db import rehearsal
from service.core.errors import Conflict, Forbidden, NotFound
from service.findings import rules as findings
from service.findings.actions import act_on_finding
from service.findings.rules import Act, State
from service.migrations import upgrade
from service.settlement import rules as settlement
from service.settlement.actions import decide_statement, prepare_statement
from service.settlement.rules import Decision
from tests.conftest import World, park
from tests.park import PEOPLE, month_of
from tests.proof.check import Check, Outcome, Trial

MAKING = {  # how a finding comes into each state
    "filed": (),
    "confirmed": ((Act.CONFIRM, "manager-2"),),
    "cured": ((Act.CONFIRM, "manager-2"), (Act.REPORT_CURED, "green-1")),
    "sent_back": ((Act.CONFIRM, "manager-2"), (Act.REPORT_CURED, "green-1"), (Act.SEND_BACK, "inspector")),
    "verified": ((Act.CONFIRM, "manager-2"), (Act.REPORT_CURED, "green-1"), (Act.VERIFY, "inspector")),
    "withdrawn": ((Act.WITHDRAW, "manager"),),
}
# who may: act by state, in the words of the rules. Findings are on N-1, filed by `manager`; green-1 holds the contract.
ZONE = ("inspector", "supervisor", "manager", "manager-2")
MAY = {
    ("filed", "confirm"): ("supervisor", "manager-2"),
    ("filed", "withdraw"): ZONE,
    ("confirmed", "report_cured"): ("green-1",),
    ("confirmed", "withdraw"): ("supervisor", "manager", "manager-2"),
    ("cured", "verify"): ZONE,
    ("cured", "send_back"): ZONE,
    ("sent_back", "report_cured"): ("green-1",),
    ("sent_back", "withdraw"): ("supervisor", "manager", "manager-2"),
}


def run(trial: Trial) -> Outcome:
    """Let everybody try everything; as a control, a viewer may confirm, and one person is enough."""
    url = f"sqlite:///{trial.folder}/greenkeep.db"
    upgrade(url)
    with park(url, trial.folder) as world:
        ids = made(world)
        world.on(date(2013, 2, 1))
        code = world.prepare("C1", 1)
        if trial.control:
            with one_is_enough():
                steps, wrong = tried(world, ids, code)
        else:
            steps, wrong = tried(world, ids, code)
    figure = f"{steps} attempts, {len(wrong)} otherwise than allowed"
    return Outcome(not wrong, figure + "".join(f"; {each}" for each in wrong[:3]))


def made(world: World) -> dict[str, UUID]:
    """File a finding for each state, and bring it there."""
    world.on(date(2013, 1, 10))
    ids = {}
    for state, steps in MAKING.items():
        ids[state] = world.file("N-1", by="manager")
        for act, who in steps:
            world.take(ids[state], act, who)
    return ids


def tried(world: World, ids: dict[str, UUID], code: str) -> tuple[int, list[str]]:
    """Try every act on every state and every decision as everybody; return the number, and what came out wrong."""
    wrong, steps = [], 0
    everybody = (*PEOPLE, "host")
    for who in everybody:
        for state in State:
            for act in Act:
                steps += 1
                allowed = who in MAY.get((state.value, act.value), ())
                if _steps(world, who, ids[state.value], act) is not allowed:
                    wrong.append(f"{who} {act.value} {state.value}")
    preparing = ("manager", "manager-2", "host")
    # manager prepared it and manager-2 confirmed its findings: neither approves, either may stop it
    deciding = {Decision.APPROVED: (), Decision.SENT_BACK: ("manager", "manager-2")}
    for who in everybody:
        for decision in Decision:
            steps += 1
            if _decides(world, who, code, decision) is not (who in deciding[decision]):
                wrong.append(f"{who} {decision.value} {code}")
        steps += 1
        if _prepares(world, who) is not (who in preparing):
            wrong.append(f"{who} prepare C2")
    other = world.prepare("C2", 1)
    world.approve(other)
    for who, decision in ((who, decision) for who in everybody for decision in Decision):
        steps += 1
        if _decides(world, who, other, decision):
            wrong.append(f"{who} {decision.value} {other} again")
    return steps, wrong


def _steps(world: World, who: str, finding_id: UUID, act: Act) -> bool:
    try:
        with rehearsal(world.database, world.actors[who]) as session:
            act_on_finding(session, world.actors[who], finding_id, act)
    except (Forbidden, Conflict, NotFound):
        return False
    return True


def _decides(world: World, who: str, code: str, decision: Decision) -> bool:
    try:
        with rehearsal(world.database, world.actors[who]) as session:
            decide_statement(session, world.actors[who], code, decision)
    except (Forbidden, Conflict, NotFound):
        return False
    return True


def _prepares(world: World, who: str) -> bool:
    try:
        with rehearsal(world.database, world.actors[who]) as session:
            prepare_statement(session, world.actors[who], "C2", month_of(1))
    except (Forbidden, Conflict, NotFound):
        return False
    return True


@contextmanager
def one_is_enough() -> Iterator[None]:
    """Break the product: a viewer confirms, and nobody asks who prepared."""
    moves, refuse = findings.MOVES, settlement.refuse_same_person
    confirm, *others = moves
    assert confirm.act is Act.CONFIRM
    findings.MOVES = (confirm._replace(roles=(*confirm.roles, Role.VIEWER)), *others)
    settlement.refuse_same_person = lambda *_: None
    try:
        yield
    finally:
        findings.MOVES = moves
        settlement.refuse_same_person = refuse


CHECK = Check(
    name="Z4",
    claim="Every step that a role may not take in a state is refused; who filed does not confirm, who prepared or "
    "confirmed does not approve; a decision is not taken twice; the administrator moves no money",
    target="0 otherwise than allowed",
    control="a viewer may confirm, and who prepared may approve",
    run=run,
)
