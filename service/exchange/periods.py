"""Days and periods as registers write them. Pure."""

import re
from datetime import date

from service.core.dates import Span
from service.schemes.periods import parse_period

FISCAL = re.compile(r"FY([0-9]{2})Q([1-4])")


def read_period(text: str, fiscal_year_starts: int = 1) -> Span:
    """Return the days that a text names: a day, a month, a quarter, or a fiscal quarter.

    FY05 is the fiscal year that ends in 2005; `fiscal_year_starts` is the month it begins in.

    >>> read_period("FY05Q3", 7)
    Span(valid_from=datetime.date(2005, 1, 1), valid_to=datetime.date(2005, 4, 1))
    """
    if match := FISCAL.fullmatch(text):
        ends = 2000 + int(match[1])
        first_year = ends if fiscal_year_starts == 1 else ends - 1
        months = first_year * 12 + fiscal_year_starts - 1 + (int(match[2]) - 1) * 3
        return Span(date(months // 12, months % 12 + 1, 1), date((months + 3) // 12, (months + 3) % 12 + 1, 1))
    named = parse_period(text)
    if named is None or named.level not in ("day", "month", "quarter"):
        raise ValueError(text)
    return named.span
