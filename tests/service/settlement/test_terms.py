"""Contracts whose terms do not fit their scheme, or that begin and end inside a month."""

from datetime import date

import pytest
from sqlmodel import Session, select

from service.access.models import Organisation
from service.contracts.actions import sign_contract
from service.contracts.rules import OtherCurrency, OtherPeriod, UnknownCurrency
from service.core.actor import Actor
from service.core.dates import Span, half_open, periods_between
from service.plots.models import Plot
from service.schemes.models import SchemeVersion
from service.settlement.actions import prepare_statement
from tests.conftest import World
from tests.park import YEAR, new_contract, new_line


@pytest.fixture
def february(world: World) -> World:
    """The first of February."""
    world.on(date(2013, 2, 1))
    return world


def sign(session: Session, actor: Actor, /, span: Span = YEAR, **other: object) -> str:
    scheme = session.exec(select(SchemeVersion)).one()
    river = session.exec(select(Organisation).where(Organisation.code == "river")).one()
    plot = next(plot for plot in session.exec(select(Plot)) if plot.code == "S-2")
    terms = {"valid_from": span.valid_from, "valid_to": span.valid_to} | other
    line = new_line(plot.id, "S-2", "100.00", "12", span)
    return sign_contract(session, actor, new_contract("C9", river.id, scheme.id, **terms), [line]).code


@pytest.mark.parametrize(
    ("term", "value", "refusal"),
    [
        ("currency", "USD", OtherCurrency),
        ("currency", "XAU", UnknownCurrency),
        ("settled", "quarter", OtherPeriod),
    ],
)
def test_a_contract_that_its_scheme_cannot_pay_is_not_signed(
    february: World, term: str, value: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        february.act("manager", sign, YEAR, **{term: value})


def test_a_contract_that_begins_and_ends_inside_a_month_is_settled_by_its_days(february: World) -> None:
    """1200 a year by twelfths, 15 January to 14 March: 17/31, all, 14/31 of 100.00 = 54.84, 100.00, 45.16.

    Due: 54.8387 -> 54.84; 154.8387 -> 154.84; 200.00. A finding of 20 January costs a point: 10.00.
    """
    span = half_open(date(2013, 1, 15), date(2013, 3, 14))
    february.act("manager", sign, span)
    february.confirm(february.file("S-2", by="inspector-s", on=date(2013, 1, 20)))
    february.on(date(2013, 4, 1))
    payable = []
    for period in periods_between(span, "month"):
        record = february.act("manager", prepare_statement, "C9", period)
        payable.append((record.statement.code, record.statement.payable_minor))
        february.approve(record.statement.code)
    assert payable == [("C9-2013-01", 5484 - 1000), ("C9-2013-02", 10000), ("C9-2013-03", 4516)]
