"""A contract before it is signed: as somebody describes it, by codes, and its lines once their plots are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol
from uuid import UUID

from service.contracts.rules import DayCount, Rounding, Unit
from service.core.dates import Span


class Places(Protocol):
    """Where what was sent says something, for whoever has to find it there."""

    def head(self, *path: str) -> str:
        """Name a field of the contract itself."""

    def line(self, number: int, field: str) -> str:
        """Name a field of a line; the first line has the number 0."""


@dataclass(frozen=True)
class Head:
    """What a contract says of itself. `parties`: part to organisation. `scheme`: its code and version."""

    code: str
    title_zh: str
    title_en: str
    contractor: str
    parties: Mapping[str, str]
    span: Span
    currency: str
    day_count: DayCount
    rounding: Rounding
    settled: str
    vat_percent: Decimal
    scheme: tuple[str, int]


@dataclass(frozen=True)
class LineSaid:
    """What is said of a line. Empty or None: it could not be read, and whoever read it has told so; no grade: empty."""

    plot: str
    quantity: Decimal | None
    unit: Unit | None
    basis: str
    unit_price: Decimal | None
    grade: str
    first: date | None
    until: date | None


@dataclass(frozen=True)
class OfRegister:
    """One line for each plot of the register, by the area that the register declares, at a price a m2 and year."""

    unit_price: Decimal


@dataclass(frozen=True)
class NewLine:
    """A plot that a contract covers on some days. `unit_price`: a unit and year, VAT included."""

    plot_id: UUID
    plot_code: str
    span: Span
    quantity: Decimal
    unit: Unit
    basis: str
    unit_price: Decimal
    grade: str | None

    @property
    def yearly(self) -> Fraction:
        """A year's price, exact."""
        return Fraction(self.quantity) * Fraction(self.unit_price)
