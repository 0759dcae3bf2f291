"""Reads of amendments; who sees them stands in queries."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

from sqlmodel import Session, col, select

from service.access.queries import the_authority
from service.contracts.changes import LineChange
from service.contracts.models import Amendment, AmendmentChange, Contract, ContractLine
from service.core.dates import Span
from service.core.errors import found
from service.core.temporal import News
from service.plots.models import Plot

ChangeRow = tuple[AmendmentChange, Plot]


def amendments(session: Session, contract: Contract, *, known_at: datetime | None = None) -> list[Amendment]:
    """Return a contract's amendments by their number, as known at an instant."""
    query = select(Amendment).where(Amendment.contract_id == contract.id).order_by(col(Amendment.number))
    if known_at:
        query = query.where(col(Amendment.recorded_at) <= known_at)
    return list(session.exec(query))


def additions(amended: Sequence[Amendment]) -> list[tuple[Amendment, int]]:
    """Return amendments with what they and those before them have added, in minor units."""
    return list(zip(amended, accumulate(amendment.added_minor for amendment in amended), strict=True))


def ceiling_percent(session: Session) -> Decimal | None:
    """Return which part of its original price a contract's amendments may add; None where there is no ceiling."""
    own = the_authority(session)
    return own[0].amendment_ceiling_percent if own else None


def amendment_of(session: Session, contract: Contract, amendment_id: UUID) -> Amendment:
    """Return an amendment of a contract, or refuse."""
    query = select(Amendment).where(Amendment.contract_id == contract.id, Amendment.id == amendment_id)
    return found(session.exec(query).one_or_none())


def amenders(session: Session, contract_id: UUID, news: News) -> set[UUID]:
    """Return who entered the amendments of a contract that are news; the command line is nobody."""
    query = (
        select(Amendment.entered_by)
        .join(AmendmentChange, col(AmendmentChange.amendment_id) == col(Amendment.id))
        .where(
            Amendment.contract_id == contract_id,
            news.holds(Amendment.recorded_at, AmendmentChange.valid_from),
            col(Amendment.entered_by).is_not(None),
        )
    )
    return {user_id for user_id in session.exec(query) if user_id}


def changes_of(session: Session, amended: Sequence[Amendment]) -> list[ChangeRow]:
    """Return what amendments change, one after another, in the order in which each says it."""
    query = (
        select(AmendmentChange, Plot)
        .join(ContractLine, col(ContractLine.id) == col(AmendmentChange.line_id))
        .join(Plot, col(Plot.id) == col(ContractLine.plot_id))
        .join(Amendment, col(Amendment.id) == col(AmendmentChange.amendment_id))
        .where(col(AmendmentChange.amendment_id).in_([amendment.id for amendment in amended]))
        .order_by(col(Amendment.number), col(AmendmentChange.number))
    )
    return [(change, plot) for change, plot in session.exec(query)]


def line_change(change: AmendmentChange, plot: Plot) -> LineChange:
    """Return what an amendment says of a plot, without the database's own."""
    said = {name: getattr(change, name) for name in ("act", "quantity", "unit", "basis", "unit_price", "grade")}
    return LineChange(plot=plot.code, span=Span(change.valid_from, change.valid_to), **said)
