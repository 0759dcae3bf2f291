"""The laws of rounding and splitting."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.core.money import MINOR_DIGITS, half_up, major, minor, round_places, split

EXACT = st.fractions(min_value=-(10**12), max_value=10**12)
WEIGHTS = st.lists(st.fractions(min_value=0, max_value=10**9), max_size=30)


@given(EXACT)
def test_rounding_is_to_the_nearest_and_a_reversal_is_the_exact_opposite(exact: Fraction) -> None:
    assert abs(half_up(exact) - exact) <= Fraction(1, 2)
    assert half_up(-exact) == -half_up(exact)


@given(st.integers(-(10**12), 10**12))
def test_halves_go_away_from_zero(whole: int) -> None:
    half = whole + Fraction(1, 2) if whole >= 0 else whole - Fraction(1, 2)
    assert abs(half_up(half)) == abs(whole) + 1


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(MINOR_DIGITS)))
def test_major_and_minor_are_inverse(amount: int, currency: str) -> None:
    assert minor(Fraction(major(amount, currency)), currency) == amount
    assert -(major(amount, currency).as_tuple().exponent) == MINOR_DIGITS[currency]  # type: ignore[operator]


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_parts_add_up_and_none_is_off_by_a_whole_unit(total: int, weights: list[Fraction]) -> None:
    whole = sum(weights, Fraction(0))
    if not whole and total:
        with pytest.raises(ValueError, match="nothing to split"):
            split(total, weights)
        return
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - (total * weight / whole if whole else Fraction(0))) < 1
        assert part * total >= 0, "a part never has the other sign"


@given(st.integers(-(10**9), 10**9), WEIGHTS.filter(any), st.randoms(use_true_random=False))
@example(2, [Fraction(1), Fraction(3)], Random(1))
def test_the_order_only_decides_between_equal_remainders(total: int, weights: list[Fraction], random: Random) -> None:
    order = random.sample(range(len(weights)), len(weights))
    straight, shuffled = split(total, weights), split(total, [weights[n] for n in order])
    exact = [abs(total) * weight / sum(weights) for weight in weights]
    up = sorted(share % 1 for share, part in zip(exact, straight, strict=True) if abs(part) > share)
    other = sorted(exact[n] % 1 for n, part in zip(order, shuffled, strict=True) if abs(part) > exact[n])
    assert up == other
    if len({share % 1 for share in exact}) == len(exact):
        assert [straight[n] for n in order] == shuffled


@given(st.integers(-(10**9), 10**9), WEIGHTS.filter(any))
def test_the_split_of_a_reversal_is_the_reversal_of_the_split(total: int, weights: list[Fraction]) -> None:
    assert split(-total, weights) == [-part for part in split(total, weights)]


@given(st.integers(0, 10**9), WEIGHTS.filter(any), st.integers(1, 1000))
def test_the_split_does_not_depend_on_the_unit_of_the_weights(total: int, weights: list[Fraction], unit: int) -> None:
    assert split(total, [weight * unit for weight in weights]) == split(total, weights)


def test_ties_go_to_the_earlier() -> None:
    assert split(2, [Fraction(1)] * 3) == [1, 1, 0]
    assert split(-2, [Fraction(1)] * 3) == [-1, -1, 0]
    assert split(5, [Fraction(0), Fraction(1)]) == [0, 5]


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [("2.675", 2, "2.68"), ("-2.675", 2, "-2.68"), ("0.005", 2, "0.01"), ("0.0049", 2, "0.00"), ("1.5", 0, "2")],
)
def test_quantities_round_half_away_from_zero(value: str, places: int, rounded: str) -> None:
    assert str(round_places(Decimal(value), places)) == rounded
