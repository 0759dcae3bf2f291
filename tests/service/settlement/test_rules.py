"""Who may approve, what is carried, why an amount moved."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.dates import Span
from service.core.ids import new_id
from service.settlement.rules import (
    ROW_IDS,
    PeriodRunning,
    SamePerson,
    changed_facts,
    payable,
    refuse_running,
    refuse_same_person,
)

ME, OTHER, THIRD = new_id(), new_id(), new_id()
AMOUNTS = st.lists(st.integers(-(10**12), 10**12), max_size=12)


@pytest.mark.parametrize(
    ("approver", "prepared_by", "confirmed_by", "allowed"),
    [
        (ME, OTHER, set(), True),
        (ME, OTHER, {THIRD}, True),
        (ME, None, {OTHER}, True),  # prepared on the command line
        (ME, ME, set(), False),
        (ME, OTHER, {ME}, False),
        (ME, OTHER, {ME, THIRD}, False),
        (ME, None, {ME}, False),
        (None, OTHER, set(), False),  # nobody is no second person
        (None, None, set(), False),
    ],
)
def test_two_people(approver: UUID | None, prepared_by: UUID | None, confirmed_by: set[UUID], allowed: bool) -> None:
    if allowed:
        refuse_same_person(approver, prepared_by, confirmed_by)
    else:
        with pytest.raises(SamePerson):
            refuse_same_person(approver, prepared_by, confirmed_by)


@given(AMOUNTS)
def test_what_is_paid_and_what_is_carried_make_up_the_total(amounts: list[int]) -> None:
    paid, carried = payable(amounts, "carry")
    assert paid + carried == sum(amounts)
    assert paid >= 0 >= carried
    assert paid == 0 or carried == 0
    assert payable(amounts, "collect") == (sum(amounts), 0)
    assert payable(amounts, "waive") == (max(0, sum(amounts)), 0)


@given(st.lists(AMOUNTS, max_size=6))
def test_a_balance_that_is_carried_on_and_on_is_lost_to_nobody(periods: list[list[int]]) -> None:
    paid, balance = 0, 0
    for amounts in periods:
        now, balance = payable([*amounts, balance] if balance else amounts, "carry")
        paid += now
    assert paid + balance == sum(sum(amounts) for amounts in periods)


def test_a_period_is_settled_from_the_day_after_its_last() -> None:
    august = Span(date(2013, 8, 1), date(2013, 9, 1))
    refuse_running(august, date(2013, 9, 1), "2013-08")
    for day in (date(2013, 8, 31), date(2013, 1, 1)):
        with pytest.raises(PeriodRunning) as refused:
            refuse_running(august, day, "2013-08")
        assert refused.value.details == {"period": "2013-08", "day": august.valid_to}
    assert august.valid_to == date(2013, 8, 31) + timedelta(days=1)


def facts(**tables: list[dict[str, str]]) -> str:
    return json.dumps(tables)


def test_what_changed_is_named_by_table_and_row() -> None:
    then = facts(findings=[{"finding": "F-1", "points": "1"}, {"finding": "F-2"}], lines=[{"line": "C1-1"}])
    now = facts(findings=[{"finding": "F-1", "points": "2"}, {"finding": "F-3"}], lines=[{"line": "C1-1"}])
    assert changed_facts(then, now) == {"findings": ["F-1", "F-2", "F-3"]}
    assert changed_facts(now, then) == changed_facts(then, now)
    assert changed_facts(then, then) == {}


def test_the_order_of_rows_is_no_change() -> None:
    one, other = {"finding": "F-1"}, {"finding": "F-2"}
    assert changed_facts(facts(findings=[one, other]), facts(findings=[other, one])) == {}


@pytest.mark.parametrize("table", ROW_IDS)
def test_every_table_of_facts_names_its_rows(table: str) -> None:
    row = {ROW_IDS[table]: "x"}
    assert changed_facts(facts(), facts(**{table: [row]})) == {table: ["x"]}
