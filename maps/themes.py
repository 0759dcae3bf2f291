"""What plots are coloured by: classes with colours and counts, and the class of each plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from maps.style import CATEGORIES, OTHER, RAMPS, Pair, Palette

Number = Decimal | float | int


@dataclass(frozen=True, slots=True)
class Class:
    """One class of a theme: its words, its colours on light and dark ground, how many plots it holds."""

    label: str
    colours: Pair
    count: int


@dataclass(frozen=True, slots=True)
class Theme:
    """One way to colour plots; `index` holds the class of each plot, None where there is no data."""

    key: str
    title: str
    unit: str
    kind: Literal["category", "ramp"]
    method: str
    classes: tuple[Class, ...]
    index: tuple[int | None, ...]

    @property
    def missing(self) -> int:
        """Return how many plots have no data."""
        return sum(number is None for number in self.index)


def category_theme(
    key: str, title: str, values: Sequence[str | None], names: Mapping[str, str], other: str, unit: str = ""
) -> Theme:
    """Colour plots by a category; `names` gives order and words, values beyond the sixth name share the class `other`.

    An empty value is "no data"; a value without a name is refused.

    >>> theme = category_theme("grade", "Grade", ["1", "2", "1", None], {"1": "First", "2": "Second"}, "Other")
    >>> [(c.label, c.count) for c in theme.classes], theme.index
    ([('First', 2), ('Second', 1)], (0, 1, 0, None))
    """
    order = list(names)
    unnamed = {value for value in values if value} - set(order)
    if unnamed:
        raise ValueError(f"no name is given for {sorted(unnamed)[:3]}")
    shown = order if len(order) <= len(CATEGORIES) else order[: len(CATEGORIES)]
    position = {value: min(number, len(shown)) for number, value in enumerate(order)}
    index = tuple(position[value] if value else None for value in values)
    words = [names[value] for value in shown] + ([other] if len(order) > len(shown) else [])
    colours = [*CATEGORIES[: len(shown)], OTHER]
    classes = tuple(Class(word, colours[number], index.count(number)) for number, word in enumerate(words))
    return Theme(key, title, unit, "category", "", classes, index)


def ramp_theme(
    key: str,
    title: str,
    unit: str,
    values: Sequence[Number | None],
    palette: Palette,
    limits: Sequence[Number],
    method: str,
) -> Theme:
    """Colour plots by a number in five classes: each from a limit (>=) to below the next (<).

    `method` says in words where the limits come from.

    >>> theme = ramp_theme("score", "Score", "", [79, 80, None], "cool", [80, 90, 95, 100], "threshold")
    >>> [c.label for c in theme.classes], theme.index
    (['< 80', '≥ 80 < 90', '≥ 90 < 95', '≥ 95 < 100', '≥ 100'], (0, 1, None))
    """
    if len(limits) != 4 or sorted(set(limits)) != list(limits):
        raise ValueError("four rising limits make five classes")
    index = tuple(None if value is None else sum(1 for limit in limits if value >= limit) for value in values)
    words = [_words(number, limits) for number in range(5)]
    pairs = zip(words, RAMPS[palette], strict=True)
    classes = tuple(Class(word, colours, index.count(number)) for number, (word, colours) in enumerate(pairs))
    return Theme(key, title, unit, "ramp", method, classes, index)


def round_limits(values: Sequence[Number | None]) -> list[Decimal]:
    """Return four rising limits near the fifths of the values, each of at most two significant figures.

    >>> [str(limit) for limit in round_limits(range(1, 1001))]
    ['210', '410', '610', '810']
    >>> [str(limit) for limit in round_limits([])]
    ['1', '2', '3', '4']
    """
    known = sorted(Decimal(str(value)) for value in values if value is not None)
    limits: list[Decimal] = []
    for fifth in range(1, 5):
        wanted = known[len(known) * fifth // 5] if known else Decimal(0)
        limit = wanted.quantize(Decimal(1).scaleb(wanted.adjusted() - 1), ROUND_CEILING) if wanted else wanted
        if not limits:
            limits.append(limit or Decimal(1))
        else:
            last = limits[-1]
            limits.append(limit if limit > last else last + Decimal(1).scaleb(last.adjusted() if last else 0))
    return [Decimal(int(limit)) if limit == int(limit) else limit.normalize() for limit in limits]


def _words(number: int, limits: Sequence[Number]) -> str:
    low, high = (f"≥ {limits[number - 1]:,}" if number else ""), (f"< {limits[number]:,}" if number < 4 else "")
    return " ".join(word for word in (low, high) if word)
