"""Figures and days as people read them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.dates import Span
from service.web import words


@given(st.integers(-(10**15), 10**15), st.sampled_from(["CNY", "JPY", "EUR"]))
def test_an_amount_says_the_same_to_everybody(amount_minor: int, currency: str) -> None:
    shown = words.amount(amount_minor, currency)
    assert words.money(amount_minor, currency, "zh").strip(f"元{currency} ") == shown
    assert words.money(amount_minor, currency, "en") == f"{currency} {shown}"
    back = Decimal(shown.replace(",", "").replace(words.MINUS, "-"))
    assert back == Decimal(amount_minor).scaleb(0 if currency == "JPY" else -2)
    assert "-" not in shown


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        ("12.30", "m2", "12.3 m²", "12.3 m²"),
        ("1.00", "place", "1处", "1 place"),
        ("2.00", "person", "2人次", "2 persons"),
        ("3.00", "kg", "3 kg", "3 kg"),
        ("4.00", "bag", "4 bag", "4 bag"),
    ],
)
def test_quantities_carry_their_unit(value: str, unit: str, zh: str, en: str) -> None:
    assert words.quantity(Decimal(value), unit, "zh") == zh
    assert words.quantity(Decimal(value), unit, "en") == en


def test_zero_has_no_sign() -> None:
    assert words.number(Decimal("-0.00")) == "0.00"
    assert words.percent(Decimal("-0.00001")) == "0.00%"
    assert words.signed(0, "CNY") == "0.00"


def test_a_measured_area_beyond_the_tolerance_is_told() -> None:
    apart = words.difference(Decimal("10000"), Decimal("10100.01"))
    assert apart is not None
    assert not apart.is_within
    assert words.difference(Decimal(0), Decimal(5)) is None


def test_both_last_days_are_included() -> None:
    assert words.days(Span(date(2013, 1, 1), date(2013, 2, 1))) == "2013-01-01 – 2013-01-31"
