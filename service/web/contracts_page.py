"""Contracts: parties, lines, prices, and their statements by period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from service.access.models import Organisation
from service.contracts import amendments
from service.contracts.changes import ceiling
from service.contracts.models import Amendment, Contract, ContractLine, ContractLineVersion
from service.contracts.queries import contract_by_code, contracts, lines_of, parties
from service.contracts.rules import Unit
from service.core.actor import Role
from service.core.dates import Span
from service.core.http import ActorDep, Code
from service.core.money import minor
from service.documents.queries import documents
from service.documents.rules import On
from service.plots.models import Plot
from service.plots.queries import register
from service.schemes.models import SchemeVersion
from service.settlement.queries import statements
from service.web import document_form
from service.web.document_form import Place, status_of
from service.web.forms import Draft, FormDep
from service.web.frame import View, ViewDep
from service.web.menu import CONTRACTS

router = APIRouter()
SEES_STATEMENTS = (Role.MANAGER, Role.AUDITOR, Role.CONTRACTOR)


@dataclass(frozen=True)
class Line:
    """A plot in a contract on a day, with the price of a year in minor units."""

    number: int
    plot: Plot
    version: ContractLineVersion
    yearly_minor: int


@dataclass(frozen=True)
class Summary:
    """What a contract's lines add up to on a day: plots, square metres, a year's price in minor units."""

    plots: int
    area_m2: Decimal
    yearly_minor: int


@dataclass(frozen=True)
class Amended:
    """An amendment with what it changes."""

    amendment: Amendment
    changes: list[amendments.ChangeRow]


def lines_on(session: Session, contract: Contract, day: date) -> list[Line]:
    """Return what a contract covers on a day, or on its own day nearest to it, by line number."""
    on = nearest(day, contract)
    last: dict[UUID, tuple[ContractLine, Plot, ContractLineVersion]] = {
        row[0].id: row for row in lines_of(session, contract) if row[2].span.holds(on)
    }
    rows = sorted(last.values(), key=lambda row: row[0].number)
    return [Line(line.number, plot, v, yearly(v, contract)) for line, plot, v in rows if v.quantity]


def yearly(version: ContractLineVersion, contract: Contract) -> int:
    """Return a line's price of a year in minor units, rounded once."""
    return minor(Fraction(version.quantity) * Fraction(version.unit_price), contract.currency)


def nearest(day: date, contract: Contract) -> date:
    """Return the day of the contract that lies nearest to a day."""
    until = Span(contract.valid_from, contract.valid_to).until or contract.valid_from
    return min(max(day, contract.valid_from), until)


def summary(lines: Iterable[Line], contract: Contract) -> Summary:
    """Add up lines. The year's price is rounded once for the contract, not line by line."""
    rows = list(lines)
    price = sum((Fraction(r.version.quantity) * Fraction(r.version.unit_price) for r in rows), Fraction(0))
    areas = (row.version.quantity for row in rows if row.version.unit is Unit.M2)
    return Summary(len(rows), sum(areas, Decimal(0)), minor(price, contract.currency))


def latest_first(known: Iterable[tuple[Contract, Organisation]]) -> list[tuple[Contract, Organisation]]:
    """Put the contracts that end last before those that are over."""
    return sorted(known, key=lambda row: row[0].valid_to, reverse=True)


@router.get("/contracts")
def list_of_contracts(view: ViewDep) -> Response:
    """List contracts with what they cover and cost a year."""
    session = view.session
    rows = [
        (contract, contractor, summary(lines_on(session, contract, view.day), contract))
        for contract, contractor in latest_first(contracts(session))
    ]
    running = [(own, total) for own, _, total in rows if Span(own.valid_from, own.valid_to).holds(view.day)]
    totals: dict[str, int] = {}
    for contract, total in running:
        totals[contract.currency] = totals.get(contract.currency, 0) + total.yearly_minor
    context = {
        "rows": rows,
        "totals": totals,
        "plots": sum(total.plots for _, total in running),
        "area": sum((total.area_m2 for _, total in running), Decimal(0)),
    }
    return view.page("contracts.html", CONTRACTS, ((view.say(CONTRACTS.word), "/contracts"),), context)


@router.get("/contracts/{code}")
def one_contract(view: ViewDep, code: Code) -> Response:
    """Show a contract: what it says, whom it binds, its lines on a day, its statements."""
    return _page(view, code, document_form.blank(view, On.CONTRACT))


@router.post("/contracts/{code}")
def file_document(form: FormDep, request: Request, actor: ActorDep, code: Code) -> Response:
    """File a document on the contract."""
    return document_form.take(request, actor, form, PLACE, code)


def _page(view: View, code: str, filing: Draft | None) -> Response:
    session = view.session
    contract, contractor = contract_by_code(session, code)
    lines = lines_on(session, contract, view.day)
    sees = view.actor.role in SEES_STATEMENTS
    amended = amendments_of(session, contract, view.known_at)
    added, percent = sum(a.amendment.added_minor for a in amended), amendments.ceiling_percent(session)
    context = {
        "contract": contract,
        "contractor": contractor,
        "span": Span(contract.valid_from, contract.valid_to),
        "on": nearest(view.day, contract),
        "parties": parties(session, contract),
        "scheme": session.get_one(SchemeVersion, contract.scheme_id),
        "amended": amended,
        "added": added,
        "ceiling": None if percent is None else ceiling(contract.price_minor, added, percent),
        "documents": documents(session, contract=contract.id, known_at=view.known_at),
        **document_form.shown(filing),
        "lines": lines,
        "total": summary(lines, contract),
        "places": {r.plot.id: view.name(r.version) for r in register(session, as_of=nearest(view.day, contract))},
        "statements": statements(session, contract=contract.id, known_at=view.known_at) if sees else [],
        "sees_statements": sees,
    }
    title = f"{contract.code} {view.name(contractor)}"
    crumbs = ((view.say(CONTRACTS.word), "/contracts"), (title, ""))
    return view.page("contract.html", CONTRACTS, crumbs, context, status=status_of(filing))


PLACE = Place(On.CONTRACT, "/contracts/", lambda session, code: contract_by_code(session, code)[0].id, _page)


def amendments_of(session: Session, contract: Contract, known_at: datetime | None) -> list[Amended]:
    """Return a contract's amendments with their changes, by number, as known at an instant."""
    rows = amendments.amendments(session, contract, known_at=known_at)
    changes = amendments.changes_of(session, rows)
    return [Amended(row, [change for change in changes if change[0].amendment_id == row.id]) for row in rows]
