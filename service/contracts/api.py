"""HTTP face of contracts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import UUID7
from sqlmodel import Session

from service.access.rules import require
from service.contracts import actions, amendments, queries, signing
from service.contracts.bodies import ContractIn
from service.contracts.filters import ContractorFilter
from service.contracts.models import Amendment, Contract
from service.contracts.queries import LineRow
from service.contracts.schemas import (
    AmendmentIn,
    AmendmentOut,
    CeilingOut,
    ContractOut,
    ContractSummary,
    LineOut,
    LineVersionOut,
    Party,
)
from service.core.actor import Role
from service.core.dates import Span
from service.core.db import today
from service.core.errors import found
from service.core.http import (
    AGAIN,
    ActorDep,
    After,
    AsOf,
    Code,
    FromDay,
    KnownAt,
    Limit,
    Money,
    Number,
    Page,
    ReadSession,
    UntilDay,
    WriteSession,
    api_router,
)
from service.core.paging import page_of, part_of, uncursor
from service.plots.schemas import GroundFilter, PlotFilter
from service.schemes.models import SchemeVersion

router = api_router("contracts")


@router.get("/contracts")
def list_contracts(
    session: ReadSession,
    contractor: ContractorFilter,
    first: FromDay = None,
    until: UntilDay = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[ContractSummary]:
    """Return the contracts that you see, by code; `from` and `until`: those that run on a day between them."""
    found_ = queries.contracts(
        session, contractor=contractor, first=first, until=until, after=uncursor(after), limit=limit + 1
    )
    rows, mark = page_of(found_, limit, lambda row: row[0].code)
    items = [ContractSummary.of(contract, contractor_, _scheme(session, contract)) for contract, contractor_ in rows]
    return Page(items=items, next=mark)


@router.get("/contracts/{code}")
def read_contract(session: ReadSession, code: Code, as_of: AsOf = None, known_at: KnownAt = None) -> ContractOut:
    """Return a contract with its lines on a day: today, or the nearest day of the contract."""
    return _contract(session, code, as_of, known_at)


@router.put("/contracts/{code}", status_code=201, responses=AGAIN)
def sign_contract(
    session: WriteSession, actor: ActorDep, code: Code, body: ContractIn, answer: Response
) -> ContractOut:
    """Enter a signed contract with all its lines: 201. The very same again: 200, even if it was amended since.

    Refused with all that is wrong and where, such as lines[3].plot.
    """
    require(actor, Role.MANAGER)
    head = body.head(code)
    signed = signing.sign_described(session, actor, head, body.said(head.span), InBody())
    answer.status_code = 201 if signed.is_new else 200
    return _contract(session, code)


class InBody:
    """Where a body of JSON says something."""

    def head(self, *path: str) -> str:
        """Name a field of the contract itself."""
        return ".".join(path)

    def line(self, number: int, field: str) -> str:
        """Name a field of a line; the first line has the number 0."""
        return f"lines[{number}].{field}"


def _contract(session: Session, code: str, as_of: date | None = None, known_at: datetime | None = None) -> ContractOut:
    contract, contractor = queries.contract_by_code(session, code)
    day = as_of or _nearest(today(session), contract)
    amended = amendments.amendments(session, contract, known_at=known_at)
    added = sum(amendment.added_minor for amendment in amended)
    return ContractOut.of(
        contract,
        contractor,
        _scheme(session, contract),
        as_of=day,
        parties=[Party(part=p.part, organisation=o.code) for p, o in queries.parties(session, contract)],
        lines=[LineOut.of(contract, row) for row in _on(queries.lines_of(session, contract, known_at=known_at), day)],
        added=Money.of(added, contract.currency),
        reduced=Money.of(sum(amendment.reduced_minor for amendment in amended), contract.currency),
        ceiling=CeilingOut.of(contract, added, amendments.ceiling_percent(session)),
    )


@router.get("/contracts/{code}/lines")
def list_contract_lines(
    session: ReadSession,
    code: Code,
    plot: PlotFilter,
    ground: GroundFilter,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[LineOut]:
    """Return a contract's lines on a day, by number: today, or the nearest day of the contract."""
    contract, _ = queries.contract_by_code(session, code)
    day = as_of or _nearest(today(session), contract)
    every = _on(queries.lines_of(session, contract, known_at=known_at, plots=ground), day)
    asked = [row for row in every if plot in (None, row[1].id)]
    rows, mark = part_of(asked, after, limit, lambda row: f"{row[0].number:010}")
    return Page(items=[LineOut.of(contract, row) for row in rows], next=mark)


@router.get("/contracts/{code}/lines/{number}/versions")
def list_line_versions(
    session: ReadSession,
    code: Code,
    number: Annotated[Number, Path()],
    known_at: KnownAt = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[LineVersionOut]:
    """Return all that was recorded of a line, in that order; a quantity of 0 takes the plot out."""
    contract, _ = queries.contract_by_code(session, code)
    every = queries.lines_of(session, contract, known_at=known_at, number=number)
    found(every[0] if every else None)
    rows, mark = part_of(every, after, limit, lambda row: f"{row[2].recorded_at.isoformat()} {row[2].id}")
    return Page(items=[LineVersionOut.of(contract, row) for row in rows], next=mark)


@router.get("/contracts/{code}/amendments")
def list_amendments(
    session: ReadSession, code: Code, known_at: KnownAt = None, after: After = "", limit: Limit = 100
) -> Page[AmendmentOut]:
    """Return a contract's amendments by number, each with all that was added until then."""
    contract, _ = queries.contract_by_code(session, code)
    every = amendments.additions(amendments.amendments(session, contract, known_at=known_at))
    rows, mark = part_of(every, after, limit, lambda row: f"{row[0].number:010}")
    return Page(items=_amendments(session, contract, rows), next=mark)


@router.get("/contracts/{code}/amendments/{amendment_id}")
def read_amendment(session: ReadSession, code: Code, amendment_id: UUID) -> AmendmentOut:
    """Return an amendment with its changes."""
    contract, _ = queries.contract_by_code(session, code)
    return _amendment(session, contract, amendment_id)


@router.put("/contracts/{code}/amendments/{amendment_id}", status_code=201, responses=AGAIN)
def amend_contract(
    session: WriteSession, actor: ActorDep, code: Code, amendment_id: UUID7, body: AmendmentIn, answer: Response
) -> AmendmentOut:
    """Enter a signed amendment: 201. The same again: 200. What it changes of closed periods, the next statement pays.

    An addition beyond the ceiling is entered and flagged: what is signed shall be seen.
    """
    require(actor, Role.MANAGER)
    contract, _ = queries.contract_by_code(session, code)
    last_day = Span(contract.valid_from, contract.valid_to).until or contract.valid_from
    _, is_new = actions.amend_contract(session, actor, code, amendment_id, body.agreed(last_day))
    answer.status_code = 201 if is_new else 200
    return _amendment(session, contract, amendment_id)


def _amendment(session: Session, contract: Contract, amendment_id: UUID) -> AmendmentOut:
    wanted = amendments.amendment_of(session, contract, amendment_id)
    every = amendments.additions(amendments.amendments(session, contract))
    return _amendments(session, contract, [row for row in every if row[0].id == wanted.id])[0]


def _amendments(session: Session, contract: Contract, rows: Sequence[tuple[Amendment, int]]) -> list[AmendmentOut]:
    percent, written = amendments.ceiling_percent(session), amendments.changes_of(session, [row[0] for row in rows])
    return [AmendmentOut.of(contract, amendment, so_far, percent, written) for amendment, so_far in rows]


def _scheme(session: Session, contract: Contract) -> SchemeVersion:
    return session.get_one(SchemeVersion, contract.scheme_id)


def _nearest(day: date, contract: Contract) -> date:
    until = Span(contract.valid_from, contract.valid_to).until or contract.valid_from
    return min(max(day, contract.valid_from), until)


def _on(rows: Iterable[LineRow], day: date) -> Iterator[LineRow]:
    """Keep of each line what was recorded last for the day, unless it takes the plot out of the contract."""
    last: dict[UUID, LineRow] = {row[0].id: row for row in rows if row[2].span.holds(day)}
    return (row for row in sorted(last.values(), key=lambda row: row[0].number) if row[2].quantity)
