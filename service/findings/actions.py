"""What is done to findings. Fetch what the actor may see, ask a rule, write, record."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import shapely
from sqlmodel import Session, select

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.contracts.queries import held_cover, lock_contracts
from service.core.actor import Actor, Role
from service.core.db import insert, now, today
from service.core.errors import IdTaken, Stale, found
from service.core.numbers import next_number
from service.evidence import actions as evidence
from service.evidence.rules import media_type_of
from service.findings import queries, rules
from service.findings.models import Finding, FindingEvent, FindingPhoto
from service.findings.queries import FindingRecord
from service.findings.rules import FILERS, Act, State
from service.plots.queries import plot_as_of
from service.standards.queries import finding_type, workdays
from service.standards.rules import deadline


@dataclass(frozen=True)
class NewFinding:
    """What somebody files. `point`: lon/lat, on the plot; None: the whole plot. The type says the unit."""

    plot: str
    type: str
    severity: rules.Severity
    quantity: Decimal
    text: str
    point: shapely.Point | None
    found_on: date


def file_finding(session: Session, actor: Actor, finding_id: UUID, new: NewFinding) -> tuple[FindingRecord, bool]:
    """File a finding. Sent again, it is returned as it was filed, with False for not new."""
    require(actor, *FILERS)
    if known := session.exec(select(Finding).where(Finding.id == finding_id)).one_or_none():
        _refuse_other(session, actor, known, new)
        return queries.finding_by_id(session, known.id), False
    record = plot_as_of(session, new.plot, as_of=new.found_on)
    kind = finding_type(session, new.type, on=new.found_on)
    rules.refuse_nothing(new.quantity)
    rules.refuse_later(new.found_on, today(session))
    if new.point is not None:
        rules.refuse_off_plot(record.version.shape, new.point, new.plot)
    cover = held_cover(session, record.plot.id, new.found_on)
    number = next_number(session, f"finding {new.found_on.year}")
    assert actor.user_id
    finding = Finding(
        id=finding_id,
        code=f"F-{new.found_on.year}-{number:04}",
        plot_id=record.plot.id,
        contract_id=cover and cover.contract.id,
        type=kind.code,
        severity=new.severity,
        quantity=new.quantity,
        unit=kind.unit,
        text=new.text,
        point=new.point,
        found_on=new.found_on,
        filed_at=now(session),
        filed_by=actor.user_id,
    )
    step = _step(session, actor, finding, 1, State.FILED)
    insert(session, finding, step, taken=IdTaken())
    audit_log.record(session, actor, "finding.file", finding, after=[finding, step])
    return FindingRecord(finding, record.plot, cover.contract if cover else None, step), True


def act_on_finding(
    session: Session, actor: Actor, finding_id: UUID, act: Act, *, seen: str | None = None, note: str = ""
) -> FindingRecord:
    """Take the next step in a finding's life. `seen`: the number of the last step that the actor has seen."""
    lock_contracts(session, session.exec(select(Finding.contract_id).where(Finding.id == finding_id)).all())
    record = queries.finding_by_id(session, finding_id)
    finding, last = record.finding, record.last
    if seen is not None and seen != str(last.number):
        raise Stale
    target = rules.move(last.state, act, actor.role, own=finding.filed_by == actor.user_id)
    step = _step(session, actor, finding, last.number + 1, target, note)
    step.due_on, step.due_is_provisional = last.due_on, last.due_is_provisional
    if target is State.CONFIRMED:
        kind = finding_type(session, finding.type)
        step.due_on, step.due_is_provisional = deadline(
            today(session), kind.cure_days, kind.cure_unit, workdays(session)
        )
    insert(session, step, taken=Stale())  # of two at once, the database lets one have the number
    audit_log.record(session, actor, f"finding.{act.value}", finding, before=[last], after=[step])
    return record._replace(last=step)


def add_photo(
    session: Session, actor: Actor, finding_id: UUID, content: bytes, sha256: str
) -> tuple[FindingPhoto, bool]:
    """Hang a photo, whose bytes the store already holds, on a finding. The same again is returned, with False."""
    require(actor, *FILERS, Role.CONTRACTOR)
    record = queries.finding_by_id(session, finding_id)
    finding = record.finding
    if known := queries.photo_by_hash(session, finding.id, sha256):
        return known, False
    rules.refuse_closed(record.state)
    media_type_of(content)
    file = evidence.keep(session, actor, content, sha256)
    assert actor.user_id
    photo = FindingPhoto(finding_id=finding.id, file_id=file.id, at=now(session), by=actor.user_id)
    insert(session, photo, taken=IdTaken())
    audit_log.record(session, actor, "finding.photo", finding, after=[photo])
    return photo, True


def _step(session: Session, actor: Actor, finding: Finding, number: int, state: State, note: str = "") -> FindingEvent:
    assert actor.user_id
    return FindingEvent(
        finding_id=finding.id,
        number=number,
        state=state,
        at=now(session),
        by=actor.user_id,
        by_name=actor.name,
        note=note,
    )


def _refuse_other(session: Session, actor: Actor, known: Finding, new: NewFinding) -> None:
    """The same id with other content is refused; only the filer's own retry is the same content."""
    plot = found(queries.finding_by_id(session, known.id)).plot
    stored = NewFinding(plot.code, known.type, known.severity, known.quantity, known.text, known.point, known.found_on)
    same_point = (stored.point is None) == (new.point is None) and (
        stored.point is None or new.point is None or stored.point.equals_exact(new.point, 0)
    )
    offered, kept = (vars(facts) | {"point": None} for facts in (new, stored))
    if offered != kept or not same_point or known.filed_by != actor.user_id:
        raise IdTaken
