"""Numbers, days and texts as people write them: the one spelling that every door takes. Pure."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

# control characters, lone surrogates, no characters, and the marks that turn the direction of reading
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?")
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
MONTH = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])"  # of the same years


def day(text: str) -> date:
    """Read a date of the years 1900 to 2199; no other spelling of ISO 8601.

    >>> day("2013-08-31")
    datetime.date(2013, 8, 31)
    """
    if not ISO_DAY.fullmatch(text) or not FIRST_DAY <= (found := date.fromisoformat(text)) <= LAST_DAY:
        raise ValueError(text)
    return found


def number(places: int, *, signed: bool = False) -> Callable[[str], Decimal]:
    """Return a reader of plain decimal numbers with at most so many places, below 10^12, not negative unless `signed`.

    >>> number(2)("41300.00"), number(0)("12")
    (Decimal('41300.00'), Decimal('12'))
    """

    def read(text: str) -> Decimal:
        if not PLAIN.fullmatch(text) or (text.startswith("-") and not signed):
            raise ValueError(text)
        value = Decimal(text)
        if len(text.partition(".")[2]) > places or abs(value) >= 10**12:
            raise ValueError(text)
        return value

    return read


def whole(most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from 0 to `most`."""

    def read(text: str) -> int:
        value = int(number(0)(text))
        if value > most:
            raise ValueError(text)
        return value

    return read
