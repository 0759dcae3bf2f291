"""From facts to amounts: pure, independent of the order of the facts, and explained down to the facts."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.assessment.rules import Assessment, assess, attribute, counts_findings, frozen, points_by_finding, replay
from service.contracts.rules import DayCount, Fee, Piece, Rounding, Terms, fee
from service.core.dates import Span
from service.schemes.explanation import canonical
from service.schemes.language import read_scheme
from tests.park import SCHEME, YEAR, month_of

SCHEME_READ = read_scheme(SCHEME)
QUANTITIES = st.integers(1, 3000).map(lambda n: Decimal(n).scaleb(-2))
FINDINGS = st.lists(st.tuples(QUANTITIES, st.sampled_from(["1.000000", "0.500000", "0.015000"])), max_size=12)


def january(price: str = "12") -> Fee:
    terms = Terms(YEAR, "CNY", DayCount.TWELFTHS, Rounding.PER_CONTRACT)
    return fee(terms, [Piece(1, "P", YEAR, Decimal("100.00"), "m2", Decimal(price))], month_of(1))


def facts(found: list[tuple[Decimal, str]], fee_minor: int) -> dict[str, list[dict[str, Any]]]:
    days = {"valid_from": date(2013, 1, 1), "valid_to": date(2013, 2, 1)}
    line = {"line": "C-1", "contract": "C", "plot": "P", "unit": "m2", "amount": Decimal(fee_minor).scaleb(-2)}
    findings = [
        {
            "finding": f"F-{n:02}",
            "contract": "C",
            "plot": "P",
            "type": "litter",
            "severity": "minor",
            "found_on": date(2013, 1, n % 31 + 1),
            "points": Decimal(points),
            "unit": "place",
            "quantity": quantity,
        }
        for n, (quantity, points) in enumerate(found)
    ]
    contract = {"contract": "C", "valid_from": YEAR.valid_from, "valid_to": YEAR.valid_to}
    return {
        "contracts": [contract],
        "plots": [{"plot": "P", "contract": "C", **days}],
        "lines": [line | days],
        "findings": findings,
        "scores": [],
    }


def assessed(rows: dict[str, list[dict[str, Any]]], month: Fee) -> Assessment:
    return assess(SCHEME_READ, rows, "C", "2013-01", month_of(1), month)


def cents(amount: Fraction) -> int:
    """Round half up what is not negative, without our own rounding."""
    return int((amount * 100 * 2 + 1) // 2)


@given(FINDINGS, st.integers(0, 10**8))
@settings(max_examples=40)
def test_amounts_are_those_of_the_scheme_read_by_hand(found: list[tuple[Decimal, str]], fee_minor: int) -> None:
    """Each finding costs points x quantity, at two places; each point less than 100 costs 10.00."""
    result = assessed(facts(found, fee_minor), january())
    lost = sum((Fraction(cents(Fraction(q) * Fraction(p)), 100) for q, p in found), Fraction(0))
    deduction = cents(10 * lost)
    earned, deducted = result.amounts
    assert (earned.rule, earned.earned, earned.amount_minor) == ("month_fee", True, fee_minor)
    assert (deducted.rule, deducted.earned, deducted.amount_minor) == ("deduction", False, -deduction)
    assert result.score == Decimal(100) - Decimal(lost.numerator) / Decimal(lost.denominator)
    assert deducted.findings == tuple(f"F-{n:02}" for n in range(len(found)))
    assert sum(result.points.values()) == 100 - result.score


@given(FINDINGS, st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_the_order_of_the_facts_does_not_matter(found: list[tuple[Decimal, str]], random: Random) -> None:
    rows = facts(found, 10000)
    shuffled = {table: random.sample(entries, len(entries)) for table, entries in rows.items()}
    one, other = assessed(rows, january()), assessed(shuffled, january())
    assert [(a.rule, a.key, a.amount_minor) for a in one.amounts] == [
        (a.rule, a.key, a.amount_minor) for a in other.amounts
    ]


@given(FINDINGS)
@settings(max_examples=25)
def test_frozen_inputs_give_the_same_amounts_and_bytes(found: list[tuple[Decimal, str]]) -> None:
    result = assessed(facts(found, 12345), january())
    again = replay(SCHEME_READ, result.inputs, "C", "2013-01")
    assert [r.amount_minor for r in again] == [a.amount_minor for a in result.amounts]
    own = [{name: part for name, part in a.node.items() if name != "fee"} for a in result.amounts]
    assert [canonical(r.node) for r in again] == [canonical(node) for node in own]
    assert frozen(facts(found, 12345)) == result.inputs


def test_a_part_of_a_period_is_worked_as_its_period() -> None:
    late = Span(date(2013, 1, 15), date(2013, 2, 1))
    rows = facts([(Decimal(1), "1.000000")], 5000)
    rows["lines"][0]["valid_from"] = late.valid_from
    rows["contracts"][0]["valid_from"] = late.valid_from
    result = assess(SCHEME_READ, rows, "C", "2013-01", late, january())
    assert [amount.amount_minor for amount in result.amounts] == [5000, -1000]
    assert result.span == late


def test_the_fee_explains_itself_line_by_line() -> None:
    node = assessed(facts([], 10000), january()).amounts[0].node["fee"]
    assert node == {
        "from": "2013-01-01",
        "until": "2013-01-31",
        "due_start": "0.00",
        "due_end": "100.00",
        "amount": "100.00",
        "lines": [
            {
                "line": 1,
                "plot": "P",
                "exact": "100",
                "amount": "100.00",
                "pieces": [
                    {
                        "from": "2013-01-01",
                        "until": "2013-01-31",
                        "quantity": "100.00",
                        "unit": "m2",
                        "price": "12",
                        "part_of_year": "1/12",
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize("price", ["100", "1000", "0.5", "120000.000000"])
def test_a_price_is_written_as_a_plain_number(price: str) -> None:
    """Whoever checks the fee by hand reads 100, not 1E+2."""
    node = assessed(facts([], 10000), january(price)).amounts[0].node["fee"]
    written = node["lines"][0]["pieces"][0]["price"]
    assert Decimal(written) == Decimal(price)
    assert "E" not in written


@given(st.integers(-(10**9), 0), st.lists(st.integers(0, 10**6).map(Fraction), max_size=10))
def test_what_is_due_to_plots_adds_up_to_the_deduction(amount: int, points: list[Fraction]) -> None:
    parts = attribute(amount, points)
    assert len(parts) == len(points)
    assert sum(parts) == (amount if any(points) else 0)
    assert all(part <= 0 for part in parts)


def test_points_come_from_the_results_that_stand_for_one_finding() -> None:
    result = assessed(facts([(Decimal("1.5"), "1.000000"), (Decimal(2), "0.500000")], 0), january())
    assert result.points == {"F-00": Decimal("1.5"), "F-01": Decimal(1)}
    assert points_by_finding({"children": []}) == {}


def test_a_scheme_that_reads_findings_counts_them() -> None:
    assert counts_findings(SCHEME_READ)
