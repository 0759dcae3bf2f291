"""Who may approve, what is carried, why an amount moved."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.assessment.rules import Facts
from service.core.dates import Span
from service.core.ids import new_id
from service.schemes.evaluator import evaluate
from service.schemes.language import read_scheme
from service.settlement.rules import (
    ROW_IDS,
    PeriodRunning,
    SamePerson,
    changed_facts,
    payable,
    refuse_running,
    refuse_same_person,
)
from tests.park import SCHEME

ME, OTHER, THIRD = new_id(), new_id(), new_id()
AMOUNTS = st.lists(st.integers(-(10**12), 10**12), max_size=12)


@pytest.mark.parametrize(
    ("approver", "prepared_by", "involved", "allowed"),
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
def test_two_people(approver: UUID | None, prepared_by: UUID | None, involved: set[UUID], allowed: bool) -> None:
    if allowed:
        refuse_same_person(approver, prepared_by, involved)
    else:
        with pytest.raises(SamePerson):
            refuse_same_person(approver, prepared_by, involved)


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


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 2000)), min_size=3, max_size=3),
    st.sampled_from(["carry", "collect", "waive"]),
)
def test_a_schemes_own_payment_is_what_statements_pay(months: list[tuple[int, int]], below_zero: str) -> None:
    """Examples in a scheme's file are worked by its payment rules, statements by `payable`: both must say the same."""
    scheme = read_scheme(SCHEME.replace("below_zero: carry", f"below_zero: {below_zero}"))
    days = [(f"2013-0{month}-01", f"2013-0{month + 1}-01") for month in (1, 2, 3)]
    common = {"contract": "C", "plot": "P"}
    facts: Facts = {
        "contracts": [{"contract": "C", "valid_from": "2013-01-01", "valid_to": "2014-01-01"}],
        "plots": [{**common, "valid_from": "2013-01-01", "valid_to": "2014-01-01"}],
        "lines": [
            {**common, "line": f"L{n}", "amount": Decimal(fee) / 100, "valid_from": first, "valid_to": end}
            for n, ((fee, _), (first, end)) in enumerate(zip(months, days, strict=True))
        ],
        "findings": [
            {**common, "finding": f"F{n}", "found_on": first, "points": 1, "quantity": lost}
            for n, ((_, lost), (first, _)) in enumerate(zip(months, days, strict=True))
        ],
    }
    run = evaluate(scheme, facts, Span(date(2013, 1, 1), date(2013, 4, 1)))
    carried = 0
    for month in ("2013-01", "2013-02", "2013-03"):
        amounts = [result.amount_minor for result in run.money("C", month)]
        paid, carried = payable([*amounts, carried], below_zero)
        assert run.value("payment", ("C", month)) == Fraction(paid, 100)
        assert run.value("payment_carried", ("C", month)) == Fraction(carried, 100)
