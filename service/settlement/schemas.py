"""Statements as they come in and go out."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from service.core.dates import Span, period_name
from service.core.http import Body, Figure, Moment, Money, Names, Note
from service.settlement.models import Statement, StatementDecision, StatementLine
from service.settlement.queries import StatementRecord
from service.settlement.rules import Decision, LineKind


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
