"""Gather the facts of a period, as known at an instant, and assess them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from service.assessment import rules
from service.assessment.rules import Assessment, counts_findings
from service.contracts import queries as contracts
from service.contracts.models import Contract
from service.contracts.rules import Fee, fee
from service.core.dates import Span, period_name, period_of
from service.core.db import now
from service.core.money import major
from service.findings.queries import findings
from service.findings.rules import STANDING
from service.inspections.queries import scores
from service.schemes.queries import scheme
from service.schemes.stops import Stopped
from service.standards.queries import finding_types

HUNDRED = Decimal(100)


def assess_period(session: Session, contract: Contract, span: Span, *, known_at: datetime) -> Assessment:
    """Apply the contract's scheme to what is known of a period at an instant."""
    rulebook = scheme(session, contract.scheme_id)
    pieces = contracts.pieces(session, contract, known_at=known_at)
    period_fee = fee(contracts.terms_of(contract), pieces, span)
    found = _finding_facts(session, contract, span, known_at)
    given = _score_facts(session, contract, span, known_at)
    facts = {
        "contracts": [_contract_fact(contract)],
        "plots": _plot_facts(contract, period_fee, [fact["plot"] for fact in (*found, *given)]),
        "lines": _line_facts(contract, period_fee),
        "findings": found,
        "scores": given,
    }
    period = period_name(span.valid_from, contract.settled)
    return rules.assess(rulebook, facts, contract.code, period, span, period_fee)


def _contract_fact(contract: Contract) -> dict[str, Any]:
    return {"contract": contract.code, "valid_from": contract.valid_from, "valid_to": contract.valid_to}


def _plot_facts(contract: Contract, period_fee: Fee, touched: Iterable[str]) -> list[dict[str, Any]]:
    """The plots that the contract covers in the period, and those that something was found on all the same."""
    first, end = period_fee.span
    covered = dict.fromkeys([*(line.plot for line in period_fee.lines if line.pieces), *touched])
    return [{"plot": plot, "contract": contract.code, "valid_from": first, "valid_to": end} for plot in covered]


def _line_facts(contract: Contract, period_fee: Fee) -> list[dict[str, Any]]:
    """One row per line and period; what changes within the period is in the fee's own explanation."""
    return [
        {
            "line": f"{contract.code}-{line.line}",
            "contract": contract.code,
            "plot": line.plot,
            "unit": line.pieces[-1][0].unit,
            "quantity": line.pieces[-1][0].quantity,
            "price": line.pieces[-1][0].price,
            "amount": major(line.amount_minor, contract.currency),
            "valid_from": period_fee.span.valid_from,
            "valid_to": period_fee.span.valid_to,
        }
        for line in period_fee.lines
        if line.pieces
    ]


def _finding_facts(session: Session, contract: Contract, span: Span, known_at: datetime) -> list[dict[str, Any]]:
    """Only findings that stand: confirmed, and not withdrawn."""
    kinds = finding_types(session)
    rows = findings(
        session, states=STANDING, contract=contract.id, first=span.valid_from, until=span.until, known_at=known_at
    )
    return [
        {
            "finding": record.finding.code,
            "contract": contract.code,
            "plot": record.plot.code,
            "type": record.finding.type,
            "severity": record.finding.severity.value,
            "found_on": record.finding.found_on,
            "points": kinds[record.finding.type].points,
            "unit": record.finding.unit,
            "quantity": record.finding.quantity,
        }
        for record in sorted(rows, key=lambda record: record.finding.code)
    ]


def _score_facts(session: Session, contract: Contract, span: Span, known_at: datetime) -> list[dict[str, Any]]:
    rows = scores(session, contract=contract.id, span=span, known_at=known_at)
    return [
        {
            "score_id": str(score.id),
            "contract": contract.code,
            "plot": plot.code,
            "on": score.valid_from,
            "channel": score.channel,
            "score": score.score,
        }
        for score, plot in rows
    ]


def plot_points(session: Session, day: date) -> dict[UUID, Decimal]:
    """Return the points that findings cost, by plot, in the periods that hold a day.

    Left out: plots of contracts whose scheme scores by visits instead, or cannot be worked for the period yet.
    """
    lost: dict[UUID, Decimal] = {}
    for contract, _ in contracts.contracts(session):
        if not contract.valid_from <= day < contract.valid_to or not counts_findings(
            scheme(session, contract.scheme_id)
        ):
            continue
        span = period_of(day, contract.settled)
        try:
            points = assess_period(session, contract, span, known_at=now(session)).points
        except Stopped:  # whoever settles the period is told why; a map shows that there is no score
            continue
        lost |= {
            plot: Decimal(0)
            for plot, cover in contracts.covers(session, as_of=day).items()
            if cover.contract == contract
        }
        for record in findings(session, contract=contract.id, first=span.valid_from, until=span.until):
            lost[record.plot.id] = lost.get(record.plot.id, Decimal(0)) + points.get(record.finding.code, Decimal(0))
    return lost


def plot_scores(session: Session, span: Span) -> dict[UUID, Decimal]:
    """Return a score by plot for a period: the mean of recorded ones, else 100 less the points that findings cost."""
    recorded: dict[UUID, list[Decimal]] = defaultdict(list)
    for score, plot in scores(session, span=span):
        recorded[plot.id].append(score.score)
    means = {plot: sum(given, Decimal(0)) / len(given) for plot, given in recorded.items()}
    lost = {plot: max(Decimal(0), HUNDRED - points) for plot, points in plot_points(session, span.valid_from).items()}
    return lost | means
