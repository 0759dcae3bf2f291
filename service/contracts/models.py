"""Tables of contracts."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from service.contracts.changes import Act
from service.contracts.rules import DayCount, Rounding, Unit
from service.core.columns import Word
from service.core.ids import new_id
from service.core.quantities import Price, Quantity
from service.core.temporal import Version, append_only


@append_only()
class Contract(SQLModel, table=True):
    """What a contractor has signed, for the days from `valid_from` up to, not including, `valid_to`."""

    __tablename__ = "contract"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    title_zh: str
    title_en: str
    contractor_id: UUID = Field(foreign_key="organisation.id", index=True)
    scheme_id: UUID = Field(foreign_key="scheme_version.id")
    valid_from: date
    valid_to: date
    currency: str
    day_count: DayCount = Field(sa_type=Word(DayCount))
    rounding: Rounding = Field(sa_type=Word(Rounding))
    settled: str  # month or quarter
    vat_percent: Decimal = Field(sa_type=Price)  # included in the prices
    price_minor: int = Field(default=0, sa_type=BigInteger)  # of all its days, as signed


@append_only()
class ContractParty(SQLModel, table=True):
    """A further party of a contract, such as its supervising consultant."""

    __tablename__ = "contract_party"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    part: str


@append_only()
class ContractLine(SQLModel, table=True):
    """A plot in a contract. Rounding remainders go by `number`."""

    __tablename__ = "contract_line"
    __table_args__ = (UniqueConstraint("contract_id", "plot_id"), UniqueConstraint("contract_id", "number"))
    id: UUID = Field(default_factory=new_id, primary_key=True)
    contract_id: UUID = Field(foreign_key="contract.id")
    plot_id: UUID = Field(foreign_key="plot.id", index=True)
    number: int


@append_only()
class Amendment(SQLModel, table=True):
    """A signed change of a contract's lines; `number` counts within the contract, beginning at 1.

    `added_minor` and `reduced_minor`: what it made of the price of the whole contract when it was entered.
    """

    __tablename__ = "amendment"
    __table_args__ = (UniqueConstraint("contract_id", "number"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    contract_id: UUID = Field(foreign_key="contract.id")
    number: int
    signed_on: date
    reason: str
    document: str  # where the signed paper is
    added_minor: int = Field(sa_type=BigInteger)
    reduced_minor: int = Field(sa_type=BigInteger)
    recorded_at: datetime
    entered_by: UUID | None = Field(foreign_key="user_account.id")  # None: the command line, by its name
    entered_by_name: str


@append_only()
class AmendmentChange(SQLModel, table=True):
    """What an amendment says of one plot on some days, as it was written; null where it says nothing."""

    __tablename__ = "amendment_change"
    __table_args__ = (UniqueConstraint("amendment_id", "number"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    amendment_id: UUID = Field(foreign_key="amendment.id")
    line_id: UUID = Field(foreign_key="contract_line.id", index=True)
    number: int
    act: Act = Field(sa_type=Word(Act))
    valid_from: date
    valid_to: date
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    unit: Unit | None = Field(default=None, sa_type=Word(Unit))
    basis: str | None = None
    unit_price: Decimal | None = Field(default=None, sa_type=Price)
    grade: str | None = Field(default=None, foreign_key="grade.code")


@append_only()
class ContractLineVersion(Version, table=True):
    """How much of the plot is contracted on some days, at what price a year; 0 takes the plot out of the contract."""

    __tablename__ = "contract_line_version"
    subject_id: UUID = Field(foreign_key="contract_line.id", index=True)
    quantity: Decimal = Field(sa_type=Quantity)
    unit: Unit = Field(sa_type=Word(Unit))
    basis: str  # projected or developed area
    unit_price: Decimal = Field(sa_type=Price)  # of the contract's currency, a unit and year
    grade: str | None = Field(default=None, foreign_key="grade.code")
    amendment_id: UUID | None = Field(default=None, foreign_key="amendment.id", index=True)  # None: as signed
