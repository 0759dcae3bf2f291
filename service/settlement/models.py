"""Tables of settlement. All are insert-only: a statement sent back is followed by another."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from service.core.columns import Word
from service.core.ids import new_id
from service.core.quantities import Points
from service.core.temporal import append_only
from service.settlement.rules import Decision, LineKind


@append_only()
class Statement(SQLModel, table=True):
    """A contract's account of one period as known at `known_at`; `inputs` are the frozen facts, `sha256` their hash."""

    __tablename__ = "statement"
    __table_args__ = (UniqueConstraint("contract_id", "valid_from", "revision"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)  # C2-2013-08, C2-2013-08-r2 after one was sent back
    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    scheme_id: UUID = Field(foreign_key="scheme_version.id")
    valid_from: date
    valid_to: date
    revision: int
    known_at: datetime
    prepared_by: UUID | None = Field(foreign_key="user_account.id")  # None: the command line, by its name
    prepared_by_name: str
    prepared_at: datetime
    currency: str
    payable_minor: int = Field(sa_type=BigInteger)
    score: Decimal | None = Field(default=None, sa_type=Points)
    inputs: str
    sha256: str


@append_only()
class StatementLine(SQLModel, table=True):
    """One amount of a statement. `explanation` is canonical JSON; the amount is its root."""

    __tablename__ = "statement_line"
    __table_args__ = (UniqueConstraint("statement_id", "number"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    number: int
    kind: LineKind = Field(sa_type=Word(LineKind))
    rule: str  # the scheme's rule, or `carried`
    key: str  # what the rule has one result per, as text
    clause: str
    title_zh: str
    title_en: str
    for_from: date  # the period that the amount is about: an earlier one for a correction
    for_to: date
    amount_minor: int = Field(sa_type=BigInteger)
    explanation: str


@append_only()
class StatementDecision(SQLModel, table=True):
    """What a second person decided on a statement, once."""

    __tablename__ = "statement_decision"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", unique=True)
    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    decision: Decision = Field(sa_type=Word(Decision))
    by: UUID = Field(foreign_key="user_account.id")
    by_name: str
    at: datetime
    reason: str = ""
    number: int | None = None  # of the approval, gap-free per authority and year


@append_only()
class StatementFinding(SQLModel, table=True):
    """A finding that a statement's lines read: from the money to the ground and back."""

    __tablename__ = "statement_finding"
    __table_args__ = (UniqueConstraint("line_id", "finding_id"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    line_id: UUID = Field(foreign_key="statement_line.id", index=True)
    finding_id: UUID = Field(foreign_key="finding.id", index=True)
    contract_id: UUID = Field(foreign_key="contract.id", index=True)
