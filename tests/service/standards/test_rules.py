"""Deadlines, in days and in working days."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.standards.rules import DayUnit, deadline, is_published, works

JANUARY = date(2013, 1, 1)
CALENDAR = {JANUARY: False, date(2013, 9, 29): True, date(2013, 10, 1): False, date(2013, 12, 31): True}
DAYS = st.dates(date(2012, 12, 1), date(2014, 1, 31))


@given(DAYS, st.integers(0, 60))
def test_days_follow_the_day_that_does_not_count(day: date, count: int) -> None:
    assert deadline(day, count, DayUnit.DAYS, CALENDAR) == (day + timedelta(days=count), False)


@given(DAYS, st.integers(1, 60))
def test_a_deadline_in_working_days_is_a_working_day_with_so_many_up_to_it(day: date, count: int) -> None:
    last, _ = deadline(day, count, DayUnit.WORKING_DAYS, CALENDAR)
    after = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert works(last, CALENDAR)
    assert sum(works(each, CALENDAR) for each in after) == count


def test_a_year_is_published_by_its_first_of_january() -> None:
    assert is_published(2013, CALENDAR)
    assert not is_published(2014, CALENDAR)
    friday = date(2013, 12, 27)
    assert deadline(friday, 2, DayUnit.WORKING_DAYS, CALENDAR) == (date(2013, 12, 31), False)
    assert deadline(friday, 3, DayUnit.WORKING_DAYS, CALENDAR) == (date(2014, 1, 1), True)
    assert deadline(friday, 3, DayUnit.DAYS, CALENDAR) == (date(2013, 12, 30), False)
