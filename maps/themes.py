"""What plots are coloured by: classes with colours and counts, and the class of each plot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from maps.style import CATEGORIES, NOTHING, OTHER, RAMPS, Pair, Palette

Number = Decimal | float | int
STEPS = 5


@dataclass(frozen=True, slots=True)
class Class:
    """One class of a theme: its words, its colours on light and dark ground, how many plots it holds."""

    label: str
    colours: Pair
    count: int


@dataclass(frozen=True, slots=True)
class Theme:
    """One way to colour plots; `index` holds the class of each plot, None where there is no data.

    `values` tells the class of each value, for plots that are not at hand.
    """

    key: str
    title: str
    unit: str
    kind: Literal["category", "ramp"]
    method: str
    classes: tuple[Class, ...]
    index: tuple[int | None, ...]
    missing: int  # how many plots have no data
    values: Mapping[str, int] = field(default_factory=dict)


def category_theme(
    key: str,
    title: str,
    values: Sequence[str | None],
    names: Mapping[str, str],
    other: str,
    *,
    places: Mapping[str, int] | None = None,
) -> Theme:
    """Colour plots by a category; `names` gives order and words, values beyond the sixth place share the class `other`.

    An empty value is "no data"; a value without a name is refused. `places` says which colour each name has, counted
    from 0, so that it keeps it where others are not shown; without it names have places in their order.

    >>> theme = category_theme("grade", "Grade", ["1", "2", "1", None], {"1": "First", "2": "Second"}, "Other")
    >>> [(c.label, c.count) for c in theme.classes], theme.index
    ([('First', 2), ('Second', 1)], (0, 1, 0, None))
    """
    theme = counted_theme(key, title, Counter(values), names, other, places=places)
    return replace(theme, index=tuple(theme.values[value] if value else None for value in values))


def counted_theme(
    key: str,
    title: str,
    counts: Mapping[str | None, int],
    names: Mapping[str, str],
    other: str,
    *,
    places: Mapping[str, int] | None = None,
) -> Theme:
    """Colour by a category plots that come later, by their values; `counts` says how many have each.

    >>> theme = counted_theme("grade", "Grade", {"1": 70_000, None: 5}, {"1": "First", "2": "Second"}, "Other")
    >>> [(c.label, c.count) for c in theme.classes], theme.missing, theme.values
    ([('First', 70000), ('Second', 0)], 5, {'1': 0, '2': 1})
    """
    order = list(names)
    unnamed = {value for value in counts if value} - set(order)
    if unnamed:
        raise ValueError(f"no name is given for {sorted(unnamed)[:3]}")
    place = places or {value: number for number, value in enumerate(order)}
    shown = [value for value in order if place[value] < len(CATEGORIES)]
    rest = [value for value in order if value not in shown]
    position = {value: number for number, value in enumerate(shown)} | dict.fromkeys(rest, len(shown))
    words = [names[value] for value in shown] + ([names[rest[0]] if len(rest) == 1 else other] if rest else [])
    colours = [*(CATEGORIES[place[value]] for value in shown), OTHER]
    held = [sum(count for value, count in counts.items() if value and position[value] == n) for n in range(len(words))]
    classes = tuple(Class(*one) for one in zip(words, colours, held, strict=False))
    missing = sum(count for value, count in counts.items() if not value)
    return Theme(key, title, "", "category", "", classes, (), missing, position)


def ramp_theme(
    key: str,
    title: str,
    unit: str,
    values: Sequence[Number | None],
    palette: Palette,
    limits: Sequence[Number],
    method: str,
    *,
    none: str = "",
) -> Theme:
    """Colour plots by a number in up to five classes: each from a limit (>=) to below the next (<).

    `method` says in words where the limits come from. With `none`, a word, zero is a class of its own and comes first.

    >>> theme = ramp_theme("score", "Score", "", [79, 80, None], "cool", [80, 90, 95, 100], "threshold")
    >>> [c.label for c in theme.classes], theme.index
    (['< 80', '≥ 80 < 90', '≥ 90 < 95', '≥ 95 < 100', '≥ 100'], (0, 1, None))
    >>> theme = ramp_theme("due", "Due", "", [0, 2, 7], "warm", [5], "round", none="nothing")
    >>> [(c.label, c.count) for c in theme.classes]
    [('nothing', 1), ('< 5', 1), ('≥ 5', 1)]
    """
    if not limits or len(limits) > STEPS - 1 or sorted(set(limits)) != list(limits):
        raise ValueError("one to four rising limits make two to five classes")
    first = 1 if none else 0
    index = tuple(
        None if value is None else 0 if none and value == 0 else first + sum(1 for limit in limits if value >= limit)
        for value in values
    )
    words = [none] * first + [_words(number, limits) for number in range(len(limits) + 1)]
    colours = [NOTHING] * first + [
        RAMPS[palette][number * (STEPS - 1) // len(limits)] for number in range(len(limits) + 1)
    ]
    pairs = zip(words, colours, strict=True)
    classes = tuple(Class(word, pair, index.count(number)) for number, (word, pair) in enumerate(pairs))
    return Theme(key, title, unit, "ramp", method, classes, index, index.count(None))


def round_limits(values: Sequence[Number | None], classes: int = STEPS) -> list[Decimal]:
    """Return the roundest limits near the quantiles of the values that leave no class empty; fewer, or none, for few.

    >>> [str(limit) for limit in round_limits(range(1, 1001))]
    ['200', '400', '600', '800']
    >>> [str(limit) for limit in round_limits([Decimal("1.03"), Decimal("1.07"), 48, 51, 333, None], 3)]
    ['40', '300']
    >>> round_limits([5, 5, 5]), round_limits([])
    ([], [])
    """
    known = sorted(Decimal(str(value)) for value in values if value is not None)
    limits: list[Decimal] = []
    last = 0
    for number in range(1, classes):
        middle, reach = len(known) * number / classes, max(1, len(known) / (3 * classes))
        cuts = [
            place
            for place in range(last + 1, len(known))
            if known[place - 1] < known[place] and abs(place - middle) <= reach
        ]
        if cuts:
            steps = {place: _roundest(known[place - 1], known[place]) for place in cuts}
            last = max(cuts, key=lambda place: (steps[place][0], -abs(place - middle)))
            limits.append(steps[last][1])
    return limits


def _roundest(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Return the roundest number above `low` and not above `high` (both >= 0), and before it the step it stands on."""
    tens = Decimal(1).scaleb(high.adjusted())
    while True:
        for step in (tens, tens / 2, tens / 5):
            limit = high // step * step
            if limit > low:
                return step, _plain(limit)
        tens /= 10


def _plain(limit: Decimal) -> Decimal:
    return Decimal(int(limit)) if limit == int(limit) else limit.normalize()


def _words(number: int, limits: Sequence[Number]) -> str:
    low = f"≥ {limits[number - 1]:,}" if number else ""
    high = f"< {limits[number]:,}" if number < len(limits) else ""
    return " ".join(word for word in (low, high) if word)
