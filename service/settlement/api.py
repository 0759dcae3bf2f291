"""HTTP face of settlement: statements, their lines with explanations, decisions."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response
from sqlmodel import Session

from service.access.rules import require
from service.contracts.filters import ContractFilter, ContractorFilter
from service.core.actor import Role
from service.core.errors import found
from service.core.http import (
    AGAIN,
    ActorDep,
    After,
    Code,
    FromDay,
    KnownAt,
    Limit,
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
from service.settlement.models import StatementLine
from service.settlement.queries import StatementRecord
from service.settlement.rules import period_named
from service.settlement.schemas import ChargeOut, DecisionIn, DecisionOut, LineOut, StatementOut, StatementSummary

router = api_router("settlement")

EXPLANATION: Responses = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
StateFilter = Annotated[
    Literal["prepared", "approved", "sent_back"] | None, Query(description="Where the statement stands.")
]


def _whole(session: Session, record: StatementRecord) -> StatementOut:
    lines = queries.lines(session, record.statement)
    return StatementOut.of(
        record,
        lines=[LineOut.model_validate(LineOut.fields(line, record.statement)) for line in lines],
        decision=record.decision and DecisionOut.of(record.decision),
    )


@router.get("/statements")
def list_statements(
    session: ReadSession,
    contract: ContractFilter,
    contractor: ContractorFilter,
    state: StateFilter = None,
    first: FromDay = None,
    until: UntilDay = None,
    known_at: KnownAt = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[StatementSummary]:
    """Return statements, the latest period first; `from` and `until`: those of a period with a day between them."""
    rows = queries.statements(
        session,
        contract=contract,
        contractor=contractor,
        state=state or "",
        first=first,
        until=until,
        known_at=known_at,
        after=undated(after),
        limit=limit + 1,
    )
    page, mark = page_of(rows, limit, lambda row: dated(row.statement.valid_from, row.statement.code))
    return Page(items=[StatementSummary.of(record) for record in page], next=mark)


@router.get("/statements/{code}")
def read_statement(session: ReadSession, code: Code, known_at: KnownAt = None) -> StatementOut:
    """Return a statement with its lines, and what was decided on it until an instant."""
    return _whole(session, queries.statement_by_code(session, code, known_at))


@router.get("/statements/{code}/lines/{number}/explanation", response_class=Response, responses=EXPLANATION)
def read_explanation(session: ReadSession, code: Code, number: Annotated[Number, Path()]) -> Response:
    """Return the explanation of an amount as it is stored: canonical JSON, the same bytes for ever."""
    statement = queries.statement_by_code(session, code).statement
    line = queries.line(session, statement, number)
    return Response(line.explanation.encode(), media_type="application/json")


@router.put("/contracts/{code}/statements/{period}", status_code=201, responses=AGAIN)
def prepare_statement(
    session: WriteSession,
    actor: ActorDep,
    code: Code,
    period: Annotated[Code, Path(description="2013-08 or 2013-Q3, as the contract is settled.")],
    answer: Response,
) -> StatementOut:
    """Compute a contract's statement of a period from what is known now: 201. Asked again: 200 with it as it stands.

    Refused while there is another to decide on.
    """
    require(actor, Role.MANAGER)
    span = found(period_named(period))
    if standing := queries.awaiting(session, code, span, prepared_by=actor.user_id):
        answer.status_code = 200
        return _whole(session, standing)
    return _whole(session, actions.prepare_statement(session, actor, code, span))


@router.post("/statements/{code}/decision", status_code=201)
def decide_statement(session: WriteSession, actor: ActorDep, code: Code, body: DecisionIn) -> StatementOut:
    """Approve a statement or send it back: once, and never by whoever prepared it or has a part in what it pays."""
    return _whole(session, actions.decide_statement(session, actor, code, body.decision, reason=body.reason))


@router.get("/charges")
def list_charges(
    session: ReadSession,
    contract: ContractFilter,
    contractor: ContractorFilter,
    state: StateFilter = None,
    first: FromDay = None,
    until: UntilDay = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[ChargeOut]:
    """Return deductions and corrections, the earliest period first; their days lie within from and until."""
    rows = queries.deductions(
        session,
        contract=contract,
        contractor=contractor,
        state=state or "",
        first=first,
        until=until,
        after=undated_id(after),
        limit=limit + 1,
    )
    page, mark = page_of(rows, limit, lambda row: dated(row[0].for_from, row[0].id))
    return Page(items=[_charge(line, record) for line, record in page], next=mark)


def _charge(line: StatementLine, record: StatementRecord) -> ChargeOut:
    more = {"statement": record.statement.code, "contract": record.contract.code, "state": record.state}
    return ChargeOut.model_validate(LineOut.fields(line, record.statement) | more)
