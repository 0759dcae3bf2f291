"""What a contract pays: day count, rounding, the fee of a period. Pure and exact."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from service.core.dates import Span, period_of
from service.core.errors import Invalid
from service.core.i18n import N_
from service.core.money import MINOR_DIGITS, half_up, minor, split
from service.schemes.model import Scheme

R = TypeVar("R")
Recorded = tuple[int, str, Span, Decimal, str, Decimal]  # of a line: number, plot, span, quantity, unit, price
BASES = ("projected", "developed")  # what an area is counted by
MOST_MINOR = 10**15


class DayCount(StrEnum):
    """How much of a year's price a number of days earns."""

    ACTUAL_365 = "actual/365"
    CONTRACT_YEAR = "contract_year"  # actual days over the days of the contract's own year
    TWELFTHS = "twelfths"  # each calendar month a twelfth; part of a month by its days


class Rounding(StrEnum):
    """What is rounded to minor units: each line, or the contract's total, which is then split over the lines."""

    PER_LINE = "per_line"
    PER_CONTRACT = "per_contract"


class Unit(StrEnum):
    """What a line counts."""

    M2 = "m2"
    M = "m"
    PIECE = "piece"
    LUMP_SUM = "lump_sum"


class LineOutside(Invalid):
    """A line may not hold on days that its contract does not."""

    code, message = "line_outside_contract", N_("A line must lie within its contract, from {first} until {until}.")


class UnknownCurrency(Invalid):
    """A currency whose minor units we do not know."""

    code, message = "unknown_currency", N_("The currency {currency} is not known here; known: {known}.")


class OtherCurrency(Invalid):
    """A scheme computes in one currency."""

    code, message = "other_currency", N_("The contract is in {contract}, its scheme in {scheme}.")


class OtherPeriod(Invalid):
    """A scheme pays by the period that the contract is settled by."""

    code, message = "other_period", N_("The contract is settled by {contract}, its scheme pays by {scheme}.")


def refuse_outside(contract: Span, line: Span) -> None:
    """Refuse a line that begins before its contract or ends after it."""
    assert contract.valid_to
    if line.valid_from < contract.valid_from or line.valid_to is None or line.valid_to > contract.valid_to:
        raise LineOutside(first=contract.valid_from, until=contract.until)


LONGEST_CODE = 68  # of a contract: its statements' codes have 12 more, such as -2013-01-r12, within 80


class LongCode(Invalid):
    """The codes of a contract's statements begin with its own."""

    code = "long_contract_code"
    message = N_("The contract's code has {length} characters; at most {limit} leave room for its statements' codes.")


def refuse_long_code(code: str) -> None:
    """Refuse a code that leaves no room for its statements' codes."""
    if len(code) > LONGEST_CODE:
        raise LongCode(length=len(code), limit=LONGEST_CODE)


class TooMuch(Invalid):
    """Money is kept in 64 bits; a contract of more is a slip of the pen."""

    code, message = "too_much", N_("The price of a year, {price}, is beyond what can be settled.")


def refuse_too_much(prices: Iterable[Fraction], currency: str) -> None:
    """Refuse lines whose prices of a year add up to more than 10^15 minor units."""
    total = sum(prices, Fraction(0)) * 10 ** MINOR_DIGITS[currency]
    if total > MOST_MINOR:
        raise TooMuch(price=half_up(total / 10 ** MINOR_DIGITS[currency]))


def misfits(currency: str, settled: str, scheme: Scheme) -> list[Invalid]:
    """Return why a contract of this currency, settled by month or quarter, could never be paid by a scheme."""
    found: list[Invalid] = []
    if currency not in MINOR_DIGITS:
        found.append(UnknownCurrency(currency=currency, known=", ".join(MINOR_DIGITS)))
    if currency != scheme.currency:
        found.append(OtherCurrency(contract=currency, scheme=scheme.currency))
    level = scheme.payment.level if scheme.payment else "-"
    if settled != level:
        found.append(OtherPeriod(contract=settled, scheme=level))
    return found


@dataclass(frozen=True)
class Piece:
    """A line on days on which nothing about it changes. `price` is a year's, for one unit."""

    line: int  # its number in the contract
    plot: str
    span: Span
    quantity: Decimal
    unit: str
    price: Decimal

    @property
    def yearly(self) -> Fraction:
        """A year's price, exact."""
        return Fraction(self.quantity) * Fraction(self.price)


@dataclass(frozen=True)
class Terms:
    """What a contract says about its fee."""

    span: Span
    currency: str
    day_count: DayCount
    rounding: Rounding


@dataclass(frozen=True)
class LineFee:
    """A line's part of a period's fee, with the days and pieces it comes from."""

    line: int
    plot: str
    pieces: tuple[tuple[Piece, Span, Fraction], ...]  # the piece, its days in the period, the part of a year
    exact: Fraction
    amount_minor: int


@dataclass(frozen=True)
class Fee:
    """The fee of a period: due(end) - due(start), each computed exactly and rounded once."""

    span: Span
    due_start_minor: int
    due_end_minor: int
    lines: tuple[LineFee, ...]

    @property
    def amount_minor(self) -> int:
        """The fee in minor units."""
        return self.due_end_minor - self.due_start_minor


def part_of_year(days: Span, contract: Span, day_count: DayCount) -> Fraction:
    """Return which part of a year's price these days earn. The days must lie within the contract.

    >>> part_of_year(Span(date(2013, 8, 1), date(2013, 9, 1)), Span(date(2013, 1, 1), date(2014, 1, 1)),
    ...              DayCount.CONTRACT_YEAR)
    Fraction(31, 365)
    """
    assert days.valid_to
    if day_count is DayCount.ACTUAL_365:
        return Fraction((days.valid_to - days.valid_from).days, 365)
    cut = _contract_years(contract) if day_count is DayCount.CONTRACT_YEAR else _months(days)
    share = Fraction(1) if day_count is DayCount.CONTRACT_YEAR else Fraction(1, 12)
    parts = ((_common(days, whole), whole) for whole in cut)
    return sum((share * _days(common) / _days(whole) for common, whole in parts), Fraction(0))


def fee(terms: Terms, pieces: Sequence[Piece], period: Span) -> Fee:
    """Return the fee of a period. Periods that follow each other add up to the fee of all of them, to the minor unit.

    >>> year = Span(date(2013, 1, 1), date(2014, 1, 1))
    >>> line = Piece(1, "J2-001", year, Decimal("1612000.00"), "m2", Decimal("3.55"))
    >>> terms = Terms(year, "CNY", DayCount.TWELFTHS, Rounding.PER_CONTRACT)
    >>> fee(terms, [line], Span(date(2013, 8, 1), date(2013, 9, 1))).amount_minor
    47688334
    """
    assert period.valid_to
    before, until = (Span(terms.span.valid_from, end) for end in (period.valid_from, period.valid_to))
    dues = [(_due(terms, line, before), _due(terms, line, until)) for line in _by_line(pieces)]
    if terms.rounding is Rounding.PER_LINE:
        rounded = [(minor(start, terms.currency), minor(end, terms.currency)) for start, end in dues]
        start_minor, end_minor = (sum(column) for column in zip(*rounded, strict=True)) if rounded else (0, 0)
        shares = [end - start for start, end in rounded]
    else:
        start_minor, end_minor = (minor(sum(column, Fraction(0)), terms.currency) for column in _columns(dues))
        shares = split(end_minor - start_minor, [end - start for start, end in dues])
    lines = [
        LineFee(line[0].line, line[0].plot, tuple(_shares(terms, line, period)), end - start, share)
        for line, (start, end), share in zip(_by_line(pieces), dues, shares, strict=True)
    ]
    return Fee(period, start_minor, end_minor, tuple(lines))


def yearly_minor(pieces: Iterable[Piece], currency: str) -> int:
    """Return the price of a whole year of these pieces, rounded once."""
    return half_up(sum((piece.yearly for piece in pieces), Fraction(0)) * 10 ** MINOR_DIGITS[currency])


def _due(terms: Terms, line: Sequence[Piece], until: Span) -> Fraction:
    """Return what a line has earned on these days, exact."""
    return sum((piece.yearly * part for piece, _, part in _shares(terms, line, until)), Fraction(0))


def _shares(terms: Terms, line: Sequence[Piece], days: Span) -> Iterator[tuple[Piece, Span, Fraction]]:
    for piece in line:
        common = _common(_common(piece.span, terms.span), days)
        if _days(common) > 0:
            yield piece, common, part_of_year(common, terms.span, terms.day_count)


def _by_line(pieces: Sequence[Piece]) -> list[list[Piece]]:
    lines: dict[int, list[Piece]] = {}
    for piece in sorted(pieces, key=lambda p: (p.line, p.span.valid_from)):
        lines.setdefault(piece.line, []).append(piece)
    return list(lines.values())


def _columns(dues: list[tuple[Fraction, Fraction]]) -> tuple[list[Fraction], list[Fraction]]:
    return [start for start, _ in dues], [end for _, end in dues]


def _contract_years(contract: Span) -> Iterator[Span]:
    """Yield the years that begin on the contract's first day and its anniversaries, whole even when it ends sooner."""
    first, year = contract.valid_from, 0
    while (begin := _anniversary(first, year)) < (contract.valid_to or date.max):
        yield Span(begin, _anniversary(first, year + 1))
        year += 1


def _anniversary(day: date, years: int) -> date:
    """29 February has its anniversary on 1 March of other years."""
    leapless = day.month == 2 and day.day == 29 and not _is_leap(day.year + years)
    return date(day.year + years, 3, 1) if leapless else day.replace(year=day.year + years)


def _is_leap(year: int) -> bool:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days == 366


def _months(days: Span) -> Iterator[Span]:
    assert days.valid_to
    day = days.valid_from
    while day < days.valid_to:
        month = period_of(day, "month")
        assert month.valid_to
        yield month
        day = month.valid_to


def _common(one: Span, other: Span) -> Span:
    ends = [end for end in (one.valid_to, other.valid_to) if end]
    first = max(one.valid_from, other.valid_from)
    return Span(first, max(first, min(ends)) if ends else None)


def _days(span: Span) -> int:
    assert span.valid_to
    return (span.valid_to - span.valid_from).days


def pieces_of(versions: Iterable[Recorded], contract: Span) -> list[Piece]:
    """Lay versions of lines, later knowledge over earlier, into pieces that do not overlap.

    `versions` come in the order in which they were recorded.
    """
    by_line: dict[int, list[Recorded]] = {}
    for version in versions:
        by_line.setdefault(version[0], []).append(version)
    return [piece for rows in by_line.values() for piece in _laid(rows, contract)]


def _laid(rows: list[Recorded], contract: Span) -> Iterator[Piece]:
    for span, (number, plot, _, quantity, unit, price) in laid([(row[2], row) for row in rows], contract):
        if quantity > 0:
            yield Piece(number, plot, span, quantity, unit, price)


def laid(rows: Sequence[tuple[Span, R]], within: Span) -> Iterator[tuple[Span, R]]:
    """Lay rows, the later over the earlier, into days of a closed span on which nothing changes; gaps are left out."""
    assert within.valid_to
    spans = [_common(span, within) for span, _ in rows]
    edges = sorted({edge for span in spans for edge in span if edge})
    for begin, end in pairwise(edges):
        for (_, row), span in zip(rows[::-1], spans[::-1], strict=True):
            if span.holds(begin):
                yield Span(begin, end), row
                break
