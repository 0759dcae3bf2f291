"""Quantities that set pay: whole numbers in the database, Decimal in Python, never a float."""

from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Scaled(TypeDecorator[Decimal]):
    """A whole number of `step`s, so that equality and SUM are exact on every database."""

    impl = BigInteger
    step: ClassVar[Decimal]

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Refuse what is not a whole number of steps; rounding is for rules."""
        if value is None:
            return None
        steps = int(value / self.step)
        if steps * self.step != value:
            raise ValueError(f"{value} is not a multiple of {self.step}")
        return steps

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return the quantity with all its places: 12.50, not 12.5."""
        return None if value is None else value * self.step


class AreaM2(Scaled):
    """Contracted area in 0.01 m2."""

    step = Decimal("0.01")
    cache_ok = True  # SQLAlchemy asks each class for its own


class Quantity(Scaled):
    """What a contract line, a task or a finding counts, in 0.01 of its unit (m2, m, piece, kg)."""

    step = Decimal("0.01")
    cache_ok = True


class Price(Scaled):
    """A unit price, up to 6 decimals of the currency's major unit."""

    step = Decimal("0.000001")
    cache_ok = True


class Points(Scaled):
    """A score or points, up to 6 decimals."""

    step = Decimal("0.000001")
    cache_ok = True
