"""The park with something of everything on every plot, for tests that try each operation on each record.

Each target is a plot with its contract, as `green-1` and the people of zone N see it. `supervisor-n` is posted to zone
N alone. On each plot lie a task, a score, a confirmed finding with a photo, its clean picture and a paper, a finding
that nobody has confirmed; each contract has an approved statement of January, and an amendment for December.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image
from sqlmodel import Session, col, select

from service.access.actions import add_user, give_role
from service.access.queries import actor_of, organisation_by_code, user_by_code
from service.contracts.actions import sign_contract
from service.contracts.models import Contract
from service.core.actor import WORKER, Actor, Role
from service.core.dates import half_open
from service.core.db import now
from service.core.ids import new_id
from service.documents.actions import NewDocument, file_document
from service.documents.rules import DocumentKind, On
from service.evidence.actions import note_rendition
from service.evidence.models import Rendition
from service.evidence.store import Store
from service.findings.actions import add_photo
from service.findings.queries import finding_by_id
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.plots.actions import post_to_zones
from service.schemes.models import SchemeVersion
from service.workplan.actions import enter_tasks
from service.workplan.models import Task
from tests.conftest import World
from tests.park import amend, changed, new_contract, new_line

ACTORS = {
    "viewer": "viewer",
    "inspector": "inspector",
    "supervisor": "supervisor-n",
    "contractor": "green-1",
    "manager": "manager-2",
    "auditor": "auditor",
    "admin": "admin",
}


@dataclass
class Target:
    """A plot, its contract, and what lies there."""

    plot: str
    contract: str
    contractor: str
    inspector: str
    finding: UUID | None = None
    finding_code: str = ""
    photo: UUID | None = None
    document: UUID | None = None
    statement: str = ""
    amendment: UUID | None = None
    task: UUID | None = None
    score: UUID | None = None


TARGETS = {
    "own": Target("N-1", "C1", "green", "inspector"),
    "same contract": Target("N-2", "C1", "green", "inspector"),
    "other contract": Target("S-2", "C3", "green", "inspector-s"),
    "other contractor": Target("S-1", "C2", "river", "inspector-s"),
}
IN_SIGHT = {
    "ok": set(TARGETS),
    "zone": {"own", "same contract"},
    "own": {"own", "same contract", "other contract"},
    "none": set(),
}


def jpeg(shade: int) -> bytes:
    """Return a small picture of one shade: other bytes for another."""
    out = BytesIO()
    Image.new("RGB", (8, 8), (shade % 256, shade // 256 % 256, 90)).save(out, "JPEG")
    return out.getvalue()


def fill(world: World) -> dict[str, Target]:
    """Put something of everything into the park; return the targets. It is 2 March 2013 afterwards."""
    targets = {name: Target(t.plot, t.contract, t.contractor, t.inspector) for name, t in TARGETS.items()}
    _third_contract(world)
    _supervisor_of_north(world)
    world.act("host", add_user_like, "admin-2", Role.ADMIN)
    world.actors["admin-2"] = world.read("host", lambda session: actor_of(user_by_code(session, "admin-2")))
    world.act("host", _tasks_and_scores, world.plots, targets)
    world.on(date(2013, 1, 20))
    store = Store(world.folder / "files")
    for shade, target in enumerate(targets.values()):
        target.finding = world.file(target.plot, by=target.inspector)
        world.file(target.plot, by=target.inspector)
        world.confirm(target.finding)
        target.finding_code = world.read("auditor", finding_by_id, target.finding).finding.code
        content = jpeg(shade)
        store.put(content)
        photo, _new = world.act(target.inspector, add_photo, target.finding, content, sha256(content).hexdigest())
        target.photo = photo.id
        target.document = paper(world, target.inspector, On.FINDING, target.finding, target.plot)
    _clean_pictures(world, store)
    world.on(date(2013, 2, 2))
    december = half_open(date(2013, 12, 1), date(2013, 12, 31))
    for target in targets.values():
        target.statement = f"{target.contract}-2013-01"
        target.amendment = world.act("manager", amend, target.contract, changed(target.plot, december, price="3.6")).id
    for contract in ("C1", "C2", "C3"):
        world.settle(contract, 1)
    world.on(date(2013, 3, 2))
    return targets


def paper(world: World, who: str, on: On, record: UUID, title: str) -> UUID:
    """Let somebody hang a paper on a record; return its id."""
    content = f"%PDF-1.7 {title}".encode()
    digest = Store(world.folder / "files").put(content)
    new = NewDocument(on, record, DocumentKind.REPORT, title, date(2013, 1, 18))
    filed, _new = world.act(who, file_document, new_id(), new, content, digest)
    return filed.document.id


def _third_contract(world: World) -> None:
    with world.session("host", write=True) as session:
        scheme = session.exec(select(SchemeVersion)).one()
        green = organisation_by_code(session, "green")
        lines = [new_line(world.plots["S-2"], "S-2", "500.00", "2")]
        sign_contract(session, world.actors["host"], new_contract("C3", green.id, scheme.id), lines)


def _supervisor_of_north(world: World) -> None:
    host = world.actors["host"]
    with world.session("host", write=True) as session:
        eye = organisation_by_code(session, "eye")
        code = ACTORS["supervisor"]
        user = add_user(session, host, code=code, name="Nora", role=Role.SUPERVISOR, organisation=eye, language="zh")
        post_to_zones(session, host, user, ["N"])
        world.actors[code] = actor_of(user)


def add_user_like(session: Session, actor: Actor, code: str, role: Role = Role.VIEWER) -> str:
    """Open another account of the authority; return its code."""
    park = organisation_by_code(session, "park")
    return add_user(session, actor, code=code, name=code.title(), role=role, organisation=park, language="en").code


def propose(session: Session, actor: Actor, code: str, role: Role = Role.MANAGER) -> UUID:
    """Propose a weighty role for an account; return the proposal's id."""
    grant = give_role(session, actor, user_by_code(session, code), role)
    assert grant, "such a role is only proposed"
    return grant.id


def _tasks_and_scores(session: Session, actor: Actor, plots: dict[str, UUID], targets: dict[str, Target]) -> None:
    contracts = {contract.code: contract for contract in session.exec(select(Contract).order_by(col(Contract.code)))}
    rows = [(plots[target.plot], contracts[target.contract]) for target in targets.values()]
    due: dict[str, Any] = {"operation": "mowing", "due_from": date(2013, 1, 1), "due_until": date(2013, 1, 31)}
    tasks = [Task(plot_id=plot, contract_id=contract.id, **due) for plot, contract in rows]
    days: dict[str, Any] = {"valid_from": date(2013, 1, 1), "valid_to": date(2013, 2, 1)}
    known: dict[str, Any] = {"recorded_at": now(session), "recorded_by": actor.code}
    scores = [
        Score(plot_id=plot, contract_id=contract.id, channel="visit", score=Decimal("91.5"), **days, **known)
        for plot, contract in rows
    ]
    enter_tasks(session, actor, tasks, source=contracts["C1"])
    enter_scores(session, actor, scores, source=contracts["C1"])
    for target, task, score in zip(targets.values(), tasks, scores, strict=True):
        target.task, target.score = task.id, score.id


def _clean_pictures(world: World, store: Store) -> None:
    with world.database.transaction(WORKER) as session:
        for rendition in session.exec(select(Rendition)).all():
            picture = store.put(jpeg(1000))
            note_rendition(session, WORKER, rendition.id, sha256=picture, made={"width": 8, "height": 8})
