"""Days and periods as registers write them. Pure."""

import re
from datetime import date, timedelta

from service.core.dates import Span, period_of
from service.core.readers import day

YEAR_MONTH = re.compile(r"(19|20|21)([0-9]{2})-([0-9]{2})")
YEAR_QUARTER = re.compile(r"(19|20|21)([0-9]{2})-Q([1-4])")
FISCAL = re.compile(r"FY([0-9]{2})Q([1-4])")


def read_period(text: str, fiscal_year_starts: int = 1) -> Span:
    """Return the days that a text names: a day, a month, a quarter, or a fiscal quarter.

    FY05 is the fiscal year that ends in 2005; `fiscal_year_starts` is the month it begins in.

    >>> read_period("FY05Q3", 7)
    Span(valid_from=datetime.date(2005, 1, 1), valid_to=datetime.date(2005, 4, 1))
    """
    if match := YEAR_MONTH.fullmatch(text):
        return period_of(date(int(match[1] + match[2]), int(match[3]), 1), "month")
    if match := YEAR_QUARTER.fullmatch(text):
        return period_of(date(int(match[1] + match[2]), int(match[3]) * 3 - 2, 1), "quarter")
    if match := FISCAL.fullmatch(text):
        ends = 2000 + int(match[1])
        first_year = ends if fiscal_year_starts == 1 else ends - 1
        months = first_year * 12 + fiscal_year_starts - 1 + (int(match[2]) - 1) * 3
        return Span(date(months // 12, months % 12 + 1, 1), date((months + 3) // 12, (months + 3) % 12 + 1, 1))
    first = day(text)
    return Span(first, first + timedelta(days=1))
