"""Prepare a statement, decide on it. Fetch what the actor may see, ask a rule, write, record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from sqlmodel import Session

from service.access.rules import require
from service.assessment.queries import assess_period
from service.assessment.rules import Amount, Assessment
from service.audit_log import actions as audit_log
from service.contracts.models import Contract
from service.contracts.queries import contract_by_code, lock_contracts
from service.core.actor import Actor, Role
from service.core.dates import Span, period_name, periods_between
from service.core.db import insert, now, today
from service.core.errors import CodeTaken
from service.core.money import major
from service.core.numbers import next_number
from service.schemes.explanation import canonical
from service.schemes.queries import scheme
from service.settlement import queries, rules
from service.settlement.models import Statement, StatementDecision, StatementFinding, StatementLine
from service.settlement.queries import StatementRecord
from service.settlement.rules import Decision, LineKind


@dataclass(frozen=True)
class Draft:
    """A line before it has its place on a statement."""

    kind: LineKind
    rule: str
    key: str
    clause: str
    title_zh: str
    title_en: str
    for_from: date
    for_to: date
    amount_minor: int
    explanation: str


NO_INPUTS = "{}"  # a statement after the contract's end assesses nothing
Drafted = tuple[Draft, tuple[str, ...]]  # with the codes of the findings that it read


def prepare_statement(session: Session, actor: Actor, contract_code: str, period: Span) -> StatementRecord:
    """Compute a contract's statement of a period from what is known now. Corrections of earlier ones come with it.

    `period`: a calendar month or quarter, or the contract's own part of it. After the contract's end a statement closes
    it: what was learnt too late, and what is carried, is then paid or collected.
    """
    require(actor, Role.MANAGER, Role.HOST)
    contract, _ = contract_by_code(session, contract_code)
    lock_contracts(session, [contract.id])
    span = Span(contract.valid_from, contract.valid_to)
    period = rules.part_of(span, contract.settled, period)
    assert period.valid_to, "a period of settlement ends"
    closes = rules.is_closing(span, contract.settled, period)
    revision = _refuse_out_of_turn(session, contract, period)
    instant = now(session)
    own = None if closes else assess_period(session, contract, period, known_at=instant)
    drafts = [(_line(own, amount), amount.findings) for amount in own.amounts] if own else []
    closed = queries.approved(session, contract)
    drafts += _corrections(session, contract, [record for record in closed if span.holds(record.statement.valid_from)])
    if closed and (carried := _carried(session, contract, period, closed[-1])):
        drafts.append((carried, ()))
    if not (own or drafts):
        raise rules.NothingLeft(contract=contract.code)
    rules.refuse_beyond([line.amount_minor for line, _ in drafts], own.score if own else None)
    payable, _rest = rules.payable(
        [line.amount_minor for line, _ in drafts], "collect" if closes else _below_zero(session, contract)
    )
    statement = Statement(
        code=_code(contract, period, revision),
        contract_id=contract.id,
        scheme_id=contract.scheme_id,
        valid_from=period.valid_from,
        valid_to=period.valid_to,
        revision=revision,
        known_at=instant,
        prepared_by=actor.user_id,
        prepared_by_name=actor.name or actor.code,
        prepared_at=instant,
        currency=contract.currency,
        payable_minor=payable,
        score=own.score if own else None,
        inputs=own.inputs if own else NO_INPUTS,
        sha256=own.sha256 if own else sha256(NO_INPUTS.encode()).hexdigest(),
    )
    entered = _write(session, statement, drafts)
    audit_log.record(session, actor, "statement.prepare", statement, after=[statement, *entered])
    return queries.statement_by_code(session, statement.code)


def decide_statement(
    session: Session, actor: Actor, statement_code: str, decision: Decision, *, reason: str = ""
) -> StatementRecord:
    """Approve a statement, which closes its period, or send it back. Never approved by whoever has a part in it.

    Sending back takes no second person: what somebody sees to be wrong, anybody in charge may stop.
    """
    require(actor, Role.MANAGER)
    lock_contracts(session, [queries.statement_by_code(session, statement_code).statement.contract_id])
    record = queries.statement_by_code(session, statement_code)
    statement = record.statement
    if record.decision:
        raise rules.AlreadyDecided
    if decision is Decision.APPROVED:
        rules.refuse_same_person(actor.user_id, statement.prepared_by, queries.involved(session, record))
    assert actor.user_id
    entered = StatementDecision(
        statement_id=statement.id,
        contract_id=statement.contract_id,
        decision=decision,
        by=actor.user_id,
        by_name=actor.name,
        at=now(session),
        reason=reason,
        number=next_number(session, f"approval {today(session).year}") if decision is Decision.APPROVED else None,
    )
    insert(session, entered, taken=rules.AlreadyDecided())
    audit_log.record(session, actor, f"statement.{decision.value}", statement, after=[entered])
    return queries.statement_by_code(session, statement.code)


def _refuse_out_of_turn(session: Session, contract: Contract, period: Span) -> int:
    """Periods are settled one after another, each once; return which revision of the statement this is."""
    span = Span(contract.valid_from, contract.valid_to)
    level = contract.settled
    name = period_name(period.valid_from, level)
    closing = [period] if rules.is_closing(span, level, period) else []
    if period not in [*periods_between(span, level), *closing]:
        raise rules.NoSuchPeriod(period=name, contract=contract.code)
    rules.refuse_running(period, today(session), name)
    by_first: dict[object, list[StatementRecord]] = {}
    for record in queries.statements(session, contract=contract.id):
        by_first.setdefault(record.statement.valid_from, []).append(record)
    for record in (r for records in by_first.values() for r in records if r.decision is None):
        raise rules.AwaitsDecision(statement=record.statement.code)
    for other in (*periods_between(span, level), *closing):
        records = by_first.get(other.valid_from, [])
        closed = any(r.state == Decision.APPROVED.value for r in records)
        if other == period:
            if closed:
                raise rules.PeriodClosed(period=name)
            return len(records) + 1
        if not closed:
            raise rules.PeriodOpen(period=period_name(other.valid_from, level))
    raise rules.NoSuchPeriod(period=name, contract=contract.code)


def _line(own: Assessment, amount: Amount) -> Draft:
    assert own.span.valid_to
    return Draft(
        kind=LineKind.EARNED if amount.earned else LineKind.DEDUCTED,
        rule=amount.rule,
        key=amount.key,
        clause=amount.clause,
        title_zh=amount.title_zh,
        title_en=amount.title_en,
        for_from=own.span.valid_from,
        for_to=own.span.valid_to,
        amount_minor=amount.amount_minor,
        explanation=canonical(amount.node).decode(),
    )


def _corrections(session: Session, contract: Contract, closed: Sequence[StatementRecord]) -> Iterator[Drafted]:
    """Compute each closed period anew from what is known now; what differs from what was posted for it is corrected."""
    for earlier in closed:
        fresh = assess_period(session, contract, earlier.span, known_at=now(session))
        posted: dict[tuple[str, str], int] = {}
        for line in queries.lines_for(session, contract, earlier.span):
            if line.kind is not LineKind.CARRIED:  # it is about the balance of an earlier statement, not about a period
                place = (line.rule, line.key)
                posted[place] = posted.get(place, 0) + line.amount_minor
        due = {(amount.rule, amount.key): amount for amount in fresh.amounts}
        owed = {place: due[place].amount_minor if place in due else 0 for place in dict.fromkeys([*due, *posted])}
        differing = [place for place, amount in owed.items() if amount != posted.get(place, 0)]
        if not differing:
            continue
        then = assess_period(session, contract, earlier.span, known_at=closed[-1].statement.known_at)
        known = {(a.rule, a.key): a for a in then.amounts} | due
        changed = rules.changed_facts(then.inputs, fresh.inputs)
        for place in differing:
            was = posted.get(place, 0)
            yield _correction(contract, earlier, known[place], was, owed[place] - was, changed)


def _correction(
    contract: Contract,
    earlier: StatementRecord,
    amount: Amount,
    posted: int,
    difference: int,
    changed: Mapping[str, Sequence[str]],
) -> Drafted:
    node = {
        "rule": "correction",
        "title": {"zh": amount.title_zh, "en": amount.title_en},
        "clause": amount.clause,
        "formula": "now - posted",
        "numbers": f"{major(posted + difference, contract.currency)} - {major(posted, contract.currency)}",
        "result": str(major(difference, contract.currency)),
        "of": earlier.statement.code,
        "changed": changed,
        "children": [amount.node],
    }
    line = Draft(
        kind=LineKind.CORRECTION,
        rule=amount.rule,
        key=amount.key,
        clause=amount.clause,
        title_zh=amount.title_zh,
        title_en=amount.title_en,
        for_from=earlier.statement.valid_from,
        for_to=earlier.statement.valid_to,
        amount_minor=difference,
        explanation=canonical(node).decode(),
    )
    return line, tuple(changed.get("findings", ()))


def _carried(session: Session, contract: Contract, period: Span, last: StatementRecord) -> Draft | None:
    """What the last statement left below zero, where the scheme carries it."""
    rest = sum(line.amount_minor for line in queries.lines(session, last.statement)) - last.statement.payable_minor
    if not rest or not period.valid_to:
        return None
    result = str(major(rest, contract.currency))
    node = {"rule": "carried", "formula": "carried", "result": result, "of": last.statement.code, "children": []}
    return Draft(
        kind=LineKind.CARRIED,
        rule="carried",
        key="",
        clause="",
        title_zh="上期结转",
        title_en="Carried from the last statement",
        for_from=period.valid_from,
        for_to=period.valid_to,
        amount_minor=rest,
        explanation=canonical(node).decode(),
    )


def _below_zero(session: Session, contract: Contract) -> str:
    """What becomes of a statement below zero. A line gives what its period waives: what is left is carried."""
    payment = scheme(session, contract.scheme_id).payment
    assert payment, "a scheme without payment is refused before"
    return queries.BELOW_ZERO.get(payment.below_zero, payment.below_zero)


def _code(contract: Contract, period: Span, revision: int) -> str:
    name = f"{contract.code}-{period_name(period.valid_from, contract.settled)}"
    return name if revision == 1 else f"{name}-r{revision}"


def _write(session: Session, statement: Statement, drafts: Sequence[Drafted]) -> list[StatementLine | StatementFinding]:
    insert(session, statement, taken=CodeTaken(code=statement.code))
    ids = queries.finding_ids(session, [code for _, codes in drafts for code in codes])
    lines = [
        StatementLine(statement_id=statement.id, contract_id=statement.contract_id, number=number, **asdict(draft))
        for number, (draft, _) in enumerate(drafts, start=1)
    ]
    entered: list[StatementLine | StatementFinding] = []
    for line, (_, codes) in zip(lines, drafts, strict=True):
        links = [
            StatementFinding(line_id=line.id, finding_id=ids[code], contract_id=line.contract_id) for code in codes
        ]
        insert(session, line, *links, taken=CodeTaken(code=statement.code))
        entered += [line, *links]
    return entered
