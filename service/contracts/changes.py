"""Amendments: what a change makes of a line, what it adds to the price, how near the ceiling. Pure and exact."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from service.contracts.rules import Piece, Terms, Unit, fee, laid
from service.core.dates import Span
from service.core.errors import Invalid
from service.core.i18n import N_
from service.core.money import minor

WARNED_FROM = Fraction(8, 10)  # of the ceiling


class Act(StrEnum):
    """What an amendment does to a plot on some days."""

    ADD = "add"  # the contract does not cover it then
    CHANGE = "change"  # another quantity or price
    REMOVE = "remove"


class Level(StrEnum):
    """How near the ceiling all additions to a contract are."""

    WITHIN = "within"
    NEAR = "near"  # 80 % of it or more
    REACHED = "reached"  # exactly: nothing more may be added
    EXCEEDED = "exceeded"


class NotOfTheContract(Invalid):
    """What is changed or removed has to be there, on each of the days."""

    code, message = "not_of_the_contract", N_("The contract does not cover the plot {plot} from {first} until {until}.")


class OfTheContract(Invalid):
    """What is added must not be there already."""

    code, message = (
        "of_the_contract",
        N_("The contract covers the plot {plot} on days from {first} until {until} already."),
    )


class MissingTerms(Invalid):
    """An addition says everything about the new line."""

    code, message = (
        "missing_terms",
        N_("Whoever adds the plot {plot} says its quantity, unit, basis and unit price."),
    )


class NothingChanged(Invalid):
    """A change says what is new, a removal nothing."""

    code, message = (
        "nothing_changed",
        N_("A change of the plot {plot} names a new quantity or price and nothing else; a removal names neither."),
    )


class TwiceChanged(Invalid):
    """One amendment says one thing about a plot and a day."""

    code, message = "twice_changed", N_("The amendment changes the plot {plot} twice on some days.")


class SignedLater(Invalid):
    """What is entered was signed."""

    code, message = "signed_later", N_("The amendment is dated {day}, later than today, {today}.")


@dataclass(frozen=True)
class Agreed:
    """What holds of a line on some days. `unit_price`: a unit and year, VAT included."""

    quantity: Decimal
    unit: Unit
    basis: str
    unit_price: Decimal
    grade: str | None


@dataclass(frozen=True)
class LineChange:
    """What an amendment says of a plot on some days; what a change does not name stays as it was."""

    act: Act
    plot: str
    span: Span
    quantity: Decimal | None = None
    unit: Unit | None = None
    basis: str | None = None
    unit_price: Decimal | None = None
    grade: str | None = None


def refuse_later(signed_on: date, today: date) -> None:
    """Refuse an amendment that is not signed yet."""
    if signed_on > today:
        raise SignedLater(day=signed_on, today=today)


def refuse_twice(changes: Sequence[LineChange]) -> None:
    """Refuse changes of one plot whose days meet."""
    for n, change in enumerate(changes):
        if any(other.plot == change.plot and other.span.meets(change.span) for other in changes[:n]):
            raise TwiceChanged(plot=change.plot)


def outcome(change: LineChange, standing: Sequence[tuple[Span, Agreed]]) -> list[tuple[Span, Agreed]]:
    """Return what holds of a line after a change, on the days of the change.

    `standing`: what was recorded of the line until now, in that order; empty for a plot that the contract never had.
    """
    days = [(span, agreed) for span, agreed in laid(standing, change.span) if agreed.quantity > 0]
    if change.act is Act.ADD:
        if days:
            raise OfTheContract(plot=change.plot, first=change.span.valid_from, until=change.span.until)
        return [(change.span, _new(change))]
    if not _without_gap(days, change.span):
        raise NotOfTheContract(plot=change.plot, first=change.span.valid_from, until=change.span.until)
    return [(span, _changed(change, agreed)) for span, agreed in days]


def _new(change: LineChange) -> Agreed:
    if change.quantity is None or change.unit is None or change.basis is None or change.unit_price is None:
        raise MissingTerms(plot=change.plot)
    return Agreed(change.quantity, change.unit, change.basis, change.unit_price, change.grade)


def _changed(change: LineChange, agreed: Agreed) -> Agreed:
    named = change.quantity is not None or change.unit_price is not None
    if change.unit or change.basis or change.grade or named == (change.act is Act.REMOVE):
        raise NothingChanged(plot=change.plot)
    quantity = agreed.quantity if change.quantity is None else change.quantity
    price = agreed.unit_price if change.unit_price is None else change.unit_price
    return Agreed(Decimal(0) if change.act is Act.REMOVE else quantity, agreed.unit, agreed.basis, price, agreed.grade)


def _without_gap(days: Sequence[tuple[Span, Agreed]], span: Span) -> bool:
    """Tell whether pieces, in their order, fill a span."""
    edges = [span.valid_from, *(piece.valid_to for piece, _ in days)]
    begins = [piece.valid_from for piece, _ in days] + [span.valid_to]
    return edges == begins


@dataclass(frozen=True)
class Effect:
    """What an amendment adds to the price of the whole contract, and what it takes away, in minor units."""

    added_minor: int
    reduced_minor: int


def price_minor(terms: Terms, pieces: Sequence[Piece]) -> int:
    """Return the price of all the days of a contract, as its statements add up to it before anything is deducted."""
    return fee(terms, pieces, terms.span).amount_minor


def effect(terms: Terms, before: Sequence[Piece], after: Sequence[Piece]) -> Effect:
    """Compare the price of the whole contract line by line, and each line day by day.

    What is lost by another line, or by the same on other days, makes no room: one amendment adds what two would.

    >>> from service.contracts.rules import DayCount, Rounding
    >>> year = Span(date(2013, 1, 1), date(2014, 1, 1))
    >>> terms = Terms(year, "CNY", DayCount.TWELFTHS, Rounding.PER_CONTRACT)
    >>> one, two = (Piece(n, f"P{n}", year, Decimal(100), "m2", Decimal(3)) for n in (1, 2))
    >>> effect(terms, [one], [two])
    Effect(added_minor=30000, reduced_minor=30000)
    >>> spring = Piece(1, "P1", Span(date(2013, 1, 1), date(2013, 7, 1)), Decimal(200), "m2", Decimal(3))
    >>> effect(terms, [one], [spring])
    Effect(added_minor=15000, reduced_minor=15000)
    """
    was, will = _by_line(before), _by_line(after)
    differences = [
        difference
        for line in {**was, **will}
        if was.get(line) != will.get(line)
        for difference in _differences(terms, was.get(line, []), will.get(line, []))
    ]
    added = sum((max(difference, Fraction(0)) for difference in differences), Fraction(0))
    return Effect(minor(added, terms.currency), minor(added - sum(differences, Fraction(0)), terms.currency))


def _by_line(pieces: Sequence[Piece]) -> dict[int, list[Piece]]:
    lines: dict[int, list[Piece]] = {}
    for piece in pieces:
        lines.setdefault(piece.line, []).append(piece)
    return lines


def _differences(terms: Terms, before: Sequence[Piece], after: Sequence[Piece]) -> Iterator[Fraction]:
    """Yield by how much a line's price differs, exact, for each of its spans on which nothing changes."""
    spans = [terms.span, *(piece.span for piece in (*before, *after))]
    edges = sorted({edge for span in spans for edge in span if edge is not None})
    for first, until in pairwise(edges):
        was, will = (
            sum((line.exact for line in fee(terms, pieces, Span(first, until)).lines), Fraction(0))
            for pieces in (before, after)
        )
        yield will - was


@dataclass(frozen=True)
class Ceiling:
    """Additions so far against what may be added: `limit_minor` is cut, not rounded, so that it is never passed."""

    percent: Decimal
    limit_minor: int
    used_percent: Decimal  # of the limit, cut to 0.01
    level: Level


def ceiling(price_minor_: int, added_minor: int, percent: Decimal) -> Ceiling:
    """Hold all additions to a contract against a part of its original price.

    Government Procurement Law of China, article 49: all supplementary contracts together at most 10 % of the original.

    >>> [ceiling(100000, added, Decimal(10)).level.value for added in (7999, 8000, 10000, 10001)]
    ['within', 'near', 'reached', 'exceeded']
    """
    limit = price_minor_ * Fraction(percent) / 100
    used = Fraction(added_minor) / limit if limit else Fraction(1 if added_minor else 0)
    if added_minor > limit:
        level = Level.EXCEEDED
    elif limit and used == 1:
        level = Level.REACHED
    else:
        level = Level.NEAR if used >= WARNED_FROM else Level.WITHIN
    return Ceiling(percent, int(limit), Decimal(int(used * 10_000)).scaleb(-2), level)
