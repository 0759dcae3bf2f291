"""What a score may be of. Pure."""

from service.core.dates import Span, periods_between
from service.core.errors import Conflict
from service.core.i18n import N_


class OtherPeriods(Conflict):
    """A statement reads the scores of its period whole."""

    code = "other_periods"
    message = N_("Contract {contract} is settled by {level}; the score's days do not lie within one of them.")


class ScoredBefore(Conflict):
    """The same score told again, by another id or in another file."""

    code, message = "known", N_("{plot} has a score of these days and this channel already; it would count twice.")


def lies_in_a_period(days: Span, contract: Span, level: str) -> bool:
    """Tell whether days lie within one period of a contract; the last may end before its month does.

    >>> from datetime import date
    >>> year = Span(date(2013, 1, 1), date(2014, 1, 1))
    >>> lies_in_a_period(Span(date(2013, 1, 31), date(2013, 2, 2)), year, "month")
    False
    """
    end = min(filter(None, (days.valid_to, contract.valid_to)), default=None)
    return any(
        p.holds(days.valid_from) and (end is None or end <= (p.valid_to or end))
        for p in periods_between(contract, level)
    )
