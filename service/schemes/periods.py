"""Calendar periods: days, weeks, months, quarters, half years and years, half-open, each with a name and a number."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from service.core.dates import Span
from service.schemes.exact import Value, text_of

INSIDE = {
    "day": ("day", "week", "month", "quarter", "half", "year"),
    "week": ("week",),
    "month": ("month", "quarter", "half", "year"),
    "quarter": ("quarter", "half", "year"),
    "half": ("half", "year"),
    "year": ("year",),
}
LEVELS = tuple(INSIDE)
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
FIRST_YEAR, LAST_YEAR = 1900, 2199  # no contract lies outside; a mistyped year is caught, and no period overflows
NAME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)|(?P<week>\d{4}-W\d\d)|(?P<month>\d{4}-\d\d)|(?P<quarter>\d{4}-Q[1-4])|"
    r"(?P<half>\d{4}-H[12])|(?P<year>\d{4})",
    re.ASCII,
)


class Period(NamedTuple):
    """The so-many-th period of a level, counted from year 0 (days and weeks from year 1)."""

    level: str
    number: int

    @property
    def first(self) -> date:
        """The first day."""
        if self.level == "day":
            return date.fromordinal(self.number)
        if self.level == "week":
            return date.fromordinal(self.number * 7 + 1)
        month = self.number * MONTHS[self.level]
        return date(month // 12, month % 12 + 1, 1)

    @property
    def end(self) -> date:
        """The day after the last."""
        return Period(self.level, self.number + 1).first

    @property
    def span(self) -> Span:
        """Its days."""
        return Span(self.first, self.end)

    @property
    def name(self) -> str:
        """The name in keys: 2013-08-31, 2013-W35, 2013-08, 2013-Q3, 2013-H2 or 2013."""
        first = self.first
        year, month = f"{first.year:04}", first.month
        if self.level == "week":
            iso = first.isocalendar()
            return f"{iso.year:04}-W{iso.week:02}"
        return {
            "day": first.isoformat(),
            "month": f"{year}-{month:02}",
            "quarter": f"{year}-Q{(month + 2) // 3}",
            "half": f"{year}-H{(month + 5) // 6}",
            "year": year,
        }[self.level]

    def before(self) -> "Period":
        """The period before this one."""
        return Period(self.level, self.number - 1)


def day_of(value: date) -> date:
    """Return the day of a day or an instant."""
    return value.date() if isinstance(value, datetime) else value


def period_of(level: str, day: date) -> Period:
    """Return the period of the level that holds the day.

    >>> period_of("quarter", date(2005, 1, 1)).name, period_of("week", date(2015, 12, 31)).name
    ('2005-Q1', '2015-W53')
    """
    day = day_of(day)
    if level == "day":
        return Period(level, day.toordinal())
    if level == "week":
        return Period(level, (day.toordinal() - 1) // 7)
    return Period(level, (day.year * 12 + day.month - 1) // MONTHS[level])


def parse_period(text: str) -> Period | None:
    """Return the period of a name, or None.

    >>> parse_period("2013-Q3").end, parse_period("2013-13")
    (datetime.date(2013, 10, 1), None)
    """
    match = NAME.fullmatch(text)
    if match is None or match.lastgroup is None:
        return None
    level, year = match.lastgroup, int(text[:4])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        if level == "week":
            return period_of(level, date.fromisocalendar(year, int(text[6:]), 1))
        if level == "day":
            return period_of(level, date.fromisoformat(text))
        part = int(text[5:].lstrip("QH") or 1)
        return period_of(level, date(year, (part - 1) * MONTHS[level] + 1, 1))
    except ValueError:
        return None


def periods_in(level: str, span: Span) -> list[Period]:
    """Return the periods of the level that begin in the span, which must have an end."""
    last = period_of(level, (span.valid_to or date.max) - timedelta(days=1))
    return [Period(level, number) for number in range(period_of(level, span.valid_from).number, last.number + 1)]


def is_whole(level: str, span: Span) -> bool:
    """Tell whether the span begins and ends where periods of the level do.

    >>> is_whole("quarter", Span(date(2013, 1, 1), date(2013, 5, 1)))
    False
    """
    if span.valid_to is None:
        return False
    first = period_of(level, span.valid_from)
    last = period_of(level, span.valid_to - timedelta(days=1))
    return first.first == span.valid_from and last.end == span.valid_to


def key_text(part: Value | Period) -> str:
    """Write one part of a key."""
    return part.name if isinstance(part, Period) else text_of(part)
