"""Two people, frozen periods, corrections. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from service.contracts.rules import MOST_MINOR
from service.core.dates import MONTHS, Span, period_of, periods_between
from service.core.errors import Conflict, Forbidden, Invalid, Issue
from service.core.i18n import N_
from service.core.money import major
from service.schemes.periods import parse_period

MOST_POINTS = 10**12
PREPARED = "prepared"  # the state of a statement before its decision


class LineKind(StrEnum):
    """What a statement's line is."""

    EARNED = "earned"
    DEDUCTED = "deducted"
    CORRECTION = "correction"
    CARRIED = "carried"  # what was below zero the last time


class Decision(StrEnum):
    """What a second person says."""

    APPROVED = "approved"
    SENT_BACK = "sent_back"


class SamePerson(Forbidden):
    """Who prepared a statement, or filed, confirmed, withdrew or entered what moves it, does not approve it."""

    code, message = (
        "same_person",
        N_(
            "A statement that you prepared, or that rests on findings, scores or amendments of yours, "
            "needs another approver."
        ),
    )


class AlreadyDecided(Conflict):
    """A statement is decided once."""

    code, message = "already_decided", N_("This statement is already decided.")


class PeriodClosed(Conflict):
    """A closed period never changes; what is learnt later goes to the next statement."""

    code, message = "period_closed", N_("{period} is closed; changes post to the next statement.")


class PeriodOpen(Conflict):
    """The earlier period has no approved statement yet."""

    code, message = "earlier_period_open", N_("Settle {period} first.")


class PeriodRunning(Conflict):
    """A period is settled when it is over."""

    code, message = "period_running", N_("{period} is not over before {day}.")


class NoSuchPeriod(Invalid):
    """The contract has no such period."""

    code, message = "no_such_period", N_("Contract {contract} is not settled by {period}.")


class NothingLeft(Conflict):
    """After the last period a statement is made only for what has to be corrected or is carried."""

    code, message = "nothing_left", N_("Contract {contract} is settled to its end; there is nothing to correct.")


class AwaitsDecision(Conflict):
    """There is a prepared statement that nobody has decided yet."""

    code, message = "awaits_decision", N_("The statement {statement} awaits its decision.")


class BeyondMoney(Conflict):
    """Nobody means it: a finding of a million millions, most likely."""

    code, message = (
        "beyond_money",
        N_("The statement comes to more than can be settled. Look for a finding of a quantity that cannot be."),
    )


def refuse_beyond(amounts: Sequence[int], score: Decimal | None) -> None:
    """Refuse amounts and scores that do not fit where they are kept: 10^15 minor units, 10^12 points.

    >>> refuse_beyond([10**15, -(10**15)], Decimal(-900))
    """
    if any(abs(amount) > MOST_MINOR for amount in amounts) or (score is not None and abs(score) >= MOST_POINTS):
        raise BeyondMoney


def refuse_same_person(approver: UUID | None, prepared_by: UUID | None, involved: set[UUID]) -> None:
    """Refuse an approver who prepared the statement, or has another part in what it pays."""
    if approver is None or approver == prepared_by or approver in involved:
        raise SamePerson


def period_named(name: str) -> Span | None:
    """Return the days of a month or a quarter by its name; None when it names neither.

    >>> period_named("2013-Q3"), period_named("2013-W35")
    (Span(valid_from=datetime.date(2013, 7, 1), valid_to=datetime.date(2013, 10, 1)), None)
    """
    named = parse_period(name)
    return named.span if named and named.level in MONTHS else None


def part_of(contract: Span, level: str, period: Span) -> Span:
    """Return a contract's own part of a calendar month or quarter: at its ends it may be shorter than that.

    >>> part_of(Span(date(2013, 1, 15), date(2013, 4, 1)), "month", Span(date(2013, 1, 1), date(2013, 2, 1))).valid_from
    datetime.date(2013, 1, 15)
    """
    own = periods_between(contract, level)
    return next((p for p in own if period in (p, period_of(p.valid_from, level))), period)


def is_closing(contract: Span, level: str, period: Span) -> bool:
    """Tell whether a month or quarter comes after a contract's end: then a statement holds corrections alone."""
    assert contract.valid_to
    return period.valid_from >= contract.valid_to and period == period_of(period.valid_from, level)


def refuse_running(period: Span, today: date, name: str) -> None:
    """Refuse to settle a period that is not over.

    >>> refuse_running(Span(date(2013, 8, 1), date(2013, 9, 1)), date(2013, 9, 1), "2013-08")
    """
    assert period.valid_to
    if today < period.valid_to:
        raise PeriodRunning(period=name, day=period.valid_to)


def payable(amounts: Sequence[int], below_zero: str) -> tuple[int, int]:
    """Return what is paid now and what is carried to the next statement. `below_zero`: carry, collect or waive.

    >>> payable([100, -250], "carry"), payable([100, -250], "collect"), payable([100, -250], "waive")
    ((0, -150), (-150, 0), (0, 0))
    """
    total = sum(amounts)
    if total >= 0 or below_zero == "collect":
        return total, 0
    return 0, total if below_zero == "carry" else 0


ROW_IDS = {"findings": "finding", "scores": "score_id", "lines": "line", "plots": "plot", "contracts": "contract"}


def changed_facts(then: str, now: str) -> dict[str, list[str]]:
    """Return the ids of the facts that differ between two frozen inputs, by table: why an amount moved.

    >>> changed_facts('{"findings": []}', '{"findings": [{"finding": "F-1"}]}')
    {'findings': ['F-1']}
    """
    before, after = (_by_id(json.loads(inputs)) for inputs in (then, now))
    changed: dict[str, list[str]] = {}
    for table, row_id in sorted(
        place for place in before.keys() | after.keys() if before.get(place) != after.get(place)
    ):
        changed.setdefault(table, []).append(row_id)
    return changed


def _by_id(facts: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(table, str(row[ROW_IDS[table]])): row for table, rows in facts.items() for row in rows}


@dataclass(frozen=True)
class Account:
    """A statement with its lines as they stand in the database: what the balances are checked on."""

    code: str
    span: Span
    currency: str
    payable_minor: int
    inputs: str
    sha256: str
    below_zero: str
    lines: Sequence[tuple[int, LineKind, int, str]]  # number, kind, amount, explanation

    @property
    def amounts(self) -> list[int]:
        """The amounts of the lines, in their order."""
        return [amount for _, _, amount, _ in self.lines]


NOT_THE_SUM = N_("The statement does not pay what its lines come to.")
LINE_GONE = N_("The lines of the statement are not numbered one after another.")
NOT_THE_ROOT = N_("Line {number} is not the amount that its explanation comes to.")
INPUTS_CHANGED = N_("The facts that the statement was computed from have changed.")
NOT_CONTIGUOUS = N_("The approved periods of the contract do not follow each other without a gap.")
NOT_CARRIED = N_("The statement does not carry what the one before left below zero.")
NUMBER_GAP = N_("The approvals of {year} are not numbered without gaps.")


def account_issues(account: Account) -> Iterator[Issue]:
    """Yield what is wrong inside one statement: its sum, its lines, the roots of its explanations, its frozen facts."""
    if payable(account.amounts, account.below_zero)[0] != account.payable_minor:
        yield Issue("not_the_sum", account.code, NOT_THE_SUM)
    if [number for number, *_ in account.lines] != list(range(1, len(account.lines) + 1)):
        yield Issue("line_gone", account.code, LINE_GONE)
    for number, kind, amount, explanation in account.lines:
        sign = -1 if kind is LineKind.DEDUCTED else 1
        if Decimal(json.loads(explanation)["result"]) * sign != major(amount, account.currency):
            yield Issue("not_the_root", account.code, NOT_THE_ROOT, {"number": number})
    if sha256(account.inputs.encode()).hexdigest() != account.sha256:
        yield Issue("inputs_changed", account.code, INPUTS_CHANGED)


def sequence_issues(contract: str, first: date, approved: Sequence[Account]) -> Iterator[Issue]:
    """Yield what is wrong between the approved statements of a contract that begins on `first`, earliest first."""
    begins: list[date | None] = [first, *(account.span.valid_to for account in approved)]
    if any(account.span.valid_from != begin for account, begin in zip(approved, begins, strict=False)):
        yield Issue("not_contiguous", contract, NOT_CONTIGUOUS)
    left = 0
    for account in approved:
        carried = sum(amount for _, kind, amount, _ in account.lines if kind is LineKind.CARRIED)
        if carried != left:
            yield Issue("not_carried", account.code, NOT_CARRIED)
        left = payable(account.amounts, account.below_zero)[1]


def numbering_issues(numbers: Mapping[int, Sequence[int]]) -> Iterator[Issue]:
    """Yield the years whose approvals are not numbered 1, 2, 3, ...

    >>> [issue.place for issue in numbering_issues({2012: [2, 1], 2013: [1, 3]})]
    ['2013']
    """
    for year, given in sorted(numbers.items()):
        if sorted(given) != list(range(1, len(given) + 1)):
            yield Issue("number_gap", str(year), NUMBER_GAP, {"year": year})
