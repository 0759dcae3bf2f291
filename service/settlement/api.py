"""HTTP face of settlement: statements, their lines with explanations, decisions."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from service.access.models import Organisation
from service.contracts.models import Contract
from service.contracts.schemas import ContractFilter
from service.core.dates import Span, period_name, period_of
from service.core.errors import NotFound
from service.core.http import (
    ActorDep,
    After,
    Body,
    Code,
    Figure,
    FromDay,
    Limit,
    Moment,
    Money,
    Names,
    Note,
    Number,
    Page,
    ReadSession,
    Responses,
    UntilDay,
    WriteSession,
    api_router,
)
from service.core.paging import dated, page_of, undated, undated_id
from service.settlement import actions, queries
from service.settlement.models import Statement, StatementDecision, StatementLine
from service.settlement.queries import StatementRecord
from service.settlement.rules import Decision, LineKind

router = api_router("settlement")

PERIOD = re.compile(r"(?P<year>(19|20|21)[0-9]{2})-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))")
EXPLANATION: Responses = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


class DecisionIn(Body):
    """What a second person says."""

    decision: Decision
    reason: Note = ""


class DecisionOut(BaseModel):
    """What a second person said. `number`: of the approval, without gaps per year."""

    decision: Decision
    by: str
    at: Moment
    reason: str
    number: int | None

    @classmethod
    def of(cls, row: StatementDecision) -> Self:
        """Name who decided."""
        return cls(decision=row.decision, by=row.by_name, at=row.at, reason=row.reason, number=row.number)


class StatementSummary(BaseModel):
    """A contract's account of the days from and until, both included. `state`: prepared, approved or sent_back."""

    code: str
    contract: str
    contractor: str
    period: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    revision: int
    state: str
    score: Figure | None
    payable: Money
    prepared_by: str
    prepared_at: Moment
    known_at: Moment
    sha256: str

    @classmethod
    def of(cls, record: StatementRecord, **more: object) -> Self:
        """Name what a statement refers to."""
        row, contract = record.statement, record.contract
        same = ("code", "revision", "score", "prepared_at", "known_at", "sha256")
        return cls.model_validate(
            {name: getattr(row, name) for name in same}
            | {
                "contract": contract.code,
                "contractor": record.contractor.code,
                "period": period_name(row.valid_from, contract.settled),
                "from_": row.valid_from,
                "until": record.span.until,
                "state": record.state,
                "payable": Money.of(row.payable_minor, row.currency),
                "prepared_by": row.prepared_by_name,
            }
            | more
        )


class LineOut(BaseModel):
    """One amount; `from` and `until` are the period that it is about, an earlier one for a correction."""

    number: int
    kind: LineKind
    rule: str
    clause: str
    title: Names
    from_: date = Field(serialization_alias="from")
    until: date | None
    amount: Money
    explanation: str

    @staticmethod
    def fields(line: StatementLine, statement: Statement) -> dict[str, object]:
        """Return what is shown of a line."""
        same = ("number", "kind", "rule", "clause")
        return {name: getattr(line, name) for name in same} | {
            "title": Names(zh=line.title_zh, en=line.title_en),
            "from_": line.for_from,
            "until": Span(line.for_from, line.for_to).until,
            "amount": Money.of(line.amount_minor, statement.currency),
            "explanation": f"/api/v1/statements/{statement.code}/lines/{line.number}/explanation",
        }


class StatementOut(StatementSummary):
    """A statement with its lines and what was decided on it."""

    lines: list[LineOut]
    decision: DecisionOut | None


class ChargeOut(LineOut):
    """A deduction, the statement that it stands on, and that one's state: one that was sent back charges nothing."""

    statement: str
    contract: str
    state: str


def _whole(session: Session, record: StatementRecord) -> StatementOut:
    lines = queries.lines(session, record.statement)
    return StatementOut.of(
        record,
        lines=[LineOut.model_validate(LineOut.fields(line, record.statement)) for line in lines],
        decision=record.decision and DecisionOut.of(record.decision),
    )


@router.get("/statements")
def list_statements(
    session: ReadSession, contract: ContractFilter, after: After = "", limit: Limit = 100
) -> Page[StatementSummary]:
    """Return statements, the latest period first."""
    rows = queries.statements(session, contract=contract, after=undated(after), limit=limit + 1)
    page, mark = page_of(rows, limit, lambda row: dated(row.statement.valid_from, row.statement.code))
    return Page(items=[StatementSummary.of(record) for record in page], next=mark)


@router.get("/statements/{code}")
def read_statement(session: ReadSession, code: Code) -> StatementOut:
    """Return a statement with its lines."""
    return _whole(session, queries.statement_by_code(session, code))


@router.get("/statements/{code}/lines/{number}/explanation", response_class=Response, responses=EXPLANATION)
def read_explanation(session: ReadSession, code: Code, number: Annotated[Number, Path()]) -> Response:
    """Return the explanation of an amount as it is stored: canonical JSON, the same bytes for ever."""
    statement = queries.statement_by_code(session, code).statement
    line = queries.line(session, statement, number)
    return Response(line.explanation.encode(), media_type="application/json")


def period_of_name(name: str) -> Span:
    """Read a period's name.

    >>> str(period_of_name("2013-Q3").until)
    '2013-09-30'
    """
    known = PERIOD.fullmatch(name)
    if known is None:
        raise NotFound
    month = int(known["month"] or int(known["quarter"]) * 3)
    return period_of(date(int(known["year"]), month, 1), "month" if known["month"] else "quarter")


@router.put("/contracts/{code}/statements/{period}", status_code=201)
def prepare_statement(
    session: WriteSession,
    actor: ActorDep,
    code: Code,
    period: Annotated[Code, Path(description="2013-08 or 2013-Q3, as the contract is settled.")],
) -> StatementOut:
    """Compute a contract's statement of a period from what is known now. Refused while there is one to decide on."""
    return _whole(session, actions.prepare_statement(session, actor, code, period_of_name(period)))


@router.post("/statements/{code}/decision", status_code=201)
def decide_statement(session: WriteSession, actor: ActorDep, code: Code, body: DecisionIn) -> StatementOut:
    """Approve a statement or send it back: once, and never by whoever prepared it or confirmed what it charges."""
    return _whole(session, actions.decide_statement(session, actor, code, body.decision, reason=body.reason))


@router.get("/charges")
def list_charges(
    session: ReadSession,
    contract: ContractFilter,
    first: FromDay = None,
    until: UntilDay = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[ChargeOut]:
    """Return deductions and corrections, the earliest period first; their days lie within from and until."""
    place = undated_id(after)
    rows = _deductions(session, contract, first, until, place, limit + 1)
    page, mark = page_of(rows, limit, lambda row: dated(row[0].for_from, row[0].id))
    return Page(items=[_charge(line, record) for line, record in page], next=mark)


def _charge(line: StatementLine, record: StatementRecord) -> ChargeOut:
    more = {"statement": record.statement.code, "contract": record.contract.code, "state": record.state}
    return ChargeOut.model_validate(LineOut.fields(line, record.statement) | more)


def _deductions(
    session: Session,
    contract: UUID | None,
    first: date | None,
    until: date | None,
    place: tuple[date, UUID] | None,
    limit: int,
) -> list[tuple[StatementLine, StatementRecord]]:
    line = StatementLine
    query: Any = (
        select(line, Statement, Contract, Organisation, StatementDecision)  # type: ignore[call-overload]  # typed up to four
        .join(Statement, col(Statement.id) == col(line.statement_id))
        .join(Contract, col(Contract.id) == col(Statement.contract_id))
        .join(Organisation, col(Organisation.id) == col(Contract.contractor_id))
        .join(StatementDecision, col(StatementDecision.statement_id) == col(Statement.id), isouter=True)
        .where(col(line.kind).in_([LineKind.DEDUCTED, LineKind.CORRECTION]))
    )
    if contract:
        query = query.where(line.contract_id == contract)
    if first:
        query = query.where(col(line.for_from) >= first)
    if until:
        query = query.where(col(line.for_to) <= until + timedelta(days=1))
    if place:
        day, last = place
        query = query.where((col(line.for_from) > day) | ((col(line.for_from) == day) & (col(line.id) > last)))
    query = query.order_by(col(line.for_from), col(line.id)).limit(limit)
    return [(row[0], StatementRecord(*row[1:])) for row in session.exec(query)]
