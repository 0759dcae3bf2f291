"""Deadlines: so many days, or so many working days by the published calendar. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

SATURDAY = 5


class DayUnit(StrEnum):
    """What a deadline counts."""

    DAYS = "days"
    WORKING_DAYS = "working_days"


class Deadline(NamedTuple):
    """The last day. `provisional`: no calendar is published for a year on the way, so its weekends alone counted."""

    day: date
    provisional: bool


def deadline(start: date, count: int, unit: DayUnit, calendar: Mapping[date, bool]) -> Deadline:
    """Return the last of so many days after a day, which does not count itself.

    `calendar`: the days on which the published calendar differs from the week: open or not.

    >>> deadline(date(2013, 9, 30), 1, DayUnit.DAYS, {})
    Deadline(day=datetime.date(2013, 10, 1), provisional=False)
    >>> deadline(date(2013, 9, 30), 1, DayUnit.WORKING_DAYS, {date(2013, 1, 1): False, date(2013, 10, 1): False})
    Deadline(day=datetime.date(2013, 10, 2), provisional=False)
    """
    if unit is DayUnit.DAYS:
        return Deadline(start + timedelta(days=count), False)
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= works(day, calendar)
    return Deadline(day, not all(is_published(year, calendar) for year in range(start.year, day.year + 1)))


def works(day: date, calendar: Mapping[date, bool]) -> bool:
    """Tell whether a day is a working day: as the calendar says where it names the day, else as the week goes."""
    return calendar.get(day, day.weekday() < SATURDAY)


def is_published(year: int, calendar: Mapping[date, bool]) -> bool:
    """Tell whether a calendar holds a year: it names 1 January then; a neighbour may name other days of it."""
    return date(year, 1, 1) in calendar
