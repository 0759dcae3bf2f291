"""Scores from a CSV. Rows that cannot be linked, or hold no score, are set aside only when the caller says so."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from service.contracts.queries import Cover, covers
from service.core.actor import Actor
from service.core.http import Body
from service.core.i18n import N_
from service.core.money import round_places
from service.core.readers import number
from service.exchange.models import Import, SetAside
from service.exchange.periods import read_period
from service.exchange.queries import import_of
from service.exchange.report import Report, batch_of, close_batch
from service.exchange.texts import NUMBER_6, File, Plain, Rows, read_rows
from service.inspections.actions import ImportedBefore, enter_scores
from service.inspections.models import Score
from service.plots.models import Plot
from service.plots.queries import plots_by_code

UNLINKED, MISSING = "unlinked", "missing"
REASONS = (UNLINKED, MISSING)
NOT_LINKED = N_("No plot has the code {plot} ({name}).")
NO_SCORE = N_("There is no score.")
PERIOD = N_("a day or period, such as 2013-08-29, 2013-08, 2013-Q3 or FY05Q3")
OUT_OF_RANGE = N_("The score {score} lies outside 0 to {scale}.")
HUNDRED = Decimal(100)


class ScoresLayout(Body):
    """How a foreign file maps onto ours. `scale`: the score that means 100."""

    columns: dict[str, str] = Field(default_factory=dict)
    empty: list[str] = Field(default_factory=list)  # words that mean an empty cell
    scale: Annotated[Decimal, Plain, Field(gt=0)] = HUNDRED
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12)] = 1


@dataclass
class _Sorted:
    scores: list[Score]
    aside: list[SetAside]


def import_scores(
    session: Session, actor: Actor, file: File, layout: ScoresLayout, *, set_aside: Collection[str] = ()
) -> Report:
    """Enter the scores of a file. What is not in `set_aside` (unlinked, missing) and cannot be used is an error."""
    if before := import_of(session, "scores", file.sha256):
        raise ImportedBefore(at=before.at.date())
    rows = read_rows(file, ("plot", "period", "score"), layout.columns, empty=layout.empty)
    batch = batch_of(session, actor, "scores", file)
    known = plots_by_code(session)
    done = _Sorted([], [])
    for at, row in rows.rows:
        reason = _reason(rows, at, row, known, set_aside)
        if reason:
            name = row.get("name") or row["plot"]
            aside = SetAside(import_id=batch.id, row=at, reason=reason, name=name, content=dict(row))
            done.aside.append(aside)
        elif score := _score(rows, at, row, known, layout, batch):
            done.scores.append(score)
    rows.refuse()
    _assign(session, done.scores)
    enter_scores(session, actor, done.scores, source=batch)
    return close_batch(session, actor, batch, rows=len(rows.rows), written=len(done.scores), set_aside=done.aside)


def _reason(
    rows: Rows, at: int, row: Mapping[str, str], known: Mapping[str, Plot], set_aside: Collection[str]
) -> str | None:
    """Return why a row is set aside; None when it is used, or when it is an error."""
    if row["plot"] not in known:
        if UNLINKED in set_aside:
            return UNLINKED
        rows.wrong(at, "plot", UNLINKED, NOT_LINKED, plot=row["plot"][:40], name=row.get("name", "")[:80])
    elif not row["score"]:
        if MISSING in set_aside:
            return MISSING
        rows.wrong(at, "score", MISSING, NO_SCORE)
    return None


def _score(
    rows: Rows, at: int, row: Mapping[str, str], known: Mapping[str, Plot], layout: ScoresLayout, batch: Import
) -> Score | None:
    plot = known.get(row["plot"])
    span = rows.cell(at, row, "period", lambda text: read_period(text, layout.fiscal_year_starts), PERIOD)
    score = rows.optional(at, row, "score", number(6, signed=True), NUMBER_6)
    if score is not None and not 0 <= score <= layout.scale:
        rows.wrong(at, "score", "score_out_of_range", OUT_OF_RANGE, score=score, scale=layout.scale)
        return None
    if plot is None or span is None or score is None or span.valid_to is None:
        return None
    return Score(
        plot_id=plot.id,
        valid_from=span.valid_from,
        valid_to=span.valid_to,
        channel=row.get("channel") or "inspection",
        score=round_places(score * HUNDRED / layout.scale, 6),
        source_row=at,
        recorded_at=batch.at,
        recorded_by=batch.by,
        import_id=batch.id,
    )


def _assign(session: Session, scores: list[Score]) -> None:
    """A score is of the contract that covers its plot on the score's first day."""
    by_day: dict[date, dict[UUID, Cover]] = defaultdict(dict)
    for score in scores:
        if score.valid_from not in by_day:
            by_day[score.valid_from] = covers(session, as_of=score.valid_from)
        cover = by_day[score.valid_from].get(score.plot_id)
        score.contract_id = cover and cover.contract.id
