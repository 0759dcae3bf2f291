"""Scores from a CSV. Rows that cannot be linked, or hold no score, are set aside only when the caller says so."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from service.contracts.models import Contract
from service.contracts.queries import Cover, contracts, covers, lock_contracts
from service.core.actor import Actor
from service.core.dates import Span
from service.core.db import now
from service.core.errors import Issue
from service.core.http import Body
from service.core.i18n import N_
from service.core.money import round_places
from service.core.readers import number
from service.exchange.models import SetAside
from service.exchange.periods import read_period
from service.exchange.plans import Added, Plan, of_scores
from service.exchange.queries import import_of
from service.exchange.report import Report, batch_of, close_plan, queue
from service.exchange.texts import NUMBER_6, File, Plain, Rows, read_rows
from service.inspections.actions import ImportedBefore, enter_scores
from service.inspections.models import Score
from service.inspections.queries import scores
from service.inspections.rules import OtherPeriods, ScoredBefore, lies_in_a_period
from service.plots.models import Plot
from service.plots.queries import plots_by_code

UNLINKED, MISSING, KNOWN = "unlinked", "missing", "known"
REASONS = (UNLINKED, MISSING, KNOWN)
NOT_LINKED = N_("No plot has the code {plot}.")
NAMED_NOT_LINKED = N_("No plot has the code {plot} ({name}).")
NO_CONTRACT = N_("{count} scores lie on days on which no contract covers their plots; no statement will read them.")
NO_SCORE = N_("There is no score.")
PERIOD = N_("a day or period, such as 2013-08-29, 2013-08, 2013-Q3 or FY05Q3")
OUT_OF_RANGE = N_("The score {score} lies outside 0 to {scale}.")
HUNDRED = Decimal(100)
SCORE_COLUMNS = ("plot", "period", "score")
UNWRITTEN = UUID(int=0)  # the import of a row that is only planned


class ScoresLayout(Body):
    """How a foreign file maps onto ours. `scale`: the score that means 100."""

    columns: dict[str, str] = Field(default_factory=dict)
    empty: list[str] = Field(default_factory=list)  # words that mean an empty cell
    scale: Annotated[Decimal, Plain, Field(gt=0, max_digits=12, decimal_places=6)] = HUNDRED
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12)] = 1


def plan_scores(
    session: Session, file: File, layout: ScoresLayout, *, set_aside: Collection[str] = (), read: Rows | None = None
) -> Plan[Added]:
    """Return the scores of a file. What is not in `set_aside` (unlinked, missing) and cannot be used is an error.

    `read`: its rows, where they were read already.
    """
    if before := import_of(session, "scores", file.sha256):
        raise ImportedBefore(at=before.at.date())
    rows = read or read_rows(file, SCORE_COLUMNS, layout.columns, empty=layout.empty)
    known = plots_by_code(session)
    earlier = {_place(score) for score, _ in scores(session)}
    given: list[Score] = []
    aside: list[SetAside] = []
    for at, row in rows.rows:
        reason = _reason(rows, at, row, known, set_aside)
        if reason:
            name = row.get("name") or row["plot"]
            aside.append(SetAside(import_id=UNWRITTEN, row=at, reason=reason, name=name, content=dict(row)))
        elif score := _score(session, rows, at, row, known, layout):
            if _place(score) not in earlier:
                given.append(score)
            elif KNOWN in set_aside:
                name = row.get("name") or row["plot"]
                aside.append(SetAside(import_id=UNWRITTEN, row=at, reason=KNOWN, name=name, content=dict(row)))
            else:
                rows.wrong(at, "plot", KNOWN, ScoredBefore.message, plot=row["plot"])
    _assign(session, given, rows)
    rows.refuse()
    unread = sum(score.contract_id is None for score in given)
    remarks = [Issue("no_contract", file.name, NO_CONTRACT, {"count": unread})] if unread else []
    return Plan(len(rows.rows), Added(given), of_scores, aside=aside, remarks=remarks)


def _place(score: Score) -> tuple[UUID, date, date, str]:
    """What a score is of: two of one file are two visits, two of different files the same one told again."""
    return score.plot_id, score.valid_from, score.valid_to, score.channel


def import_scores(
    session: Session,
    actor: Actor,
    file: File,
    layout: ScoresLayout,
    *,
    set_aside: Collection[str] = (),
    read: Rows | None = None,
    shown: str | None = None,
) -> Report:
    """Enter the scores of a file, once. With any error nothing is written.

    `shown`: the digest of what a dry run has shown; nothing else is written.
    """
    queue(session)
    lock_contracts(session, [contract.id for contract, _ in contracts(session)])  # whoever settles waits, or is seen
    plan = plan_scores(session, file, layout, set_aside=set_aside, read=read)
    plan.refuse_other_than(shown)
    batch = batch_of(session, actor, "scores", file)
    for score in plan.compared.new:
        score.recorded_at, score.recorded_by, score.import_id = batch.at, batch.by, batch.id
    enter_scores(session, actor, plan.compared.new, source=batch)
    return close_plan(session, actor, batch, plan)


def _reason(
    rows: Rows, at: int, row: Mapping[str, str], known: Mapping[str, Plot], set_aside: Collection[str]
) -> str | None:
    """Return why a row is set aside; None when it is used, or when it is an error."""
    if row["plot"] not in known:
        if UNLINKED in set_aside:
            return UNLINKED
        name = row.get("name", "")
        rows.wrong(
            at, "plot", UNLINKED, NAMED_NOT_LINKED if name else NOT_LINKED, plot=row["plot"][:40], name=name[:80]
        )
    elif not row["score"]:
        if MISSING in set_aside:
            return MISSING
        rows.wrong(at, "score", MISSING, NO_SCORE)
    return None


def _score(
    session: Session, rows: Rows, at: int, row: Mapping[str, str], known: Mapping[str, Plot], layout: ScoresLayout
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
        recorded_at=now(session),  # who recorded it, and when, is said when it is written
        recorded_by="",
        source_row=at,
    )


def _assign(session: Session, given: list[Score], rows: Rows) -> None:
    """A score is of the contract that covers its plot on the score's first day, and of one of its periods."""
    by_day: dict[date, dict[UUID, Cover]] = defaultdict(dict)
    for score in given:
        if score.valid_from not in by_day:
            by_day[score.valid_from] = covers(session, as_of=score.valid_from)
        cover = by_day[score.valid_from].get(score.plot_id)
        score.contract_id = cover and cover.contract.id
        if cover and score.source_row and not _is_settled(score, cover.contract):
            terms = {"contract": cover.contract.code, "level": cover.contract.settled}
            rows.wrong(score.source_row, "period", OtherPeriods.code, OtherPeriods.message, **terms)


def _is_settled(score: Score, contract: Contract) -> bool:
    days, own = Span(score.valid_from, score.valid_to), Span(contract.valid_from, contract.valid_to)
    return lies_in_a_period(days, own, contract.settled)
