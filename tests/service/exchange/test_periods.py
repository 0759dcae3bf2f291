"""Days and periods as registers write them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.dates import Span
from service.exchange.periods import read_period
from tests.service.exchange.files import refuses

YEARS, MONTHS, QUARTERS = st.integers(1900, 2198), st.integers(1, 12), st.integers(1, 4)


@given(YEARS, MONTHS)
def test_a_month_is_all_its_days_and_no_other(year: int, month: int) -> None:
    span = read_period(f"{year}-{month:02}")
    assert span.valid_from == date(year, month, 1)
    assert span.until is not None
    assert (span.until.year, span.until.month) == (year, month)
    assert (span.until + timedelta(days=1)).day == 1


@given(YEARS)
def test_the_quarters_of_a_year_are_its_months_in_turn(year: int) -> None:
    for quarter in range(1, 5):
        months = [read_period(f"{year}-{month:02}") for month in range(quarter * 3 - 2, quarter * 3 + 1)]
        assert read_period(f"{year}-Q{quarter}") == Span(months[0].valid_from, months[2].valid_to)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_day_is_one_day(day: date) -> None:
    assert read_period(day.isoformat()) == Span(day, day + timedelta(days=1))


@given(st.integers(0, 98), MONTHS)
def test_fiscal_quarters_follow_one_another_without_a_gap(year: int, starts: int) -> None:
    names = [f"FY{y:02}Q{q}" for y in (year, year + 1) for q in range(1, 5)]
    spans = [read_period(name, starts) for name in names]
    assert all(one.valid_to == other.valid_from for one, other in pairwise(spans))
    assert spans[0].valid_from.month == starts
    assert spans[3].until is not None
    assert spans[3].until.year == 2000 + year, "a fiscal year is called after the year in which it ends"
    assert all(span.valid_from.day == 1 for span in spans)


@given(st.integers(0, 99), QUARTERS)
def test_a_fiscal_year_that_begins_in_january_is_the_calendar_year(year: int, quarter: int) -> None:
    assert read_period(f"FY{year:02}Q{quarter}") == read_period(f"20{year:02}-Q{quarter}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2013",
        "2013-13",
        "2013-00",
        "2013-Q0",
        "2013-Q5",
        "FY05Q0",
        "FY05Q5",
        "FY5Q1",
        "fy05q1",
        "2013-8",
        "2013-W35",
        "2013-W35-6",
        "２０１３-08",
        "2013-０8",
        "FY０５Q3",
        "0000-01",
        "1899-12",
        "2200-01",
        "9999-12",
        "9999-12-31",
        "2013-08-32",
        "2013-08\n",
        " 2013-08",
        "2013-08-29-30",
        "2013-Q3 ",
        "八月",
    ],
)
def test_anything_else_is_no_period(text: str) -> None:
    assert refuses(read_period, text)


@given(st.text(max_size=12), MONTHS)
def test_no_text_makes_it_fall(text: str, starts: int) -> None:
    try:
        span = read_period(text, starts)
    except ValueError:
        return
    assert span.valid_to is not None
    assert span.valid_from < span.valid_to
