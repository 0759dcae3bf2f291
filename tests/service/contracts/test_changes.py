"""What a change makes of a line, what it adds to the price, and how near the ceiling that is."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contracts.changes import (
    Act,
    Agreed,
    Level,
    LineChange,
    MissingTerms,
    NothingChanged,
    NotOfTheContract,
    OfTheContract,
    SignedLater,
    TwiceChanged,
    ceiling,
    effect,
    outcome,
    price_minor,
    refuse_later,
    refuse_twice,
)
from service.contracts.rules import DayCount, Piece, Rounding, Terms, Unit, pieces_of
from service.core.dates import Span, half_open

YEAR = half_open(date(2013, 1, 1), date(2013, 12, 31))
SPRING, HALF = half_open(date(2013, 1, 1), date(2013, 6, 30)), half_open(date(2013, 7, 1), date(2013, 12, 31))
LAWN = Agreed(Decimal(100), Unit.M2, "projected", Decimal(3), "1")
DEARER = Agreed(Decimal(100), Unit.M2, "projected", Decimal(4), "1")
GONE = Agreed(Decimal(0), Unit.M2, "projected", Decimal(3), "1")
TERMS = Terms(YEAR, "CNY", DayCount.TWELFTHS, Rounding.PER_CONTRACT)


def change(act: Act = Act.CHANGE, span: Span = HALF, **said: Any) -> LineChange:
    return LineChange(act, "N-1", span, **said)


def test_a_new_quantity_leaves_each_price_as_it_was() -> None:
    standing = [(YEAR, LAWN), (half_open(date(2013, 10, 1), date(2013, 12, 31)), DEARER)]
    rows = outcome(change(quantity=Decimal(90)), standing)
    assert [(str(span.valid_from), str(row.quantity), str(row.unit_price)) for span, row in rows] == [
        ("2013-07-01", "90", "3"),
        ("2013-10-01", "90", "4"),
    ]
    assert {row.basis for _, row in rows} == {"projected"}


def test_a_removal_counts_nothing_from_its_day_on() -> None:
    assert outcome(change(Act.REMOVE), [(YEAR, LAWN)]) == [(HALF, GONE)]


def test_what_is_added_says_everything() -> None:
    said: dict[str, Any] = {"quantity": Decimal(5), "unit": Unit.M2, "basis": "projected", "unit_price": Decimal(2)}
    assert outcome(change(Act.ADD, **said), []) == [(HALF, Agreed(**said, grade=None))]
    assert outcome(change(Act.ADD, **said), [(SPRING, LAWN)]), "it was there before, not on these days"
    for missing in said:
        with pytest.raises(MissingTerms):
            outcome(change(Act.ADD, **(said | {missing: None})), [])
    with pytest.raises(OfTheContract):
        outcome(change(Act.ADD, **said), [(half_open(date(2013, 12, 31), date(2013, 12, 31)), LAWN)])


@pytest.mark.parametrize("act", [Act.CHANGE, Act.REMOVE])
@pytest.mark.parametrize(
    "standing",
    [
        [],
        [(SPRING, LAWN)],
        [(YEAR, LAWN), (half_open(date(2013, 8, 1), date(2013, 8, 1)), GONE)],
        [(half_open(date(2013, 7, 2), date(2013, 12, 31)), LAWN)],
        [(half_open(date(2013, 1, 1), date(2013, 12, 30)), LAWN)],
    ],
)
def test_what_is_not_there_on_each_of_the_days_is_not_changed(act: Act, standing: list[tuple[Span, Agreed]]) -> None:
    said: dict[str, Any] = {"quantity": Decimal(5)} if act is Act.CHANGE else {}
    with pytest.raises(NotOfTheContract):
        outcome(change(act, **said), standing)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (Act.CHANGE, {}),
        (Act.CHANGE, {"quantity": Decimal(5), "unit": Unit.M}),
        (Act.CHANGE, {"grade": "1"}),
        (Act.REMOVE, {"quantity": Decimal(5)}),
        (Act.REMOVE, {"basis": "projected"}),
    ],
)
def test_a_change_names_what_is_new_and_a_removal_nothing(act: Act, said: dict[str, Any]) -> None:
    with pytest.raises(NothingChanged):
        outcome(change(act, **said), [(YEAR, LAWN)])


def test_one_amendment_says_one_thing_about_a_day() -> None:
    refuse_twice([change(span=SPRING), change(span=HALF)])
    with pytest.raises(TwiceChanged):
        refuse_twice([change(span=HALF), change(span=YEAR)])


def test_what_is_not_signed_yet_is_refused() -> None:
    refuse_later(date(2013, 3, 1), date(2013, 3, 1))
    with pytest.raises(SignedLater):
        refuse_later(date(2013, 3, 2), date(2013, 3, 1))


QUANTITIES = st.integers(0, 10**7).map(lambda n: Decimal(n).scaleb(-2))
PRICES = st.integers(0, 10**7).map(lambda n: Decimal(n).scaleb(-6))


@st.composite
def lines(draw: st.DrawFn) -> list[Piece]:
    """Draw up to three lines, each changed on some days up to twice."""
    recorded = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        recorded.append((number, f"P-{number}", YEAR, draw(QUANTITIES), "m2", draw(PRICES)))
        for _ in range(draw(st.integers(0, 2))):
            first = YEAR.valid_from + timedelta(days=draw(st.integers(0, 364)))
            recorded.append((number, f"P-{number}", Span(first, YEAR.valid_to), draw(QUANTITIES), "m2", draw(PRICES)))
    return pieces_of(recorded, YEAR)


@given(lines(), lines())
def test_added_less_reduced_is_what_the_price_moves_by(before: list[Piece], after: list[Piece]) -> None:
    made = effect(TERMS, before, after)
    moved = price_minor(TERMS, after) - price_minor(TERMS, before)
    assert abs(made.added_minor - made.reduced_minor - moved) <= 2, "each of the four is rounded once"
    assert min(made.added_minor, made.reduced_minor) >= 0
    back = effect(TERMS, after, before)
    assert (back.added_minor, back.reduced_minor) == (made.reduced_minor, made.added_minor)


@given(lines(), lines(), lines())
def test_one_addition_after_another_is_never_less_than_all_at_once(
    before: list[Piece], between: list[Piece], after: list[Piece]
) -> None:
    steps = effect(TERMS, before, between).added_minor + effect(TERMS, between, after).added_minor
    assert steps + 2 >= effect(TERMS, before, after).added_minor


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**8).map(lambda n: Decimal(n).scaleb(-6)))
def test_the_level_is_the_exact_one(price: int, added: int, percent: Decimal) -> None:
    held = ceiling(price, added, percent)
    limit = price * Fraction(percent) / 100
    expected = Level.WITHIN
    if added > limit:
        expected = Level.EXCEEDED
    elif added and added == limit:
        expected = Level.REACHED
    elif added and added * 10 >= limit * 8:
        expected = Level.NEAR
    assert held.level is expected
    assert held.limit_minor <= limit < held.limit_minor + 1


def test_a_contract_of_nothing_has_no_room() -> None:
    assert ceiling(0, 0, Decimal(10)).level is Level.WITHIN
    assert ceiling(0, 1, Decimal(10)).level is Level.EXCEEDED


def test_one_amendment_adds_what_two_would() -> None:
    stood = pieces_of([(1, "N-1", YEAR, Decimal(100), "m2", Decimal(3))], YEAR)
    doubled = pieces_of(
        [(1, "N-1", YEAR, Decimal(100), "m2", Decimal(3)), (1, "N-1", SPRING, Decimal(200), "m2", Decimal(3))], YEAR
    )
    gone = [piece for piece in doubled if piece.span == SPRING]
    at_once, first, second = effect(TERMS, stood, gone), effect(TERMS, stood, doubled), effect(TERMS, doubled, gone)
    assert (first.added_minor, second.added_minor, first.reduced_minor, second.reduced_minor) == (15000, 0, 0, 15000)
    assert (at_once.added_minor, at_once.reduced_minor) == (15000, 15000)
