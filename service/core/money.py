"""Money: whole minor units, rounded once, split without loss. Never a float."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

MINOR_DIGITS = {"CNY": 2, "USD": 2, "GBP": 2, "EUR": 2, "AUD": 2, "HKD": 2, "SGD": 2, "JPY": 0}  # ISO 4217


def half_up(exact: Fraction) -> int:
    """Round half away from zero, so that a reversal is the exact opposite.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(-5, 2))
    (3, -3)
    """
    sign = -1 if exact < 0 else 1
    return sign * int(abs(exact) + Fraction(1, 2))


def minor(exact: Fraction, currency: str) -> int:
    """Round an exact amount in the currency's major unit to whole minor units.

    >>> minor(Fraction("2.675"), "CNY")
    268
    """
    return half_up(exact * 10 ** MINOR_DIGITS[currency])


def major(amount_minor: int, currency: str) -> Decimal:
    """Return an amount in the currency's major unit, with all its places.

    >>> str(major(-5, "CNY")), str(major(150, "JPY"))
    ('-0.05', '150')
    """
    return Decimal(amount_minor).scaleb(-MINOR_DIGITS[currency])


def split(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Split a total over weights by largest remainder; ties go to the earlier. The parts add up to the total.

    >>> split(100, [Fraction(1), Fraction(1), Fraction(1)])
    [34, 33, 33]
    >>> split(0, []), split(-100, [Fraction(1), Fraction(2)])
    ([], [-33, -67])
    """
    whole = sum(weights, Fraction(0))
    if not whole:
        if total:
            raise ValueError("nothing to split the total over")
        return [0] * len(weights)
    sign = -1 if total < 0 else 1
    exact = [abs(total) * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in order[: abs(total) - sum(parts)]:
        parts[n] += 1
    return [sign * part for part in parts]


def round_places(value: Decimal, places: int) -> Decimal:
    """Round a quantity half away from zero.

    >>> round_places(Decimal("2600.885"), 2)
    Decimal('2600.89')
    """
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
