"""Days, instants and the clock."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import NamedTuple

from service.core.errors import Invalid
from service.core.i18n import N_

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return this instant in UTC. The only reader of the system's clock."""
    return datetime.now(UTC)


def clock_from(instant: datetime) -> Clock:
    """Return a clock that shows `instant` now and runs on from there."""
    started = monotonic()
    return lambda: instant + timedelta(seconds=monotonic() - started)


class UntilBeforeFrom(Invalid):
    """The last day comes before the first."""

    code, message = "until_before_from", N_("The last day, {until}, comes before the first, {first}.")


class Span(NamedTuple):
    """Days from `valid_from` up to, not including, `valid_to`; None: open. Never leaves the program like this."""

    valid_from: date
    valid_to: date | None

    @property
    def until(self) -> date | None:
        """The last day, included."""
        return self.valid_to and self.valid_to - timedelta(days=1)

    def holds(self, day: date) -> bool:
        """Tell whether the day lies in the span.

        >>> Span(date(2025, 1, 1), date(2025, 1, 2)).holds(date(2025, 1, 2))
        False
        """
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def meets(self, other: "Span") -> bool:
        """Tell whether two spans have a day in common.

        >>> Span(date(2025, 1, 1), date(2025, 1, 2)).meets(Span(date(2025, 1, 2), None))
        False
        """
        return (other.valid_to is None or self.valid_from < other.valid_to) and (
            self.valid_to is None or other.valid_from < self.valid_to
        )


def half_open(first: date, until: date | None) -> Span:
    """Turn two days as contracts write them, both included, into a span.

    >>> half_open(date(2025, 1, 1), date(2025, 12, 31)).valid_to
    datetime.date(2026, 1, 1)
    """
    if until and until < first:
        raise UntilBeforeFrom(first=first, until=until)
    return Span(first, until and until + timedelta(days=1))


MONTHS = {"month": 1, "quarter": 3}


def period_of(day: date, level: str) -> Span:
    """Return the calendar month or quarter that holds the day, as a span.

    >>> period_of(date(2013, 8, 31), "quarter")
    Span(valid_from=datetime.date(2013, 7, 1), valid_to=datetime.date(2013, 10, 1))
    """
    months = MONTHS[level]
    first = day.year * 12 + (day.month - 1) // months * months
    return Span(_month(first), _month(first + months))


def periods_between(span: Span, level: str) -> Iterator[Span]:
    """Yield the months or quarters that a closed span touches, each cut to the span, in order.

    >>> [str(p.valid_from) for p in periods_between(Span(date(2013, 1, 15), date(2013, 3, 1)), "month")]
    ['2013-01-15', '2013-02-01']
    """
    assert span.valid_to, "an open span has no last period"
    day = span.valid_from
    while day < span.valid_to:
        whole = period_of(day, level)
        assert whole.valid_to
        end = min(whole.valid_to, span.valid_to)
        yield Span(day, end)
        day = end


def period_name(first: date, level: str) -> str:
    """Name a period by its first day.

    >>> period_name(date(2013, 8, 1), "month"), period_name(date(2013, 8, 1), "quarter")
    ('2013-08', '2013-Q3')
    """
    return f"{first:%Y-%m}" if level == "month" else f"{first.year}-Q{(first.month - 1) // 3 + 1}"


def _month(count: int) -> date:
    return date(count // 12, count % 12 + 1, 1)
