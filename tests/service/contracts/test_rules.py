"""The fee of a period: its laws, and the same figures from a walker that goes day by day and knows no formula."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.contracts.rules import (
    DayCount,
    LineOutside,
    LongCode,
    Piece,
    Rounding,
    Terms,
    TooMuch,
    fee,
    part_of_year,
    pieces_of,
    refuse_long_code,
    refuse_outside,
    refuse_too_much,
    yearly_minor,
)
from service.core.dates import Span
from tests.service.contracts.walker import Version, Walker

STARTS = st.dates(date(2010, 1, 1), date(2026, 12, 31)) | st.sampled_from([date(2012, 2, 29), date(2016, 2, 29)])
HUNDREDTHS = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2))
PRICES = st.integers(0, 10**8).map(lambda n: Decimal(n).scaleb(-6))


@st.composite
def contracts(draw: st.DrawFn, longest: int = 800) -> tuple[Terms, list[Version], list[date]]:
    """Draw a contract, versions of its lines in the order of recording, and the days that cut it into periods."""
    first = draw(STARTS)
    days = draw(st.integers(1, longest) | st.sampled_from([1, 28, 31, 365, 366]))
    span = Span(first, first + timedelta(days=days))
    terms = Terms(span, "CNY", draw(st.sampled_from(DayCount)), draw(st.sampled_from(Rounding)))
    versions = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        versions.append((number, f"P-{number}", span, draw(HUNDREDTHS), "m2", draw(PRICES)))
        for _ in range(draw(st.integers(0, 2))):
            begin = draw(st.integers(-5, days))
            end = draw(st.integers(begin + 1, days + 10))
            some = Span(first + timedelta(days=begin), first + timedelta(days=end))
            quantity = draw(HUNDREDTHS | st.just(Decimal(0)))
            versions.append((number, f"P-{number}", some, quantity, "m2", draw(PRICES)))
    cuts = draw(st.lists(st.integers(1, days), max_size=14, unique=True))
    edges = sorted({0, days, *cuts})
    return terms, versions, [first + timedelta(days=edge) for edge in edges]


def fees(terms: Terms, versions: Sequence[Version], edges: Sequence[date]) -> list[int]:
    pieces = pieces_of(versions, terms.span)
    return [fee(terms, pieces, Span(first, end)).amount_minor for first, end in pairwise(edges)]


@given(contracts())
def test_periods_that_follow_each_other_add_up_to_the_fen(contract: tuple[Terms, list[Version], list[date]]) -> None:
    terms, versions, edges = contract
    [whole] = fees(terms, versions, [edges[0], edges[-1]])
    assert sum(fees(terms, versions, edges)) == whole


@given(contracts(longest=420))
@settings(max_examples=40)
def test_the_fee_is_what_a_walker_adds_up_day_by_day(contract: tuple[Terms, list[Version], list[date]]) -> None:
    terms, versions, edges = contract
    walker = Walker(terms, versions)
    cuts = [edges[0], edges[len(edges) // 2], edges[-1]]
    for first, end in ((a, b) for a, b in pairwise(cuts) if a < b):
        assert fee(terms, pieces_of(versions, terms.span), Span(first, end)).amount_minor == walker.amount(first, end)


@given(contracts())
def test_the_lines_of_a_period_add_up_to_its_fee(contract: tuple[Terms, list[Version], list[date]]) -> None:
    terms, versions, edges = contract
    pieces = pieces_of(versions, terms.span)
    for first, end in pairwise(edges):
        result = fee(terms, pieces, Span(first, end))
        assert sum(line.amount_minor for line in result.lines) == result.amount_minor
        assert result.amount_minor == result.due_end_minor - result.due_start_minor >= 0
        for line in result.lines:
            assert line.amount_minor >= 0
            assert abs(line.amount_minor - line.exact * 100) <= len(result.lines) + 1
            assert line.exact == sum((piece.yearly * part for piece, _, part in line.pieces), Fraction(0))
            assert not (line.amount_minor and not line.pieces), "who has no day in the period gets nothing"


@given(contracts(), st.randoms(use_true_random=False))
def test_the_order_of_the_pieces_does_not_matter(
    contract: tuple[Terms, list[Version], list[date]], random: Random
) -> None:
    terms, versions, edges = contract
    pieces = pieces_of(versions, terms.span)
    shuffled = random.sample(pieces, len(pieces))
    for first, end in pairwise(edges):
        assert fee(terms, shuffled, Span(first, end)) == fee(terms, pieces, Span(first, end))


def year_from(first: date, nth: int = 0) -> Span:
    """Return the n-th year of a contract that begins on a day."""
    walker = Walker(Terms(Span(first, None), "CNY", DayCount.CONTRACT_YEAR, Rounding.PER_LINE), [])
    return Span(walker.anniversary(first.year + nth), walker.anniversary(first.year + nth + 1))


@given(STARTS, HUNDREDTHS, PRICES, st.sampled_from(Rounding), st.integers(0, 4))
@example(date(2012, 2, 29), Decimal("1612000.00"), Decimal("3.55"), Rounding.PER_CONTRACT, 4)
@example(date(2011, 3, 1), Decimal("0.01"), Decimal("0.000001"), Rounding.PER_LINE, 0)
def test_each_year_of_a_contract_costs_the_annual_price(
    first: date, quantity: Decimal, price: Decimal, rounding: Rounding, nth: int
) -> None:
    """From any first day, 29 February too. A price of part of a fen is made up for in the years that follow."""
    year = year_from(first, nth)
    span = Span(first, year.valid_to)
    pieces = [Piece(1, "P", span, quantity, "m2", price)]
    result = fee(Terms(span, "CNY", DayCount.CONTRACT_YEAR, rounding), pieces, year)
    assert result.lines[0].exact == Fraction(quantity) * Fraction(price)
    if nth == 0 or (quantity * price).quantize(Decimal("0.01")) == quantity * price:
        assert result.amount_minor == yearly_minor(pieces, "CNY")
    else:
        assert abs(result.amount_minor - result.lines[0].exact * 100) < 1


@given(STARTS, HUNDREDTHS, PRICES)
def test_365_days_cost_the_annual_price_by_actual_365(first: date, quantity: Decimal, price: Decimal) -> None:
    span = Span(first, first + timedelta(days=365))
    pieces = [Piece(1, "P", span, quantity, "m2", price)]
    terms = Terms(span, "CNY", DayCount.ACTUAL_365, Rounding.PER_CONTRACT)
    assert fee(terms, pieces, span).amount_minor == yearly_minor(pieces, "CNY")


@given(STARTS.filter(lambda day: day.month != 2 or day.day == 1), HUNDREDTHS, PRICES)
def test_twelve_twelfths_are_the_annual_price(first: date, quantity: Decimal, price: Decimal) -> None:
    """From any day but a later one of February, whose parts of two unequal Februaries need not make one."""
    span = year_from(first)
    pieces = [Piece(1, "P", span, quantity, "m2", price)]
    terms = Terms(span, "CNY", DayCount.TWELFTHS, Rounding.PER_CONTRACT)
    assert fee(terms, pieces, span).amount_minor == yearly_minor(pieces, "CNY")


@pytest.mark.parametrize(
    ("day_count", "expected"),
    [
        (DayCount.ACTUAL_365, Fraction(366, 365)),
        (DayCount.CONTRACT_YEAR, Fraction(1)),
        (DayCount.TWELFTHS, Fraction(1)),
    ],
)
def test_a_leap_year_pays_a_day_more_by_actual_365_alone(day_count: DayCount, expected: Fraction) -> None:
    leap = Span(date(2012, 1, 1), date(2013, 1, 1))
    assert part_of_year(leap, leap, day_count) == expected


def test_a_contract_of_29_february_has_its_years_from_1_march() -> None:
    span = Span(date(2012, 2, 29), date(2016, 2, 29))
    first_year = Span(date(2012, 2, 29), date(2013, 3, 1))
    second = Span(date(2013, 3, 1), date(2014, 3, 1))
    assert part_of_year(first_year, span, DayCount.CONTRACT_YEAR) == 1
    assert part_of_year(Span(date(2012, 2, 29), date(2012, 3, 1)), span, DayCount.CONTRACT_YEAR) == Fraction(1, 366)
    assert part_of_year(second, span, DayCount.CONTRACT_YEAR) == 1


def test_days_outside_the_contract_earn_nothing() -> None:
    span = Span(date(2013, 3, 10), date(2013, 6, 1))
    pieces = [Piece(1, "P", Span(date(2013, 1, 1), date(2014, 1, 1)), Decimal(1), "m2", Decimal(365))]
    terms = Terms(span, "CNY", DayCount.ACTUAL_365, Rounding.PER_CONTRACT)
    assert fee(terms, pieces, Span(date(2013, 3, 1), date(2013, 4, 1))).amount_minor == 2200
    assert fee(terms, pieces, Span(date(2013, 5, 1), date(2013, 7, 1))).amount_minor == 3100
    assert fee(terms, pieces, Span(date(2012, 1, 1), date(2013, 1, 1))).amount_minor == 0


def test_yen_have_no_smaller_unit() -> None:
    span = Span(date(2013, 1, 1), date(2014, 1, 1))
    pieces = [Piece(1, "P", span, Decimal("1.5"), "m2", Decimal(1))]
    assert fee(Terms(span, "JPY", DayCount.TWELFTHS, Rounding.PER_LINE), pieces, span).amount_minor == 2


def test_a_contract_without_lines_costs_nothing() -> None:
    span = Span(date(2013, 1, 1), date(2014, 1, 1))
    for rounding in Rounding:
        assert fee(Terms(span, "CNY", DayCount.TWELFTHS, rounding), [], span).amount_minor == 0


YEAR = Span(date(2013, 1, 1), date(2014, 1, 1))
JULY, AUGUST = date(2013, 7, 1), date(2013, 8, 1)


def laid(*versions: tuple[Span, str]) -> list[tuple[str, str, str]]:
    rows = [(1, "P", span, Decimal(quantity), "m2", Decimal(1)) for span, quantity in versions]
    return [(str(p.span.valid_from), str(p.span.valid_to), str(p.quantity)) for p in pieces_of(rows, YEAR)]


def test_later_knowledge_lies_over_earlier() -> None:
    assert laid((YEAR, "10"), (Span(JULY, None), "12")) == [
        ("2013-01-01", "2013-07-01", "10"),
        ("2013-07-01", "2014-01-01", "12"),
    ]
    assert laid((Span(JULY, None), "12"), (YEAR, "10")) == [
        ("2013-01-01", "2013-07-01", "10"),
        ("2013-07-01", "2014-01-01", "10"),
    ]
    assert laid((YEAR, "10"), (Span(JULY, AUGUST), "12"), (Span(date(2013, 7, 16), None), "14")) == [
        ("2013-01-01", "2013-07-01", "10"),
        ("2013-07-01", "2013-07-16", "12"),
        ("2013-07-16", "2013-08-01", "14"),
        ("2013-08-01", "2014-01-01", "14"),
    ]


def test_a_quantity_of_0_takes_the_plot_out_and_a_later_version_brings_it_back() -> None:
    assert laid((YEAR, "10"), (Span(JULY, AUGUST), "0")) == [
        ("2013-01-01", "2013-07-01", "10"),
        ("2013-08-01", "2014-01-01", "10"),
    ]
    assert laid((YEAR, "10"), (Span(JULY, None), "0"), (Span(AUGUST, None), "10")) == [
        ("2013-01-01", "2013-07-01", "10"),
        ("2013-08-01", "2014-01-01", "10"),
    ]
    assert laid((YEAR, "0")) == []


@given(contracts())
def test_pieces_of_a_line_never_overlap_nor_leave_the_contract(
    contract: tuple[Terms, list[Version], list[date]],
) -> None:
    terms, versions, _ = contract
    by_line: dict[int, list[Span]] = {}
    for piece in pieces_of(versions, terms.span):
        assert piece.quantity > 0
        by_line.setdefault(piece.line, []).append(piece.span)
    for spans in by_line.values():
        assert spans == sorted(spans)
        assert spans[0].valid_from >= terms.span.valid_from
        assert (spans[-1].valid_to or date.max) <= (terms.span.valid_to or date.max)
        for one, other in pairwise(spans):
            assert one.valid_to is not None
            assert one.valid_to <= other.valid_from


@pytest.mark.parametrize(
    "line",
    [
        Span(date(2012, 12, 31), date(2013, 6, 1)),
        Span(date(2013, 6, 1), date(2014, 1, 2)),
        Span(date(2013, 6, 1), None),
    ],
)
def test_a_line_that_leaves_its_contract_is_refused(line: Span) -> None:
    with pytest.raises(LineOutside) as refused:
        refuse_outside(YEAR, line)
    assert refused.value.details == {"first": date(2013, 1, 1), "until": date(2013, 12, 31)}


def test_a_line_may_be_as_long_as_its_contract() -> None:
    refuse_outside(YEAR, YEAR)
    refuse_outside(YEAR, Span(date(2013, 12, 31), date(2014, 1, 1)))


def test_a_price_beyond_any_sense_is_refused() -> None:
    refuse_too_much([Fraction(10**13)], "CNY")
    with pytest.raises(TooMuch):
        refuse_too_much([Fraction(10**13), Fraction(1, 100)], "CNY")
    with pytest.raises(TooMuch):
        refuse_too_much([Fraction(10**15) + 1], "JPY")


def test_a_code_leaves_room_for_its_statements() -> None:
    refuse_long_code("C" * 68)
    with pytest.raises(LongCode):
        refuse_long_code("C" * 69)
