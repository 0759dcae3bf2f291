"""Values of the language and exact numbers: rationals, rounded only where a rule says so, written as text."""

import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final

MODES = ("half_up", "half_even", "down", "up")
MAX_BITS = 4_096
NUMBER = re.compile(r"(?P<sign>-?)(?P<digits>\d[\d_,]{0,29}(?:\.\d{1,30})?)(?P<percent>%?)")


class Missing(Enum):
    """The value that is not there."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
Value = Fraction | str | bool | date | datetime | Missing


class TooLarge(ArithmeticError):
    """A number outgrew what money, points and areas can ever need."""


def bounded(number: Fraction) -> Fraction:
    """Return the number, or raise TooLarge beyond 4,096 bits, so that no scheme can fill the memory."""
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        raise TooLarge
    return number


def rounded(number: Fraction, digits: int, mode: str) -> Fraction:
    """Return the number at so many decimals; half_up goes away from zero, so a reversal is the exact opposite.

    >>> rounded(Fraction("-0.125"), 2, "half_up"), rounded(Fraction("0.125"), 2, "half_even")
    (Fraction(-13, 100), Fraction(3, 25))
    """
    scale = 10**digits
    size = abs(number) * scale
    whole = size.numerator // size.denominator
    rest = size - whole
    half = Fraction(1, 2)
    more = {
        "half_up": rest >= half,
        "half_even": rest > half or (rest == half and whole % 2 == 1),
        "down": False,
        "up": rest > 0,
    }[mode]
    return Fraction(whole + more, scale) * (-1 if number < 0 else 1)


def number_of(text: str) -> Fraction | None:
    """Return the number that the text writes, or None; `%` divides by 100, `,` and `_` group digits.

    >>> number_of("1,250.50"), number_of("2%"), number_of("1e9")
    (Fraction(2501, 2), Fraction(1, 50), None)
    """
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    number = Fraction(match["digits"].replace(",", "").replace("_", ""))
    return (-number if match["sign"] else number) / (100 if match["percent"] else 1)


def exact_text(number: Fraction) -> str:
    """Write the number without loss: as a decimal where it ends, else as a fraction.

    >>> exact_text(Fraction(27, 10)), exact_text(Fraction(250, 3))
    ('2.7', '250/3')
    """
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    return decimal_text(number, max(twos, fives))


def decimal_text(number: Fraction, digits: int) -> str:
    """Write a number that has at most so many decimals with all of them.

    >>> decimal_text(Fraction(-5), 2)
    '-5.00'
    """
    units = abs(number) * 10**digits
    text = str(units.numerator // units.denominator).rjust(digits + 1, "0")
    head, tail = (text[:-digits], "." + text[-digits:]) if digits else (text, "")
    return ("-" if number < 0 else "") + head + tail


def text_of(value: Value) -> str:
    """Write any value: what keys, messages and explanations show."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        return exact_text(value)
    if isinstance(value, date):  # an instant too
        return value.isoformat()
    return value.value if isinstance(value, Missing) else value


def fraction_of(value: int | Decimal | Fraction) -> Fraction | None:
    """Return a number of the program as an exact one, or None where it is not finite or absurdly large."""
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > 30):
        return None
    number = Fraction(value)
    return number if max(number.numerator.bit_length(), number.denominator.bit_length()) <= MAX_BITS else None
