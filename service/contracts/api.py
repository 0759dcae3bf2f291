"""HTTP face of contracts."""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel import Session

from service.access.models import Organisation
from service.contracts import queries
from service.contracts.models import Contract, ContractLine, ContractLineVersion
from service.contracts.rules import DayCount, Rounding, Unit
from service.core.dates import Span
from service.core.db import today
from service.core.http import After, AsOf, Code, Figure, KnownAt, Limit, Money, Names, Page, ReadSession, api_router
from service.core.money import minor
from service.core.paging import part_of
from service.plots.models import Plot
from service.schemes.models import SchemeVersion

router = api_router("contracts")

LineRow = tuple[ContractLine, Plot, ContractLineVersion]


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


class ContractSummary(BaseModel):
    """A contract, from its first until its last day, both included. `contractor`: an organisation's code."""

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
            }
            | more
        )


class ContractOut(ContractSummary):
    """A contract with its parties, and with its lines as they are on the day `as_of`."""

    as_of: date
    parties: list[Party]
    lines: list[LineOut]


@router.get("/contracts")
def list_contracts(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[ContractSummary]:
    """Return the contracts that you see, by code."""
    rows, mark = part_of(queries.contracts(session), after, limit, lambda row: row[0].code)
    items = [ContractSummary.of(contract, contractor, _scheme(session, contract)) for contract, contractor in rows]
    return Page(items=items, next=mark)


@router.get("/contracts/{code}")
def read_contract(session: ReadSession, code: Code, as_of: AsOf = None, known_at: KnownAt = None) -> ContractOut:
    """Return a contract with its lines on a day: today, or the nearest day of the contract."""
    contract, contractor = queries.contract_by_code(session, code)
    day = as_of or _nearest(today(session), contract)
    rows = _on(queries.lines_of(session, contract, known_at=known_at), day)
    return ContractOut.of(
        contract,
        contractor,
        _scheme(session, contract),
        as_of=day,
        parties=[Party(part=p.part, organisation=o.code) for p, o in queries.parties(session, contract)],
        lines=[_line(contract, row) for row in rows],
    )


def _scheme(session: Session, contract: Contract) -> SchemeVersion:
    return session.get_one(SchemeVersion, contract.scheme_id)


def _nearest(day: date, contract: Contract) -> date:
    until = Span(contract.valid_from, contract.valid_to).until or contract.valid_from
    return min(max(day, contract.valid_from), until)


def _on(rows: Iterable[LineRow], day: date) -> Iterator[LineRow]:
    """Keep of each line what was recorded last for the day, unless it takes the plot out of the contract."""
    last: dict[UUID, LineRow] = {row[0].id: row for row in rows if row[2].span.holds(day)}
    return (row for row in sorted(last.values(), key=lambda row: row[0].number) if row[2].quantity)


def _line(contract: Contract, row: LineRow) -> LineOut:
    line, plot, version = row
    yearly = minor(Fraction(version.quantity) * Fraction(version.unit_price), contract.currency)
    return LineOut(
        number=line.number,
        plot=plot.code,
        from_=version.valid_from,
        until=version.span.until,
        quantity=version.quantity,
        unit=version.unit,
        basis=version.basis,
        unit_price=version.unit_price,
        a_year=Money.of(yearly, contract.currency),
        grade=version.grade,
    )
