"""Two people, frozen periods, corrections. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.core.dates import Span
from service.core.errors import Conflict, Forbidden, Invalid
from service.core.i18n import N_

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
    """Who prepared a statement, or confirmed a finding that it charges, does not approve it."""

    code, message = (
        "same_person",
        N_("A statement that you prepared, or whose findings you confirmed, needs another approver."),
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


class AwaitsDecision(Conflict):
    """There is a prepared statement that nobody has decided yet."""

    code, message = "awaits_decision", N_("The statement {statement} awaits its decision.")


def refuse_same_person(approver: UUID | None, prepared_by: UUID | None, confirmed_by: set[UUID]) -> None:
    """Refuse an approver who prepared the statement or confirmed one of its findings."""
    if approver is None or approver == prepared_by or approver in confirmed_by:
        raise SamePerson


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
