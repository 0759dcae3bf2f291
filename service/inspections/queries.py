"""Reads of scores, and who sees them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from service.contracts.queries import lying, own_contracts
from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.dates import Span
from service.core.errors import found
from service.core.paging import behind
from service.core.scope import among, everything, scope_of
from service.core.temporal import News
from service.inspections.models import Score
from service.plots.models import Plot
from service.plots.queries import posted_plots

scope_of(Score, *OVERSEERS, Role.VIEWER)(everything)


@scope_of(Score, *ZONED)
def _scores_of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(Score.plot_id, posted_plots(actor, as_of))


@scope_of(Score, Role.CONTRACTOR)
def _own_scores(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(Score.contract_id).in_(own_contracts(actor))


def scores(
    session: Session,
    *,
    plot: UUID | None = None,
    plots: Any = None,
    contract: UUID | None = None,
    contractor: UUID | None = None,
    channel: str = "",
    span: Span | None = None,
    known_at: datetime | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> list[tuple[Score, Plot]]:
    """Return scores by their first day, then id. `span`: those whose days lie within it."""
    query = select(Score, Plot).join(Plot)
    query = lying(query, Score, plot=plot, plots=plots, contract=contract, contractor=contractor)
    if channel:
        query = query.where(Score.channel == channel)
    if span:
        query = query.where(col(Score.valid_from) >= span.valid_from, col(Score.valid_to) <= span.valid_to)
    if known_at:
        query = query.where(col(Score.recorded_at) <= known_at)
    if after:
        query = behind(query, col(Score.valid_from), col(Score.id), after)
    query = query.order_by(col(Score.valid_from), col(Score.id)).limit(limit)
    return [(score, plot_) for score, plot_ in session.exec(query)]


def scorers(session: Session, contract_id: UUID, news: News) -> set[str]:
    """Return the codes of those who entered the scores of a contract that are news."""
    query = select(Score.recorded_by).where(
        Score.contract_id == contract_id, news.holds(Score.recorded_at, Score.valid_from)
    )
    return set(session.exec(query.distinct()))


def score_by_id(session: Session, score_id: UUID) -> tuple[Score, Plot]:
    """Return a score with its plot, or refuse."""
    score, plot = found(session.exec(select(Score, Plot).join(Plot).where(Score.id == score_id)).one_or_none())
    return score, plot


def is_scored(session: Session, plot: UUID, days: Span, channel: str) -> bool:
    """Tell whether a plot has a score of these very days and this channel."""
    query = select(Score.id).where(Score.plot_id == plot, Score.channel == channel)
    query = query.where(Score.valid_from == days.valid_from, Score.valid_to == days.valid_to)
    return session.exec(query.limit(1)).first() is not None
