"""Enter scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, select

from service.access.models import Authority
from service.access.rules import require
from service.audit_log import actions as audit_log
from service.contracts.queries import held_cover
from service.core.actor import Actor, Role
from service.core.dates import Span, half_open
from service.core.db import insert, lock, now
from service.core.errors import Conflict, IdTaken
from service.core.i18n import N_
from service.inspections import queries, rules
from service.inspections.models import Score
from service.plots.models import Plot
from service.plots.queries import plot_as_of

BATCH = 1000
SCORERS = (Role.HOST, Role.MANAGER, Role.INSPECTOR)


class ImportedBefore(Conflict):
    """The very file was imported before: its scores would count twice."""

    code, message = "imported_before", N_("This file was imported on {at} already; nothing was written again.")


def enter_scores(session: Session, actor: Actor, rows: Sequence[Score], *, source: audit_log.Identified) -> None:
    """Write scores as they stand in a file; repeat visits stay rows of their own.

    The caller holds the contracts that the scores are settled by, and has stamped the rows since.
    """
    require(actor, *SCORERS)
    session.add_all(rows)
    session.flush()
    for n in range(0, len(rows), BATCH):
        audit_log.record(session, actor, "scores.enter", source, after=rows[n : n + BATCH])


@dataclass(frozen=True)
class NewScore:
    """A score of 0 to 100 that somebody gives a plot for the days from `first` until `until`, both included."""

    plot: str
    first: date
    until: date
    channel: str
    score: Decimal


def give_score(session: Session, actor: Actor, score_id: UUID, new: NewScore) -> tuple[Score, Plot, bool]:
    """Enter one score, by the rules of a file of them. Sent again, it is returned as it stands, with False."""
    require(actor, *SCORERS)
    days = half_open(new.first, new.until)
    plot = plot_as_of(session, new.plot, as_of=new.first).plot
    if known := session.exec(select(Score).where(Score.id == score_id)).one_or_none():
        _refuse_other(actor, known, plot, days, new)
        return known, plot, False
    lock(session, select(Authority))  # imports of scores follow each other, and this one them
    cover = held_cover(session, plot.id, new.first)
    if cover:
        terms = cover.contract
        if not rules.lies_in_a_period(days, Span(terms.valid_from, terms.valid_to), terms.settled):
            raise rules.OtherPeriods(contract=terms.code, level=terms.settled)
    if queries.is_scored(session, plot.id, days, new.channel):
        raise rules.ScoredBefore(plot=plot.code)
    assert days.valid_to, "a score has a last day"
    score = Score(
        id=score_id,
        plot_id=plot.id,
        contract_id=cover and cover.contract.id,
        valid_from=days.valid_from,
        valid_to=days.valid_to,
        channel=new.channel,
        score=new.score,
        recorded_at=now(session),
        recorded_by=actor.code,
    )
    insert(session, score, taken=IdTaken())
    audit_log.record(session, actor, "scores.enter", score, after=[score])
    return score, plot, True


def _refuse_other(actor: Actor, known: Score, plot: Plot, days: Span, new: NewScore) -> None:
    """The same id with other content is refused; only the sender's own retry is the same content."""
    kept = (known.plot_id, known.valid_from, known.valid_to, known.channel, known.score, known.recorded_by)
    if kept != (plot.id, days.valid_from, days.valid_to, new.channel, new.score, actor.code):
        raise IdTaken
