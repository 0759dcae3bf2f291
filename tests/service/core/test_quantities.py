"""Quantities are whole numbers of steps in the database, and Decimal with all their places in Python."""

from decimal import Decimal, DecimalException

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from service.core.quantities import AreaM2, Points, Price, Quantity, Scaled

DIALECT = sqlite.dialect()
TYPES = [AreaM2(), Quantity(), Price(), Points()]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: type(kind).__name__)
@given(steps=st.integers(-(2**53), 2**53))
def test_every_whole_number_of_steps_comes_back_as_it_was(kind: Scaled, steps: int) -> None:
    value = steps * kind.step
    assert kind.process_bind_param(value, DIALECT) == steps
    back = kind.process_result_value(steps, DIALECT)
    assert back == value
    assert back is not None
    assert back.as_tuple().exponent == kind.step.as_tuple().exponent, "with all its places"


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: type(kind).__name__)
def test_a_part_of_a_step_is_refused(kind: Scaled) -> None:
    for part in (kind.step / 10, kind.step * 10 + kind.step / 100, Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises((ValueError, ArithmeticError, DecimalException)):
            kind.process_bind_param(part, DIALECT)


def test_a_float_is_refused() -> None:
    for value in (0.01, 1.0, float("nan")):
        with pytest.raises(TypeError):
            Quantity().process_bind_param(value, DIALECT)


def test_nothing_stays_nothing() -> None:
    assert Quantity().process_bind_param(None, DIALECT) is None
    assert Quantity().process_result_value(None, DIALECT) is None
