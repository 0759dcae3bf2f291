"""Reads of statements, and who sees them."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from service.access.models import Organisation, User
from service.assessment.rules import attribute, points_by_finding
from service.contracts.amendments import amenders
from service.contracts.models import Contract
from service.contracts.queries import contract_by_code, own_contracts
from service.core.actor import OVERSEERS, Actor, Role
from service.core.dates import Span
from service.core.db import business_date
from service.core.errors import Issue, found
from service.core.paging import behind
from service.core.scope import everything, scope_of, unscoped
from service.core.temporal import News
from service.findings.models import Finding
from service.findings.queries import FindingRecord, answerable, findings, withdrawers
from service.inspections.queries import scorers
from service.schemes.queries import scheme
from service.settlement.models import Statement, StatementDecision, StatementFinding, StatementLine
from service.settlement.rules import (
    PREPARED,
    Account,
    Decision,
    LineKind,
    account_issues,
    numbering_issues,
    sequence_issues,
)

BELOW_ZERO = {"waive": "carry"}  # what a period waives, a line of it gives; the rest is carried


for table in (Statement, StatementLine, StatementDecision, StatementFinding):
    scope_of(table, *OVERSEERS)(everything)


@scope_of(Statement, Role.CONTRACTOR)
def _own_statements(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(Statement.contract_id).in_(own_contracts(actor))


def own_statements(actor: Actor) -> Select[Any]:
    """Select the ids of the statements of a contractor's contracts."""
    statement = unscoped(Statement, "own")
    return core_select(statement.c.id).where(statement.c.contract_id.in_(own_contracts(actor)))


@scope_of(StatementLine, Role.CONTRACTOR)
def _own_lines(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(StatementLine.contract_id).in_(own_contracts(actor))


@scope_of(StatementDecision, Role.CONTRACTOR)
def _own_decisions(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(StatementDecision.contract_id).in_(own_contracts(actor))


@scope_of(StatementFinding, Role.CONTRACTOR)
def _own_links(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(StatementFinding.contract_id).in_(own_contracts(actor))


class StatementRecord(NamedTuple):
    """A statement with its contract, its contractor and what was decided on it."""

    statement: Statement
    contract: Contract
    contractor: Organisation
    decision: StatementDecision | None

    @property
    def state(self) -> str:
        """Where it stands: prepared, approved or sent_back."""
        return self.decision.decision.value if self.decision else PREPARED

    @property
    def span(self) -> Span:
        """Its period."""
        return Span(self.statement.valid_from, self.statement.valid_to)


def statements(
    session: Session,
    *,
    contract: UUID | None = None,
    contractor: UUID | None = None,
    period: Span | None = None,
    state: str = "",
    first: date | None = None,
    until: date | None = None,
    code: str = "",
    known_at: datetime | None = None,
    after: tuple[date, str] | None = None,
    limit: int | None = None,
) -> list[StatementRecord]:
    """Return statements, the latest period first, then by code; as they stood at an instant (None: now).

    `first`, `until`: those of a period that meets them.
    """
    decided = col(StatementDecision.statement_id) == col(Statement.id)
    if known_at:
        decided &= col(StatementDecision.at) <= known_at
    query: Any = (
        select(Statement, Contract, Organisation, StatementDecision)
        .join(Contract, col(Contract.id) == col(Statement.contract_id))
        .join(Organisation, col(Organisation.id) == col(Contract.contractor_id))
        .join(StatementDecision, decided, isouter=True)
    )
    if known_at:
        query = query.where(col(Statement.prepared_at) <= known_at)
    query = _narrowed(query, contract, contractor, state)
    if first:
        query = query.where(col(Statement.valid_to) > first)
    if until:
        query = query.where(col(Statement.valid_from) <= until)
    if period:
        query = query.where(Statement.valid_from == period.valid_from)
    if code:
        query = query.where(Statement.code == code)
    if after:
        day, last = after
        query = query.where(
            (col(Statement.valid_from) < day) | ((col(Statement.valid_from) == day) & (col(Statement.code) > last))
        )
    query = query.order_by(col(Statement.valid_from).desc(), col(Statement.code)).limit(limit)
    return [StatementRecord(*row) for row in session.exec(query)]


def _narrowed(query: Any, contract: UUID | None, contractor: UUID | None, state: str) -> Any:
    """Narrow what is joined with contracts and decisions."""
    if contract:
        query = query.where(Contract.id == contract)
    if contractor:
        query = query.where(Contract.contractor_id == contractor)
    if state:
        decided = col(StatementDecision.decision)
        query = query.where(decided.is_(None) if state == PREPARED else decided == Decision(state))
    return query


def statement_by_code(session: Session, code: str, known_at: datetime | None = None) -> StatementRecord:
    """Return a statement as it stood at an instant (None: now), or refuse."""
    rows = statements(session, code=code, known_at=known_at)
    return found(rows[0] if rows else None)


def lines(session: Session, statement: Statement) -> list[StatementLine]:
    """Return a statement's lines in their order."""
    query = select(StatementLine).where(StatementLine.statement_id == statement.id)
    return list(session.exec(query.order_by(col(StatementLine.number))))


def line(session: Session, statement: Statement, number: int) -> StatementLine:
    """Return one line, or refuse."""
    query = select(StatementLine).where(StatementLine.statement_id == statement.id, StatementLine.number == number)
    return found(session.exec(query).one_or_none())


def line_findings(session: Session, line_: StatementLine) -> list[FindingRecord]:
    """Return the findings that a line's explanation read, by code."""
    wanted = set(session.exec(select(StatementFinding.finding_id).where(StatementFinding.line_id == line_.id)))
    period = findings(
        session, contract=line_.contract_id, first=line_.for_from, until=Span(line_.for_from, line_.for_to).until
    )
    return sorted((r for r in period if r.finding.id in wanted), key=lambda r: r.finding.code)


class Charge(NamedTuple):
    """A line that read a finding: the points that it took off, and its part of a deduction, attributed by points."""

    record: StatementRecord
    line: StatementLine
    points: Decimal
    due_minor: int


def charges_of(session: Session, finding: Finding, *, known_at: datetime | None = None) -> list[Charge]:
    """Return the lines that read a finding, of statements that were not sent back, the earliest period first."""
    link, own = StatementFinding, StatementLine
    query = select(own).join(link, col(link.line_id) == col(own.id)).where(link.finding_id == finding.id)
    charges = []
    for own_line in session.exec(query):
        code = session.exec(select(Statement.code).where(Statement.id == own_line.statement_id)).one()
        for record in statements(session, code=code, known_at=known_at):
            if record.state != Decision.SENT_BACK.value:
                charges.append(_charge(session, record, own_line, finding))
    return sorted(charges, key=lambda charge: (charge.record.statement.valid_from, charge.line.number))


def _charge(session: Session, record: StatementRecord, line_: StatementLine, finding: Finding) -> Charge:
    points = points_by_finding(json.loads(line_.explanation))
    read = [r.finding.code for r in line_findings(session, line_)]
    parts = attribute(line_.amount_minor, [Fraction(points.get(code, 0)) for code in read])
    return Charge(record, line_, points.get(finding.code, Decimal(0)), parts[read.index(finding.code)])


def findings_of(session: Session, statement: Statement) -> set[UUID]:
    """Return the ids of all findings that a statement's lines read."""
    link, own = StatementFinding, StatementLine
    query = select(link.finding_id).join(own, col(own.id) == col(link.line_id)).where(own.statement_id == statement.id)
    return set(session.exec(query))


def awaiting(session: Session, contract_code: str, period: Span, *, prepared_by: UUID | None) -> StatementRecord | None:
    """Return the statement of a contract's part of a period that somebody has prepared and nobody decided yet."""
    contract, _ = contract_by_code(session, contract_code)
    own = (
        record
        for record in statements(session, contract=contract.id)
        if period.holds(record.statement.valid_from) and record.statement.prepared_by == prepared_by
    )
    return next((record for record in own if record.decision is None), None)


def involved(session: Session, record: StatementRecord) -> set[UUID]:
    """Return who has a part in what a statement pays, beside whoever prepared it.

    They filed, confirmed or withdrew findings that its lines read; or, since the last approved statement, they entered
    amendments or scores, or withdrew findings, of its days or earlier ones.
    """
    statement = record.statement
    closed = [r.statement for r in approved(session, record.contract) if r.statement.id != statement.id]
    since = (max(s.known_at for s in closed), max(s.valid_to for s in closed)) if closed else None
    news = News(statement.known_at, statement.valid_to, since)
    scored = select(User.id).where(col(User.code).in_(scorers(session, statement.contract_id, news)))
    return {
        *answerable(session, list(findings_of(session, statement))),
        *withdrawers(session, statement.contract_id, news),
        *amenders(session, statement.contract_id, news),
        *session.exec(scored),
    }


def finding_ids(session: Session, codes: Sequence[str]) -> dict[str, UUID]:
    """Return the ids of findings by code."""
    query = select(Finding.code, Finding.id).where(col(Finding.code).in_(codes))
    return dict(session.exec(query).all())


def approved(session: Session, contract: Contract) -> list[StatementRecord]:
    """Return a contract's approved statements, the earliest period first."""
    rows = statements(session, contract=contract.id)
    return [r for r in rows if r.decision and r.decision.decision is Decision.APPROVED][::-1]


def lines_for(session: Session, contract: Contract, span: Span) -> list[StatementLine]:
    """Return every approved line that is about one period of a contract: its own, and later corrections of it."""
    statement, decision = Statement, StatementDecision
    query = (
        select(StatementLine)
        .join(statement, col(statement.id) == col(StatementLine.statement_id))
        .join(decision, col(decision.statement_id) == col(statement.id))
        .where(
            StatementLine.contract_id == contract.id,
            StatementLine.for_from == span.valid_from,
            decision.decision == Decision.APPROVED,
        )
        .order_by(col(statement.valid_from), col(StatementLine.number))
    )
    return list(session.exec(query))


def settled_periods(session: Session) -> list[Span]:
    """Return the periods that have statements the actor sees, the newest first."""
    rows = session.exec(select(col(Statement.valid_from), col(Statement.valid_to)).distinct())
    return sorted((Span(first, end) for first, end in rows), reverse=True, key=lambda span: span.valid_from)


def plot_deductions(session: Session, period: Span) -> dict[UUID, int]:
    """Return what approved statements of a period deduct, in minor units, by the plot that it is due to (negative).

    Later corrections are of the contract: they are not divided over plots.
    """
    total: dict[UUID, int] = {}
    for record in statements(session, period=period):
        if record.state != Decision.APPROVED.value:
            continue
        for line_ in lines(session, record.statement):
            if line_.kind is not LineKind.DEDUCTED or line_.amount_minor == 0:
                continue
            points = points_by_finding(json.loads(line_.explanation))
            lost: dict[UUID, Fraction] = {}
            for r in line_findings(session, line_):
                lost[r.plot.id] = lost.get(r.plot.id, Fraction(0)) + Fraction(points.get(r.finding.code, 0))
            for plot, part in zip(lost, attribute(line_.amount_minor, list(lost.values())), strict=True):
                total[plot] = total.get(plot, 0) + part
    return total


def balance_issues(session: Session) -> list[Issue]:
    """Return every statement that does not add up, and every contract whose statements do not follow each other."""
    rows: dict[UUID, list[StatementLine]] = {}
    for row in session.exec(select(StatementLine).order_by(col(StatementLine.number))):
        rows.setdefault(row.statement_id, []).append(row)
    below_zero: dict[UUID, str] = {}
    issues: list[Issue] = []
    closed: dict[str, tuple[date, list[Account]]] = {}
    numbers: dict[int, list[int]] = {}
    for record in statements(session)[::-1]:
        scheme_id = record.statement.scheme_id
        if scheme_id not in below_zero:
            payment = scheme(session, scheme_id).payment
            below_zero[scheme_id] = BELOW_ZERO.get(payment.below_zero, payment.below_zero) if payment else ""
        closes = record.statement.valid_from >= record.contract.valid_to
        rule = "collect" if closes else below_zero[scheme_id]
        account = _account(record.statement, rows.get(record.statement.id, []), rule)
        issues += account_issues(account)
        if record.decision and record.decision.decision is Decision.APPROVED:
            if not closes:  # what comes after a contract's end follows no period
                closed.setdefault(record.contract.code, (record.contract.valid_from, []))[1].append(account)
            year = business_date(session, record.decision.at).year
            numbers.setdefault(year, []).append(record.decision.number or 0)
    for contract, (first, accounts) in sorted(closed.items()):
        issues += sequence_issues(contract, first, accounts)
    return issues + list(numbering_issues(numbers))


def _account(statement: Statement, own: Sequence[StatementLine], below_zero: str) -> Account:
    return Account(
        code=statement.code,
        span=Span(statement.valid_from, statement.valid_to),
        currency=statement.currency,
        payable_minor=statement.payable_minor,
        inputs=statement.inputs,
        sha256=statement.sha256,
        below_zero=below_zero,
        lines=[(row.number, row.kind, row.amount_minor, row.explanation) for row in own],
    )


def deductions(
    session: Session,
    *,
    contract: UUID | None = None,
    contractor: UUID | None = None,
    state: str = "",
    first: date | None = None,
    until: date | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> list[tuple[StatementLine, StatementRecord]]:
    """Return deductions and corrections, the earliest period first, then by id; days lie within `first` and `until`."""
    line = StatementLine
    query: Any = (
        select(line, Statement, Contract, Organisation, StatementDecision)  # type: ignore[call-overload]  # typed up to four
        .join(Statement, col(Statement.id) == col(line.statement_id))
        .join(Contract, col(Contract.id) == col(Statement.contract_id))
        .join(Organisation, col(Organisation.id) == col(Contract.contractor_id))
        .join(StatementDecision, col(StatementDecision.statement_id) == col(Statement.id), isouter=True)
        .where(col(line.kind).in_([LineKind.DEDUCTED, LineKind.CORRECTION]))
    )
    query = _narrowed(query, contract, contractor, state)
    if first:
        query = query.where(col(line.for_from) >= first)
    if until:
        query = query.where(col(line.for_to) <= until + timedelta(days=1))
    if after:
        query = behind(query, col(line.for_from), col(line.id), after)
    query = query.order_by(col(line.for_from), col(line.id)).limit(limit)
    return [(row[0], StatementRecord(*row[1:])) for row in session.exec(query)]
