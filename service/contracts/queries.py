"""Reads of contracts, and what contractors see of plots because of them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from service.access.models import Organisation
from service.contracts.models import (
    Amendment,
    AmendmentChange,
    Contract,
    ContractLine,
    ContractLineVersion,
    ContractParty,
)
from service.contracts.rules import Piece, Terms, Unit, pieces_of, yearly_minor
from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.dates import Span
from service.core.db import lock, today
from service.core.errors import found
from service.core.scope import among, everything, scope_of, unscoped, visible
from service.core.temporal import true_on
from service.plots.models import Plot, PlotVersion
from service.plots.queries import posted_plots

DAY = timedelta(days=1)
LineRow = tuple[ContractLine, Plot, ContractLineVersion]

for table in (Contract, ContractParty, ContractLine, ContractLineVersion, Amendment, AmendmentChange):
    scope_of(table, *OVERSEERS, Role.ADMIN, Role.VIEWER)(everything)
for table in (Contract, ContractParty, Amendment):
    scope_of(table, *ZONED)(everything)


@scope_of(ContractLine, *ZONED)
def _lines_of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(ContractLine.plot_id, posted_plots(actor, as_of))


def _lines_posted(actor: Actor, as_of: date) -> Select[Any]:
    line = unscoped(ContractLine, "posted")
    return core_select(line.c.id).where(among(line.c.plot_id, posted_plots(actor, as_of)))


@scope_of(ContractLineVersion, *ZONED)
def _line_versions_of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(ContractLineVersion.subject_id, _lines_posted(actor, as_of))


@scope_of(AmendmentChange, *ZONED)
def _changes_of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(AmendmentChange.line_id, _lines_posted(actor, as_of))


def own_contracts(actor: Actor) -> Select[Any]:
    """Select the ids of a contractor's contracts: what names one of them is its own, for ever."""
    contract = unscoped(Contract, "own")
    return core_select(contract.c.id).where(contract.c.contractor_id == actor.organisation_id)


@scope_of(Contract, Role.CONTRACTOR)
def _own_contracts(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(Contract.contractor_id) == actor.organisation_id


@scope_of(ContractParty, Role.CONTRACTOR)
def _own_parties(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(ContractParty.contract_id).in_(own_contracts(actor))


@scope_of(ContractLine, Role.CONTRACTOR)
def _own_lines(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(ContractLine.contract_id).in_(own_contracts(actor))


def _lines_owned(actor: Actor) -> Select[Any]:
    line = unscoped(ContractLine, "own")
    return core_select(line.c.id).where(line.c.contract_id.in_(own_contracts(actor)))


@scope_of(ContractLineVersion, Role.CONTRACTOR)
def _own_line_versions(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(ContractLineVersion.subject_id, _lines_owned(actor))


@scope_of(Amendment, Role.CONTRACTOR)
def _own_amendments(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(Amendment.contract_id).in_(own_contracts(actor))


@scope_of(AmendmentChange, Role.CONTRACTOR)
def _own_changes(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(AmendmentChange.line_id, _lines_owned(actor))


@scope_of(Plot, Role.CONTRACTOR)
def _plots_ever_covered(actor: Actor, as_of: date) -> ColumnElement[bool]:
    # only the code: what is true of the plot stands in its versions, and those are seen for the days of the contract
    line = unscoped(ContractLine, "ever")
    return among(Plot.id, core_select(line.c.plot_id).where(line.c.contract_id.in_(own_contracts(actor))))


@scope_of(PlotVersion, Role.CONTRACTOR)
def _covered_versions(actor: Actor, as_of: date) -> ColumnElement[bool]:
    # a successor sees what held before; a predecessor does not see what holds only afterwards
    return and_(among(PlotVersion.subject_id, covered_plots(actor, as_of)), col(PlotVersion.valid_from) <= as_of)


def covered_plots(actor: Actor, as_of: date) -> Select[Any]:
    """Select the plots that the actor's contracts cover on a day, as known now."""
    line, version = unscoped(ContractLine, "covering"), unscoped(ContractLineVersion, "covering")
    covers = and_(true_on(version, as_of=as_of), version.c.quantity > 0)
    joined = line.join(version, version.c.subject_id == line.c.id)
    return core_select(line.c.plot_id).select_from(joined).where(covers, line.c.contract_id.in_(own_contracts(actor)))


def lock_contracts(session: Session, ids: Collection[UUID | None]) -> None:
    """Let those who write what a contract is settled by, and those who settle it, follow each other."""
    wanted = sorted(contract_id for contract_id in set(ids) if contract_id)
    if wanted:
        lock(session, select(Contract).where(col(Contract.id).in_(wanted)).order_by(col(Contract.id)))


def lying(
    query: Any, table: Any, *, plot: UUID | None, plots: Any, contract: UUID | None, contractor: UUID | None
) -> Any:
    """Narrow a list of what lies on plots and names its contract; `plots`: a subquery of ids."""
    if plot:
        query = query.where(table.plot_id == plot)
    if plots is not None:
        query = query.where(among(table.plot_id, plots))
    if contract:
        query = query.where(table.contract_id == contract)
    if contractor:
        query = query.where(table.contract_id.in_(select(Contract.id).where(Contract.contractor_id == contractor)))
    return query


class Cover(NamedTuple):
    """Which contract covers a plot on a day, and how."""

    contract: Contract
    contractor: Organisation
    line: ContractLine
    version: ContractLineVersion


def contracts(
    session: Session,
    *,
    contractor: UUID | None = None,
    first: date | None = None,
    until: date | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[tuple[Contract, Organisation]]:
    """Return the contracts that the actor sees, by code, with their contractors.

    `first` and `until`, both included: those that run on a day between them. `after`: behind this code.
    """
    query = select(Contract, Organisation).join(Organisation).where(col(Contract.code) > after)
    if contractor:
        query = query.where(Contract.contractor_id == contractor)
    if first:
        query = query.where(col(Contract.valid_to) > first)
    if until:
        query = query.where(col(Contract.valid_from) <= until)
    query = query.order_by(col(Contract.code)).limit(limit)
    return [(contract, contractor_) for contract, contractor_ in session.exec(query)]


def contract_by_code(session: Session, code: str) -> tuple[Contract, Organisation]:
    """Return a contract with its contractor, or refuse."""
    query = select(Contract, Organisation).join(Organisation).where(Contract.code == code)
    contract, contractor = found(session.exec(query).one_or_none())
    return contract, contractor


def covers(
    session: Session,
    *,
    as_of: date | None = None,
    plots: Sequence[UUID] | None = None,
    known_at: datetime | None = None,
) -> dict[UUID, Cover]:
    """Return what covers each plot on a day, by plot id. A plot that no contract covers is left out."""
    day = as_of or today(session)
    query = (
        select(Contract, Organisation, ContractLine, ContractLineVersion)
        .join(Organisation, col(Organisation.id) == col(Contract.contractor_id))
        .join(ContractLine, col(ContractLine.contract_id) == col(Contract.id))
        .join(ContractLineVersion, col(ContractLineVersion.subject_id) == col(ContractLine.id))
        .where(true_on(ContractLineVersion, as_of=day, known_at=known_at), col(ContractLineVersion.quantity) > 0)
    )
    if plots is not None:
        query = query.where(col(ContractLine.plot_id).in_(plots))
    return {row[2].plot_id: Cover(*row) for row in session.exec(visible(query, as_of=day))}


def held_cover(session: Session, plot: UUID, day: date) -> Cover | None:
    """Return what covers a plot on a day, and hold its contract: who settles or amends it follows, or has been seen."""
    cover = covers(session, as_of=day, plots=[plot]).get(plot)
    while cover:
        lock_contracts(session, [cover.contract.id])
        seen, cover = cover, covers(session, as_of=day, plots=[plot]).get(plot)  # an amendment may have come between
        if cover and cover.contract.id == seen.contract.id:
            break
    return cover


def contractors_of(
    session: Session, plots: Any, *, as_of: date | None = None, known_at: datetime | None = None
) -> dict[UUID, str]:
    """Return by plot the code of the contractor that covers it on a day; `plots`: a subquery of ids."""
    query = _held(col(ContractLine.plot_id), as_of or today(session), known_at)
    return dict(session.exec(query.where(col(ContractLine.plot_id).in_(plots))).all())


def counts_by_contractor(session: Session, plots: Any, *, as_of: date | None = None) -> dict[str, int]:
    """Return how many plots each contractor covers on a day, by its code; `plots`: a subquery of ids, None for all."""
    query = _held(func.count(col(ContractLine.plot_id).distinct()), as_of or today(session))
    if plots is not None:
        query = query.where(col(ContractLine.plot_id).in_(plots))
    return {code: count for count, code in session.exec(query.group_by(col(Organisation.code)))}


def _held(what: Any, day: date, known_at: datetime | None = None) -> Any:
    """Select something about the lines that cover plots on a day, beside the code of the contractor."""
    query = (
        select(what, Organisation.code)
        .select_from(ContractLineVersion)
        .join(ContractLine, col(ContractLineVersion.subject_id) == col(ContractLine.id))
        .join(Contract, col(ContractLine.contract_id) == col(Contract.id))
        .join(Organisation, col(Organisation.id) == col(Contract.contractor_id))
        .where(true_on(ContractLineVersion, as_of=day, known_at=known_at), col(ContractLineVersion.quantity) > 0)
    )
    return visible(query, as_of=day)


def lines_of(
    session: Session,
    contract: Contract,
    *,
    known_at: datetime | None = None,
    plots: Any = None,
    number: int | None = None,
) -> list[LineRow]:
    """Return every version of a contract's lines in the order in which they were recorded, as known at an instant."""
    query = (
        select(ContractLine, Plot, ContractLineVersion)
        .join(Plot, col(Plot.id) == col(ContractLine.plot_id))
        .join(ContractLineVersion, col(ContractLineVersion.subject_id) == col(ContractLine.id))
        .where(ContractLine.contract_id == contract.id)
        .order_by(col(ContractLineVersion.recorded_at), col(ContractLineVersion.id))
    )
    if known_at:
        query = query.where(col(ContractLineVersion.recorded_at) <= known_at)
    if plots is not None:
        query = query.where(col(ContractLine.plot_id).in_(plots))
    if number is not None:
        query = query.where(ContractLine.number == number)
    return [(line, plot, version) for line, plot, version in session.exec(query)]


def pieces(session: Session, contract: Contract, *, known_at: datetime | None = None) -> list[Piece]:
    """Return a contract's lines as pieces on which nothing changes, as known at an instant."""
    span = Span(contract.valid_from, contract.valid_to)
    rows = lines_of(session, contract, known_at=known_at)
    return pieces_of(
        ((line.number, plot.code, v.span, v.quantity, v.unit.value, v.unit_price) for line, plot, v in rows), span
    )


def terms_of(contract: Contract) -> Terms:
    """Return what a contract says about its fee."""
    span = Span(contract.valid_from, contract.valid_to)
    return Terms(span, contract.currency, contract.day_count, contract.rounding)


def covered(
    session: Session, plot_ids: Sequence[UUID], *, besides: UUID | None = None
) -> list[tuple[UUID, Contract, Span]]:
    """Return the days on which contracts, but for one, cover these plots, as known now: what was taken out is free."""
    query = (
        select(Contract, ContractLine, ContractLineVersion)
        .join(ContractLine, col(ContractLine.contract_id) == col(Contract.id))
        .join(ContractLineVersion, col(ContractLineVersion.subject_id) == col(ContractLine.id))
        .where(col(ContractLine.plot_id).in_(plot_ids), col(Contract.id) != besides)
        .order_by(col(Contract.code), col(ContractLineVersion.recorded_at), col(ContractLineVersion.id))
    )
    days: list[tuple[UUID, Contract, Span]] = []
    for _, group in groupby(session.exec(query), key=lambda row: row[0].id):
        rows = list(group)
        contract = rows[0][0]
        recorded = [(n.number, str(n.plot_id), v.span, v.quantity, v.unit.value, v.unit_price) for _, n, v in rows]
        laid = pieces_of(recorded, Span(contract.valid_from, contract.valid_to))
        days += [(UUID(piece.plot), contract, piece.span) for piece in laid]
    return days


class Totals(NamedTuple):
    """What is contracted on a day: plots, square metres, a year's price in minor units by currency."""

    plots: int
    area_m2: Decimal
    yearly_minor: dict[str, int]


def totals(session: Session, *, as_of: date | None = None) -> Totals:
    """Return what the contracts that the actor sees amount to on a day. Currencies are never added up."""
    day = as_of or today(session)
    line, version = ContractLine, ContractLineVersion
    columns: list[Any] = [Contract.code, Contract.currency, line.number, line.plot_id]
    columns += [version.quantity, version.unit, version.unit_price]
    query: Any = (
        core_select(*columns)
        .join(line, col(line.contract_id) == col(Contract.id))
        .join(version, col(version.subject_id) == col(line.id))
        .where(true_on(version, as_of=day), col(version.quantity) > 0)
        .where(col(Contract.valid_from) <= day, col(Contract.valid_to) > day)
    )
    priced: dict[tuple[str, str], list[Piece]] = {}
    for code, currency, number, plot, quantity, unit, unit_price in session.exec(query):
        piece = Piece(number, plot, Span(day, day + DAY), quantity, unit.value, unit_price)
        priced.setdefault((code, currency), []).append(piece)
    yearly: dict[str, int] = {}
    for (_, currency), some in priced.items():
        yearly[currency] = yearly.get(currency, 0) + yearly_minor(some, currency)
    every = [piece for some in priced.values() for piece in some]
    area = sum((piece.quantity for piece in every if piece.unit == Unit.M2.value), Decimal(0))
    return Totals(len({piece.plot for piece in every}), area, yearly)


def parties(session: Session, contract: Contract) -> list[tuple[ContractParty, Organisation]]:
    """Return the further parties of a contract, by their part."""
    query = select(ContractParty, Organisation).join(Organisation).where(ContractParty.contract_id == contract.id)
    return list(session.exec(query.order_by(col(ContractParty.part), col(Organisation.code))))
