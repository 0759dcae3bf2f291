"""Contracts and amendments as they come in and go out."""

from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from service.access.models import Organisation
from service.contracts import changes
from service.contracts.actions import NewAmendment
from service.contracts.amendments import ChangeRow
from service.contracts.changes import Act, Level, LineChange
from service.contracts.models import Amendment, AmendmentChange, Contract
from service.contracts.queries import LineRow
from service.contracts.rules import DayCount, Rounding, Unit
from service.core.dates import Span, half_open
from service.core.http import (
    Body,
    Code,
    Counted,
    Dated,
    Day,
    Figure,
    Moment,
    Money,
    Names,
    Text,
    UnitPrice,
)
from service.core.money import minor
from service.plots.models import Plot
from service.schemes.models import SchemeVersion


class LineChangeIn(Dated):
    """What an amendment says of a plot. `from` and `until` are both included; without `until`: the contract's last day.

    add: quantity, unit, basis and price of a plot that the contract does not cover then. change: another quantity or
    price, or both. remove: neither.
    """

    act: Act
    plot: Code
    quantity: Counted | None = None
    unit: Unit | None = None
    basis: Literal["projected", "developed"] | None = None
    unit_price: UnitPrice | None = None
    grade: Code | None = None


class AmendmentIn(Body):
    """What both parties signed, in which document, and why."""

    signed_on: Day
    reason: Text
    document: Text
    changes: Annotated[list[LineChangeIn], Field(min_length=1, max_length=1000)]

    def agreed(self, last_day: date) -> NewAmendment:
        """Return what the action takes. `last_day`: of the contract."""
        said = [
            LineChange(
                span=half_open(change.from_, change.until or last_day), **change.model_dump(exclude={"from_", "until"})
            )
            for change in self.changes
        ]
        return NewAmendment(self.signed_on, self.reason, self.document, tuple(said))


class LineChangeOut(BaseModel):
    """What an amendment says of a plot, from and until, both included; null where it says nothing."""

    act: Act
    plot: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    quantity: Figure | None
    unit: Unit | None
    basis: str | None
    unit_price: Figure | None
    grade: str | None

    @classmethod
    def of(cls, change: AmendmentChange, plot: Plot) -> Self:
        """Name the plot."""
        same = change.model_dump(include={"act", "quantity", "unit", "basis", "unit_price", "grade"})
        until = Span(change.valid_from, change.valid_to).until
        return cls(plot=plot.code, from_=change.valid_from, until=until, **same)


class CeilingOut(BaseModel):
    """All additions so far against what may be added: a part of the original price.

    level: within, near (80 % of the limit or more), reached, exceeded.
    """

    percent: Figure
    limit: Money
    used_percent: Figure
    level: Level

    @classmethod
    def of(cls, contract: Contract, added_minor: int, percent: Figure | None) -> Self | None:
        """Return null where the authority knows no ceiling."""
        if percent is None:
            return None
        held = asdict(changes.ceiling(contract.price_minor, added_minor, percent))
        return cls(limit=Money.of(held.pop("limit_minor"), contract.currency), **held)


class AmendmentOut(BaseModel):
    """An amendment with what it made of the price of the whole contract when it was entered.

    `added_so_far`: by this one and all before it; what others take away does not count against it.
    """

    id: UUID
    contract: str
    number: int
    signed_on: date
    reason: str
    document: str
    recorded_at: Moment
    entered_by: str
    added: Money
    reduced: Money
    added_so_far: Money
    ceiling: CeilingOut | None
    changes: list[LineChangeOut]

    @classmethod
    def of(
        cls, contract: Contract, amendment: Amendment, so_far: int, percent: Figure | None, rows: list[ChangeRow]
    ) -> Self:
        """Join the parts. `so_far`: added until this amendment, in minor units."""
        same = ("id", "number", "signed_on", "reason", "document", "recorded_at")
        return cls.model_validate(
            {name: getattr(amendment, name) for name in same}
            | {
                "contract": contract.code,
                "entered_by": amendment.entered_by_name,
                "added": Money.of(amendment.added_minor, contract.currency),
                "reduced": Money.of(amendment.reduced_minor, contract.currency),
                "added_so_far": Money.of(so_far, contract.currency),
                "ceiling": CeilingOut.of(contract, so_far, percent),
                "changes": [LineChangeOut.of(*row) for row in rows if row[0].amendment_id == amendment.id],
            }
        )


class SchemeRef(BaseModel):
    """The scheme version that a contract names."""

    code: str
    version: int


class Party(BaseModel):
    """A further party: its part in the contract, and its code."""

    part: str
    organisation: str


class LineOut(BaseModel):
    """A plot in a contract on the day asked about, from and until, both included. `a_year`: quantity times price."""

    number: int
    plot: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    quantity: Figure
    unit: Unit
    basis: str
    unit_price: Figure
    a_year: Money
    grade: str | None

    @staticmethod
    def fields(contract: Contract, row: LineRow) -> dict[str, object]:
        """Return what is shown of a line."""
        line, plot, version = row
        yearly = minor(Fraction(version.quantity) * Fraction(version.unit_price), contract.currency)
        same = version.model_dump(include={"quantity", "unit", "basis", "unit_price", "grade"})
        days = {"from_": version.valid_from, "until": version.span.until}
        more = {"number": line.number, "plot": plot.code, "a_year": Money.of(yearly, contract.currency)}
        return same | days | more

    @classmethod
    def of(cls, contract: Contract, row: LineRow) -> Self:
        """Name the plot."""
        return cls.model_validate(LineOut.fields(contract, row))


class LineVersionOut(LineOut):
    """What was recorded of a line; `amendment`: by which, null as it was signed."""

    recorded_at: Moment
    amendment: UUID | None

    @classmethod
    def of(cls, contract: Contract, row: LineRow) -> Self:
        """Name the amendment."""
        known = {"recorded_at": row[2].recorded_at, "amendment": row[2].amendment_id}
        return cls.model_validate(LineOut.fields(contract, row) | known)


class ContractSummary(BaseModel):
    """A contract, from its first until its last day, both included. `contractor`: an organisation's code.

    `price`: of all its days, as it was signed.
    """

    code: str
    title: Names
    contractor: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    currency: str
    day_count: DayCount
    rounding: Rounding
    settled: str
    vat_percent: Figure
    scheme: SchemeRef
    price: Money

    @classmethod
    def of(cls, contract: Contract, contractor: Organisation, scheme: SchemeVersion, **more: object) -> Self:
        """Name what a contract refers to."""
        span = Span(contract.valid_from, contract.valid_to)
        same = contract.model_dump(include={"code", "currency", "day_count", "rounding", "settled", "vat_percent"})
        return cls.model_validate(
            same
            | {
                "title": Names(zh=contract.title_zh, en=contract.title_en),
                "contractor": contractor.code,
                "from_": span.valid_from,
                "until": span.until,
                "scheme": SchemeRef(code=scheme.code, version=scheme.version),
                "price": Money.of(contract.price_minor, contract.currency),
            }
            | more
        )


class ContractOut(ContractSummary):
    """A contract with its parties, and with its lines as they are on the day `as_of`.

    `added` and `reduced`: by all amendments, of the price of all days; `ceiling`: how far additions have come.
    """

    added: Money
    reduced: Money
    ceiling: CeilingOut | None
    as_of: date
    parties: list[Party]
    lines: list[LineOut]
