"""The functions of expressions: one Python function, one signature line and one doctest each. The extension point."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from service.schemes.exact import MISSING, Value, rounded

Values = Sequence[Value]


@dataclass(frozen=True)
class Function:
    """A function: how it is written, what it gives (same: the kind of what it is given), how many arguments it takes.

    An aggregate is handed one value per row, all known unless `apply` is `count`; a plain function its arguments,
    all known.
    """

    signature: str
    gives: str
    takes: tuple[int, int]
    apply: Callable[[Values], Value] | None
    is_aggregate: bool = False
    empty_is_missing: bool = False

    @property
    def name(self) -> str:
        """The name before the bracket."""
        return self.signature.partition("(")[0]


def numbers(values: Values) -> list[Fraction]:
    """Return the numbers among the values; the checker has seen to it that there is nothing else."""
    return [value for value in values if isinstance(value, Fraction) and not isinstance(value, bool)]


def count(values: Values) -> Value:
    """Count the rows that say yes.

    >>> count([True, False, True])
    Fraction(2, 1)
    """
    return Fraction(sum(value is True for value in values))


def total(values: Values) -> Value:
    """Add up; nothing adds up to 0.

    >>> total([])
    Fraction(0, 1)
    """
    return sum(numbers(values), Fraction(0))


def mean(values: Values) -> Value:
    """Return the plain mean, exact; of nothing there is none.

    >>> mean([Fraction(84), Fraction(78), Fraction(75)])
    Fraction(79, 1)
    """
    return sum(numbers(values), Fraction(0)) / len(values) if values else MISSING


def least(values: Values) -> Value:
    """Return the smallest; of nothing there is none.

    >>> least([])
    <Missing.MISSING: 'missing'>
    """
    return min(numbers(values), default=MISSING)


def greatest(values: Values) -> Value:
    """Return the largest; of nothing there is none.

    >>> greatest([Fraction(2), Fraction(-3)])
    Fraction(2, 1)
    """
    return max(numbers(values), default=MISSING)


def any_of(values: Values) -> Value:
    """Tell whether some row says yes.

    >>> any_of([])
    False
    """
    return any(value is True for value in values)


def all_of(values: Values) -> Value:
    """Tell whether no row says no.

    >>> all_of([])
    True
    """
    return all(value is True for value in values)


def ceil(values: Values) -> Value:
    """Return the next whole number upward: a part counts as a whole.

    >>> ceil([Fraction("-1.5")])
    Fraction(-1, 1)
    """
    return Fraction(math.ceil(numbers(values)[0]))


def floor(values: Values) -> Value:
    """Return the next whole number downward: a part counts as nothing.

    >>> floor([Fraction("10.9")])
    Fraction(10, 1)
    """
    return Fraction(math.floor(numbers(values)[0]))


def part(values: Values) -> Value:
    """Say that parts count pro rata; changes nothing.

    >>> part([Fraction("10.8")])
    Fraction(54, 5)
    """
    return values[0]


def absolute(values: Values) -> Value:
    """Drop the sign.

    >>> absolute([Fraction(-3)])
    Fraction(3, 1)
    """
    return abs(numbers(values)[0])


def nearest(values: Values) -> Value:
    """Round half up, away from zero, to whole digits from 0 to 6.

    >>> nearest([Fraction("-2.45"), Fraction(1)])
    Fraction(-5, 2)
    """
    number, digits = numbers(values)
    return rounded(number, min(6, max(0, int(digits))), "half_up")


MANY = 40
FUNCTIONS = {
    function.name: function
    for function in (
        Function("count() count(test)", "count", (0, 1), count, is_aggregate=True),
        Function("sum(x)", "same", (1, 1), total, is_aggregate=True),
        Function("mean(x)", "part", (1, 1), mean, is_aggregate=True, empty_is_missing=True),
        Function("least(x)", "same", (1, 1), least, is_aggregate=True, empty_is_missing=True),
        Function("greatest(x)", "same", (1, 1), greatest, is_aggregate=True, empty_is_missing=True),
        Function("any(test)", "yes_no", (1, 1), any_of, is_aggregate=True),
        Function("all(test)", "yes_no", (1, 1), all_of, is_aggregate=True),
        Function("min(a, b, ...)", "same", (2, MANY), least),
        Function("max(a, b, ...)", "same", (2, MANY), greatest),
        Function("ceil(x)", "whole", (1, 1), ceil),
        Function("floor(x)", "whole", (1, 1), floor),
        Function("part(x)", "plain", (1, 1), part),
        Function("round(x, digits)", "plain", (2, 2), nearest),
        Function("abs(x)", "same", (1, 1), absolute),
        Function("if(test, a, b)", "same", (3, 3), None),  # lazy: only the branch taken is worked
    )
}
