"""Amendments of days that are paid already: the next statement corrects them, and a year still adds up to its price."""

import json
from datetime import date

import pytest
from sqlmodel import col, select

from service.contracts.changes import LineChange, price_minor
from service.contracts.models import Contract
from service.contracts.queries import contract_by_code, pieces, terms_of
from service.core.dates import half_open
from service.settlement.models import StatementLine
from service.settlement.queries import lines, statement_by_code
from service.settlement.rules import LineKind
from tests.conftest import World
from tests.park import YEAR, added, amend, changed

SPRING = half_open(date(2013, 1, 16), date(2013, 3, 31))
AUTUMN = half_open(date(2013, 9, 11), date(2013, 12, 31))


def first_of(month: int) -> date:
    """Return the first day of a month of 2013; of January 2014 for 13."""
    return date(2013, month, 1) if month < 13 else date(2014, 1, 1)


def contract_of(world: World, code: str) -> Contract:
    return world.read("auditor", contract_by_code, code)[0]


def fees(world: World, code: str) -> dict[date, int]:
    """Return what statements pay before deductions, corrections included, by the period that it is about."""
    paid: dict[date, int] = {}
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, code)
        query = select(StatementLine).where(
            StatementLine.contract_id == contract.id, col(StatementLine.rule) == "month_fee"
        )
        for line in session.exec(query):
            paid[line.for_from] = paid.get(line.for_from, 0) + line.amount_minor
    return paid


def price(world: World, code: str) -> int:
    """Return the price of all days of a contract as its lines are now."""
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, code)
        return price_minor(terms_of(contract), pieces(session, contract))


def year_with(world: World, code: str, changes: dict[int, LineChange]) -> None:
    """Settle twelve months of a contract; amend it in the given months, after the month before was paid."""
    for month in range(1, 13):
        world.on(first_of(month + 1))
        if month in changes:
            world.act("manager", amend, code, changes[month])
        world.settle(code, month)


@pytest.mark.parametrize("code", ["C1", "C2"])
def test_a_year_of_amendments_adds_up_to_the_price_that_is_due(world: World, code: str) -> None:
    """A plot comes into paid months, one goes out of them, quantity and price change backwards and ahead."""
    own = "N-1" if code == "C1" else "S-1"
    changes = {
        4: changed(own, SPRING, "777.77"),
        6: added("S-2", half_open(date(2013, 2, 11), date(2013, 12, 31)), "123.45", "2.345678"),
        8: changed(own, YEAR, price="3.141592"),
        10: changed("S-2", AUTUMN, "0"),
        12: changed(own, AUTUMN, "1500"),
    }
    year_with(world, code, changes)
    paid = fees(world, code)
    assert len(paid) == 12
    assert sum(paid.values()) == price(world, code)
    assert price(world, code) != contract_of(world, code).price_minor


@pytest.mark.parametrize("code", ["C1", "C2"])
def test_a_year_without_one_adds_up_to_the_price_as_signed(world: World, code: str) -> None:
    year_with(world, code, {})
    assert sum(fees(world, code).values()) == price(world, code) == contract_of(world, code).price_minor


def test_a_plot_added_to_a_paid_month_is_paid_with_the_next(world: World) -> None:
    """S-2 for 200 a year from 17 January: 15/31 of a twelfth = 8.06 more for January, 16.67 for February."""
    world.on(date(2013, 2, 1))
    world.settle("C1", 1)
    world.act("manager", amend, "C1", added("S-2", half_open(date(2013, 1, 17), date(2013, 12, 31)), "100", "2"))
    world.on(date(2013, 3, 1))
    code = world.prepare("C1", 2)
    with world.session("auditor") as session:
        rows = lines(session, statement_by_code(session, code).statement)
    [correction] = [row for row in rows if row.kind is LineKind.CORRECTION]
    node = json.loads(correction.explanation)
    assert (node["of"], node["changed"]) == ("C1-2013-01", {"lines": ["C1-3"], "plots": ["S-2"]})
    assert correction.amount_minor == 39001 - 38195  # (4583.3585 + 200 x 15/31) / 12 = 390.0111; 381.9465
    [earned] = [row for row in rows if row.kind is LineKind.EARNED]
    assert earned.amount_minor == 78862 - 39001  # due at the end of February 763.8931 + 8.0645 + 16.6667 = 788.6243
