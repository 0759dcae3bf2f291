"""M4: a total split over weights loses nothing and favours nobody."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random

from service.core.money import half_up, split
from tests.proof.check import Check, Outcome, Trial

Splitter = Callable[[int, Sequence[Fraction]], list[int]]


def run(trial: Trial) -> Outcome:
    """Try random totals over areas, scores and days; as a control, round each part by itself."""
    random, cases = Random(trial.seed), 100_000 if trial.full else 4_000
    splitter = by_itself if trial.control else split
    faulty = 0
    for _ in range(cases):
        total, weights = random.randint(-(10**11), 10**11), drawn(random)
        faulty += bool(faults(splitter, total, weights, random))
    return Outcome(not faulty, f"{cases} splits, {faulty} faulty")


def drawn(random: Random) -> list[Fraction]:
    """Return weights as they occur: hundredths of m2, points, days of a year, and equal ones, which make ties."""
    scale, most = random.choice([(100, 10**8), (10**6, 10**8), (365, 365), (1, 3)])
    weights = [Fraction(random.randint(0, most), scale) for _ in range(random.randint(1, 25))]
    return weights if any(weights) else [Fraction(1)]


def faults(splitter: Splitter, total: int, weights: Sequence[Fraction], random: Random) -> list[str]:
    """Return what is wrong with one split.

    >>> faults(by_itself, 100, [Fraction(1)] * 3, Random(0))
    ['the parts do not add up']
    """
    found, parts = [], splitter(total, weights)
    whole = sum(weights, Fraction(0))
    if sum(parts) != total:
        found.append("the parts do not add up")
    if any(abs(part - total * weight / whole) >= 1 for part, weight in zip(parts, weights, strict=True)):
        found.append("a part is off by a fen or more")
    if any(part * total < 0 for part in parts):
        found.append("a part has the other sign")
    order = random.sample(range(len(weights)), len(weights))
    again = splitter(total, [weights[n] for n in order])
    if favoured(total, weights, parts) != favoured(total, [weights[n] for n in order], again):
        found.append("the order decides more than ties")
    return found


def favoured(total: int, weights: Sequence[Fraction], parts: Sequence[int]) -> list[Fraction]:
    """Return the remainders of the parts that were rounded up: the order may choose only among equal ones."""
    whole = sum(weights, Fraction(0))
    exact = [abs(total) * weight / whole for weight in weights]
    return sorted(share % 1 for share, part in zip(exact, parts, strict=True) if abs(part) > share)


def by_itself(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Split as the control does: every part rounded by itself."""
    whole = sum(weights, Fraction(0))
    return [half_up(total * weight / whole) for weight in weights]


CHECK = Check(
    name="M4",
    claim="A total split over lines adds up to the fen, none is off by a fen, and the order decides only ties",
    target="0 faulty of 100,000",
    control="each part rounded by itself",
    run=run,
)
