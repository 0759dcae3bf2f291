"""Days are included at the edge and half-open inside."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.dates import (
    Span,
    UntilBeforeFrom,
    clock_from,
    half_open,
    period_name,
    period_of,
    periods_between,
    system_clock,
)

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
LEVELS = st.sampled_from(["month", "quarter"])


@given(DAYS, st.integers(0, 5000))
def test_a_span_holds_its_first_and_its_last_day_and_no_other(first: date, more: int) -> None:
    until = first + timedelta(days=more)
    span = half_open(first, until)
    assert span.until == until
    assert span.holds(first)
    assert span.holds(until)
    assert not span.holds(first - timedelta(days=1))
    assert not span.holds(until + timedelta(days=1))


@given(DAYS, st.integers(1, 5000))
def test_the_last_day_before_the_first_is_refused(first: date, less: int) -> None:
    with pytest.raises(UntilBeforeFrom) as refused:
        half_open(first, first - timedelta(days=less))
    assert refused.value.details["first"] == first


def test_an_open_span_never_ends() -> None:
    span = half_open(date(2013, 1, 1), None)
    assert span.until is None
    assert span.holds(date.max)


@given(DAYS, LEVELS)
def test_the_period_of_a_day_holds_it_and_begins_with_a_month(day: date, level: str) -> None:
    period = period_of(day, level)
    assert period.holds(day)
    assert period.valid_to
    assert (period.valid_from.day, period.valid_to.day) == (1, 1)
    assert period_of(period.valid_from, level) == period
    assert period_of(period.valid_to, level) != period
    assert period_of(period.valid_to - timedelta(days=1), level) == period


@given(DAYS, st.integers(1, 1500), LEVELS)
def test_the_periods_between_tile_the_span(first: date, days: int, level: str) -> None:
    span = Span(first, first + timedelta(days=days))
    periods = list(periods_between(span, level))
    assert periods[0].valid_from == span.valid_from
    assert periods[-1].valid_to == span.valid_to
    for one, other in pairwise(periods):
        assert one.valid_to == other.valid_from
    for period in periods:
        assert period.valid_from < (period.valid_to or date.min)
        assert period_of(period.valid_from, level) == period_of(period.until or date.min, level)
    names = [period_name(period.valid_from, level) for period in periods]
    assert len(set(names)) == len(names)
    assert names == sorted(names)


def test_a_leap_february_has_29_days() -> None:
    february = period_of(date(2012, 2, 29), "month")
    assert february == Span(date(2012, 2, 1), date(2012, 3, 1))
    assert list(periods_between(Span(date(2012, 2, 29), date(2012, 3, 1)), "month")) == [
        Span(date(2012, 2, 29), date(2012, 3, 1))
    ]


def test_a_clock_that_is_set_runs_on_from_there() -> None:
    begin = datetime(2013, 9, 3, tzinfo=UTC)
    clock = clock_from(begin)
    one, other = clock(), clock()
    assert begin <= one <= other < begin + timedelta(minutes=5)


def test_the_clock_of_the_system_shows_utc() -> None:
    assert system_clock().utcoffset() == timedelta(0)
