"""The fee of a period once more: by the words of a contract, day by day, without the product's formulas."""

from calendar import isleap, monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from service.contracts.rules import DayCount, Rounding, Terms
from service.core.dates import Span

Version = tuple[int, str, Span, Decimal, str, Decimal]


class Walker:
    """What each line has earned, a day at a time, by the words of the contract alone."""

    def __init__(self, terms: Terms, versions: Sequence[Version]) -> None:
        self.terms, self.versions = terms, versions
        self.numbers = sorted({version[0] for version in versions})

    def of_a_day(self, number: int, day: date) -> Fraction:
        """Return what a line earns on a day: the version recorded last among those that hold speaks."""
        price = Fraction(0)
        for line, _plot, span, quantity, _unit, unit_price in self.versions:
            if line == number and span.valid_from <= day and (span.valid_to is None or day < span.valid_to):
                price = Fraction(quantity) * Fraction(unit_price)
        return price / self.days_of_the_year(day)

    def days_of_the_year(self, day: date) -> int:
        """Return how many such days make a year."""
        if self.terms.day_count is DayCount.ACTUAL_365:
            return 365
        if self.terms.day_count is DayCount.TWELFTHS:
            return 12 * monthrange(day.year, day.month)[1]
        begin = max(b for b in map(self.anniversary, range(day.year - 1, day.year + 1)) if b <= day)
        return (self.anniversary(begin.year + 1) - begin).days

    def anniversary(self, year: int) -> date:
        """Return the contract's first day in another year."""
        first = self.terms.span.valid_from
        if (first.month, first.day) == (2, 29) and not isleap(year):
            return date(year, 3, 1)
        return date(year, first.month, first.day)

    def due(self, until: date) -> list[Fraction]:
        """Return what each line has earned before a day since the contract began."""
        total = [Fraction(0) for _ in self.numbers]
        day = self.terms.span.valid_from
        while day < until:
            total = [sum_ + self.of_a_day(n, day) for sum_, n in zip(total, self.numbers, strict=True)]
            day += timedelta(days=1)
        return total

    def amount(self, first: date, end: date) -> int:
        """Return the fee of a period in fen: what is due at its end less what was due at its start."""
        before, after = self.due(first), self.due(end)
        if self.terms.rounding is Rounding.PER_CONTRACT:
            before, after = [sum(before, Fraction(0))], [sum(after, Fraction(0))]
        return sum(fen(amount) for amount in after) - sum(fen(amount) for amount in before)


def fen(yuan: Fraction) -> int:
    """Round what is not negative to fen, halves up, without our own rounding."""
    whole, rest = divmod(yuan * 100, 1)
    return int(whole) + (rest >= Fraction(1, 2))
