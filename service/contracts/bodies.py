"""A contract as it is described to us: as a body over HTTP, and, but for its lines, as a file."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from service.contracts.described import Head, LineSaid, OfRegister
from service.contracts.rules import DayCount, Rounding, Unit
from service.core.dates import Span, half_open
from service.core.http import Body, Code, Counted, Day, NamesIn, Share, UnitPrice, Whole

MOST_LINES = 5000  # of a body; more come in a file


class SchemeNamed(Body):
    """The scheme version that the contract names."""

    code: Code
    version: Whole


class LinesOfRegister(Body):
    """One line for each plot of the register, by the area that the register declares."""

    plots: Literal["all"]
    quantity: Literal["declared_area"]
    unit_price: UnitPrice

    @property
    def said(self) -> OfRegister:
        """What signing takes."""
        return OfRegister(self.unit_price)


class ContractTerms(Body):
    """A contract without its code and lines. `from` and `until` are both included; prices include VAT.

    `parties`: the part of each further party, and an organisation's code.
    """

    title: NamesIn
    contractor: Code
    parties: Annotated[dict[Code, Code], Field(max_length=100)] = Field(default_factory=dict)
    from_: Day = Field(alias="from")
    until: Day
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    day_count: DayCount
    rounding: Rounding
    settled: Literal["month", "quarter"]
    vat_percent: Share
    scheme: SchemeNamed

    def head(self, code: str) -> Head:
        """What signing takes, under a code."""
        same = ("contractor", "parties", "currency", "day_count", "rounding", "settled", "vat_percent")
        return Head(
            code=code,
            title_zh=self.title.zh,
            title_en=self.title.en,
            span=half_open(self.from_, self.until),
            scheme=(self.scheme.code, self.scheme.version),
            **{name: getattr(self, name) for name in same},
        )


class LineIn(Body):
    """A plot in a contract, at a price a unit and year; its days are the contract's where they are left out."""

    plot: Code
    quantity: Counted
    unit: Unit
    basis: Literal["projected", "developed"] = "projected"
    unit_price: UnitPrice
    grade: Code | None = None
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None

    def said(self, contract: Span) -> LineSaid:
        """What signing takes, in a contract of these days."""
        first, until = self.from_ or contract.valid_from, self.until or contract.until
        return LineSaid(
            self.plot, self.quantity, self.unit, self.basis, self.unit_price, self.grade or "", first, until
        )


def _sort_of_lines(value: object) -> str:
    return "each" if isinstance(value, list) else "register"


class ContractIn(ContractTerms):
    """A contract to sign. `lines`: each, or at one price for every plot of the register."""

    lines: Annotated[
        Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES), Tag("each")]
        | Annotated[LinesOfRegister, Tag("register")],
        Discriminator(_sort_of_lines),
    ]

    def said(self, contract: Span) -> list[LineSaid] | OfRegister:
        """What signing takes, in a contract of these days."""
        if isinstance(self.lines, LinesOfRegister):
            return self.lines.said
        return [line.said(contract) for line in self.lines]
