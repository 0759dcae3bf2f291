"""What the authority does to contracts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, select

from service.access.models import Authority, Organisation
from service.access.rules import require
from service.audit_log import actions as audit_log
from service.contracts import amendments, changes, queries, rules
from service.contracts.changes import Agreed, LineChange
from service.contracts.coverage import clashes
from service.contracts.described import NewLine
from service.contracts.models import (
    Amendment,
    AmendmentChange,
    Contract,
    ContractLine,
    ContractLineVersion,
    ContractParty,
)
from service.core.actor import Actor, Role
from service.core.dates import Span
from service.core.db import insert, lock, now, today
from service.core.errors import CodeTaken, IdTaken, known
from service.plots.queries import register
from service.schemes.queries import scheme
from service.standards.queries import grades


def sign_contract(
    session: Session,
    actor: Actor,
    contract: Contract,
    lines: Sequence[NewLine],
    parties: Sequence[tuple[str, Organisation]] = (),
) -> Contract:
    """Enter a contract with its lines.

    Refused when its code is too long, when its scheme cannot pay it, when a line leaves the contract, or its plot is
    covered already.
    """
    require(actor, Role.HOST, Role.MANAGER)
    rules.refuse_long_code(contract.code)
    for misfit in rules.misfits(contract.currency, contract.settled, scheme(session, contract.scheme_id)):
        raise misfit
    rules.refuse_too_much([line.yearly for line in lines], contract.currency)
    terms = queries.terms_of(contract)
    _refuse_covered_twice(session, contract, lines)
    numbers = {plot_id: n for n, plot_id in enumerate(dict.fromkeys(line.plot_id for line in lines), start=1)}
    recorded = [_recorded(numbers[line.plot_id], line.plot_code, line) for line in lines]
    contract.price_minor = changes.price_minor(terms, rules.pieces_of(recorded, terms.span))
    insert(session, contract, taken=CodeTaken(code=contract.code))
    entered: list[ContractLine | ContractLineVersion | ContractParty] = [
        ContractParty(contract_id=contract.id, organisation_id=organisation.id, part=part)
        for part, organisation in parties
    ]
    own = {plot_id: ContractLine(contract_id=contract.id, plot_id=plot_id, number=n) for plot_id, n in numbers.items()}
    entered += own.values()
    for line in lines:
        rules.refuse_outside(terms.span, line.span)
        entered.append(_version(session, own[line.plot_id], line))
    insert(session, *entered, taken=CodeTaken(code=contract.code))
    audit_log.record(session, actor, "contract.sign", contract, after=[contract, *entered])
    return contract


def _version(
    session: Session, line: ContractLine, new: NewLine, amendment: Amendment | None = None
) -> ContractLineVersion:
    return ContractLineVersion(
        subject_id=line.id,
        valid_from=new.span.valid_from,
        valid_to=new.span.valid_to,
        recorded_at=now(session),
        quantity=new.quantity,
        unit=new.unit,
        basis=new.basis,
        unit_price=new.unit_price,
        grade=new.grade,
        amendment_id=amendment.id if amendment else None,
    )


def _refuse_covered_twice(session: Session, contract: Contract, lines: Sequence[NewLine]) -> None:
    """Refuse a plot that another contract, or another of these lines, covers on some of the days."""
    session.exec(select(Authority).with_for_update())  # one contract after another: two at once could both find it free
    for _, refusal in clashes(session, lines, code=contract.code, besides=contract.id):
        raise refusal


@dataclass(frozen=True)
class NewAmendment:
    """What both parties signed: when, why, in which document, and what it changes from which day until which."""

    signed_on: date
    reason: str
    document: str
    changes: tuple[LineChange, ...]


def amend_contract(
    session: Session, actor: Actor, contract_code: str, amendment_id: UUID, new: NewAmendment
) -> tuple[Amendment, bool]:
    """Enter an amendment, which changes lines on days past or future.

    The same again is returned, with False for not new; the same id with other content is refused. So is what another
    contract covers by now, and a price beyond what can be settled.

    An addition beyond the ceiling is entered: it was signed, and everybody shall see it.
    """
    require(actor, Role.HOST, Role.MANAGER)
    contract, _ = queries.contract_by_code(session, contract_code)
    lock(session, select(Authority))  # before the contract, as imports do: each would wait for the other
    queries.lock_contracts(session, [contract.id])
    if former := session.get(Amendment, amendment_id):
        _refuse_other(session, contract, former, new)
        return former, False
    changes.refuse_later(new.signed_on, today(session))
    changes.refuse_twice(new.changes)
    rows = queries.lines_of(session, contract)
    own = {plot.code: line for line, plot, _ in rows}
    fresh = _fresh(session, contract, own, new.changes)
    lines = own | fresh
    drafts = [draft for change in new.changes for draft in _drafts(session, contract, lines, rows, change)]
    _refuse_covered_twice(session, contract, drafts)
    amendment = _amendment(session, actor, contract, amendment_id, new)
    before = [_recorded(line.number, plot.code, version) for line, plot, version in rows]
    after = [*before, *(_recorded(lines[draft.plot_code].number, draft.plot_code, draft) for draft in drafts)]
    terms = queries.terms_of(contract)
    stood, stands = (rules.pieces_of(recorded, terms.span) for recorded in (before, after))
    rules.refuse_too_much([piece.yearly for piece in stands], contract.currency)
    effect = changes.effect(terms, stood, stands)
    amendment.added_minor, amendment.reduced_minor = effect.added_minor, effect.reduced_minor
    versions = [_version(session, lines[draft.plot_code], draft, amendment) for draft in drafts]
    written = [_change(amendment, lines[c.plot], n, c) for n, c in enumerate(new.changes, start=1)]
    insert(session, amendment, *fresh.values(), *written, *versions, taken=IdTaken())
    entered = [amendment, *fresh.values(), *written, *versions]
    audit_log.record(session, actor, "contract.amend", contract, after=entered)
    return amendment, True


def _refuse_other(session: Session, contract: Contract, former: Amendment, new: NewAmendment) -> None:
    """The same id with other content, or of another contract, is refused."""
    written = tuple(amendments.line_change(*row) for row in amendments.changes_of(session, [former]))
    stored = NewAmendment(former.signed_on, former.reason, former.document, written)
    if former.contract_id != contract.id or stored != new:
        raise IdTaken


def _fresh(
    session: Session, contract: Contract, own: Mapping[str, ContractLine], wanted: Sequence[LineChange]
) -> dict[str, ContractLine]:
    """Return a line for each plot that the contract never had, numbered on; the plot has to be there by then."""
    fresh: dict[str, ContractLine] = {}
    for change in wanted:
        if change.plot in own or change.plot in fresh:
            continue
        rules.refuse_outside(Span(contract.valid_from, contract.valid_to), change.span)
        places = register(session, as_of=change.span.valid_from, codes=[change.plot])
        plot = known(places[0].plot if places else None, "plot", change.plot)
        number = max((line.number for line in [*own.values(), *fresh.values()]), default=0) + 1
        fresh[change.plot] = ContractLine(contract_id=contract.id, plot_id=plot.id, number=number)
    return fresh


def _drafts(
    session: Session,
    contract: Contract,
    lines: Mapping[str, ContractLine],
    rows: Sequence[queries.LineRow],
    change: LineChange,
) -> list[NewLine]:
    """Return what holds of a change's plot on its days, once the amendment is entered."""
    rules.refuse_outside(Span(contract.valid_from, contract.valid_to), change.span)
    if change.grade:
        known(grades(session).get(change.grade), "grade", change.grade)
    standing = [(version.span, _agreed(version)) for _, plot, version in rows if plot.code == change.plot]
    return [
        NewLine(lines[change.plot].plot_id, change.plot, span, **vars(agreed))
        for span, agreed in changes.outcome(change, standing)
    ]


def _agreed(version: ContractLineVersion) -> Agreed:
    return Agreed(version.quantity, version.unit, version.basis, version.unit_price, version.grade)


def _recorded(number: int, plot: str, row: NewLine | ContractLineVersion) -> rules.Recorded:
    return number, plot, row.span, row.quantity, row.unit.value, row.unit_price


def _amendment(session: Session, actor: Actor, contract: Contract, amendment_id: UUID, new: NewAmendment) -> Amendment:
    return Amendment(
        id=amendment_id,
        contract_id=contract.id,
        number=len(amendments.amendments(session, contract)) + 1,
        signed_on=new.signed_on,
        reason=new.reason,
        document=new.document,
        added_minor=0,  # set when the lines are worked out
        reduced_minor=0,
        recorded_at=now(session),
        entered_by=actor.user_id,
        entered_by_name=actor.name or actor.code,
    )


def _change(amendment: Amendment, line: ContractLine, number: int, change: LineChange) -> AmendmentChange:
    said = {name: value for name, value in vars(change).items() if name not in ("plot", "span")}
    return AmendmentChange(amendment_id=amendment.id, line_id=line.id, number=number, **change.span._asdict(), **said)
