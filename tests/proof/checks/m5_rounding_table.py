"""M5: amounts that somebody computed by hand, each with the calculation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files

from service.contracts.rules import DayCount, Piece, Rounding, Terms, fee, pieces_of
from service.core import money
from service.core.dates import Span, half_open
from service.schemes.evaluator import evaluate
from service.schemes.language import Scheme, read_scheme
from service.settlement.rules import payable
from tests.proof.check import Check, Outcome, Trial

Result = int | list[int]
ACTUAL, OWN_YEAR, TWELFTHS = DayCount.ACTUAL_365, DayCount.CONTRACT_YEAR, DayCount.TWELFTHS
JN = files("data.schemes").joinpath("jn-2012.yaml").read_text("utf-8")


@dataclass(frozen=True)
class Row:
    """One case: how it is computed by hand, what comes out in fen, and how the product computes it."""

    hand: str
    expected: Result
    product: Callable[[], Result]


def run(trial: Trial) -> Outcome:
    """Compare every row; as a control, with halves rounded to even."""
    if trial.control:
        with halves_to_even():
            wrong = [row.hand for row in rows(JN.replace("rounding: half_up", "rounding: half_even")) if differs(row)]
    else:
        wrong = [row.hand for row in rows(JN) if differs(row)]
    counted = len(list(rows(JN)))
    enough = counted >= 60
    return Outcome(enough and not wrong, f"{counted} rows, {len(wrong)} differ" + "".join(f"; {w}" for w in wrong[:3]))


def differs(row: Row) -> bool:
    """Tell whether the product says something else than the hand."""
    return row.product() != row.expected


@contextmanager
def halves_to_even() -> Iterator[None]:
    """Break the product's one rounding function."""
    kept = money.half_up
    money.half_up = to_even
    try:
        yield
    finally:
        money.half_up = kept


def to_even(exact: Fraction) -> int:
    """Round half to even, as Python does."""
    return round(exact)


def rows(scheme: str) -> Iterator[Row]:
    """Yield the whole table."""
    yield from rounding_rows()
    yield from split_rows()
    yield from fee_rows()
    yield from line_rows()
    yield from scheme_rows(read_scheme(scheme))
    yield from balance_rows()


def rounding_rows() -> Iterator[Row]:
    """Yield amounts in the major unit, rounded to minor units: halves away from zero."""
    for exact, currency, expected, hand in (
        ("2.675", "CNY", 268, "267.5 fen is an exact half: up"),
        ("-2.675", "CNY", -268, "-267.5 fen is an exact half: away from zero"),
        ("2.665", "CNY", 267, "266.5 fen is an exact half: up, though 266 is even"),
        ("0.005", "CNY", 1, "0.5 fen: up"),
        ("-0.005", "CNY", -1, "-0.5 fen: away from zero"),
        ("0.004999", "CNY", 0, "0.4999 fen is less than a half"),
        ("-0.004999", "CNY", 0, "-0.4999 fen is nearer to 0"),
        ("0", "CNY", 0, "nothing is nothing"),
        ("1/3", "CNY", 33, "33.33... fen"),
        ("2/3", "CNY", 67, "66.66... fen"),
        ("-2/3", "CNY", -67, "-66.66... fen"),
        ("0.125", "USD", 13, "12.5 cents: up"),
        ("150.5", "JPY", 151, "yen have no smaller unit: 150.5 up"),
        ("-0.5", "JPY", -1, "-0.5 yen: away from zero"),
        ("0.49", "JPY", 0, "0.49 yen is less than a half"),
        ("999999999.995", "CNY", 100_000_000_000, "99,999,999,999.5 fen: up, and no float loses it"),
    ):
        yield Row(f"{exact} {currency}: {hand}", expected, _minor(exact, currency))


def split_rows() -> Iterator[Row]:
    """Yield totals split by largest remainder, ties to the earlier."""
    for total, weights, expected, hand in (
        (100, "1 1 1", [34, 33, 33], "33.33 each: 33 33 33, one left, the first has it"),
        (-100, "1 1 1", [-34, -33, -33], "the exact opposite"),
        (1, "1 1", [1, 0], "0.5 each: the first has the one"),
        (0, "3 4", [0, 0], "nothing to split"),
        (10, "1 2 3", [2, 3, 5], "1.67 3.33 5: 1 3 5, one left, to the remainder .67"),
        (7, "1/2 1/3 1/6", [4, 2, 1], "3.5 2.33 1.17: 3 2 1, one left, to .5"),
        (5, "0 1", [0, 5], "who weighs nothing gets nothing"),
        (101, "50 50", [51, 50], "50.5 each: the first has the odd one"),
        (99_999, "1 2", [33_333, 66_666], "33333 and 66666 exactly"),
        (3, "1 1 1 1 1", [1, 1, 1, 0, 0], "0.6 each: the first three"),
        (-7, "1 2", [-2, -5], "-2.33 and -4.67: -2 and -4, one left, to .67"),
    ):
        yield Row(f"{total} over {weights}: {hand}", expected, _split(total, weights))


def fee_rows() -> Iterator[Row]:
    """Yield periods of 1000.00 m2 at 3.65: 3650.00 a year; by actual/365 10.00 a day, by twelfths 304.1667 a month."""
    year, leap, both = (2013, 1, 1, 2013, 12, 31), (2012, 1, 1, 2012, 12, 31), (2013, 1, 1, 2014, 12, 31)
    of_29 = (2012, 2, 29, 2013, 2, 28)
    for count, contract, period, expected, hand in (
        (ACTUAL, year, (2013, 1, 1, 2013, 1, 1), 1000, "the first day: 1 x 10.00"),
        (ACTUAL, year, (2013, 12, 31, 2013, 12, 31), 1000, "the last day: 1 x 10.00"),
        (ACTUAL, year, (2013, 1, 1, 2013, 1, 31), 31000, "31 x 10.00"),
        (ACTUAL, year, (2013, 2, 1, 2013, 2, 28), 28000, "28 x 10.00"),
        (ACTUAL, year, (2013, 1, 1, 2013, 3, 31), 90000, "a quarter: 90 x 10.00"),
        (ACTUAL, year, year, 365000, "365 x 10.00"),
        (ACTUAL, leap, (2012, 2, 1, 2012, 2, 29), 29000, "29 x 10.00"),
        (ACTUAL, leap, leap, 366000, "366 x 10.00: actual days over 365"),
        (ACTUAL, (2013, 5, 5, 2013, 5, 5), (2013, 5, 5, 2013, 5, 5), 1000, "a contract of one day"),
        (OWN_YEAR, leap, leap, 365000, "366 of 366 days"),
        (OWN_YEAR, leap, (2012, 2, 29, 2012, 2, 29), 997, "60/366 598.3607 -> 598.36 less 59/366 588.3880 -> 588.39"),
        (OWN_YEAR, leap, (2012, 1, 1, 2012, 1, 1), 997, "3650/366 = 9.9727 -> 9.97"),
        (OWN_YEAR, of_29, (2012, 2, 29, 2012, 2, 29), 997, "begun 29 February the year has 366 days: 9.9727 -> 9.97"),
        (OWN_YEAR, of_29, (2013, 2, 28, 2013, 2, 28), 997, "3650.00 less 365/366 3640.0273 -> 3640.03"),
        (OWN_YEAR, of_29, of_29, 365000, "366 of 366 days"),
        (OWN_YEAR, both, (2014, 1, 1, 2014, 12, 31), 365000, "7300.00 less 3650.00"),
        (TWELFTHS, year, (2013, 1, 1, 2013, 1, 31), 30417, "304.1667 -> 304.17"),
        (TWELFTHS, year, (2013, 2, 1, 2013, 2, 28), 30416, "608.3333 -> 608.33 less 304.17"),
        (TWELFTHS, year, (2013, 3, 1, 2013, 3, 31), 30417, "912.50 less 608.33"),
        (TWELFTHS, year, (2013, 12, 1, 2013, 12, 31), 30417, "3650.00 less 3345.8333 -> 3345.83"),
        (TWELFTHS, leap, (2012, 2, 1, 2012, 2, 29), 30416, "a leap February is a twelfth too: 608.33 less 304.17"),
        (TWELFTHS, (2013, 1, 15, 2014, 1, 14), (2013, 1, 15, 2013, 1, 31), 16680, "17/31 x 304.1667 = 166.8011"),
        (TWELFTHS, (2013, 1, 15, 2014, 1, 14), (2014, 1, 1, 2014, 1, 14), 13737, "3650.00 less 3512.6344 -> 3512.63"),
        (TWELFTHS, year, (2013, 1, 1, 2013, 1, 1), 981, "1/31 x 304.1667 = 9.8118"),
    ):
        yield Row(f"{count} {contract} {period}: {hand}", expected, _fee(count, contract, period))


def line_rows() -> Iterator[Row]:
    """Yield what rounding per line and per contract, changes within a period and plots taken out make of lines."""
    year, january = half_open(date(2013, 1, 1), date(2013, 12, 31)), half_open(date(2013, 1, 1), date(2013, 1, 31))
    later = half_open(date(2013, 1, 16), date(2013, 12, 31))
    whole, each = Rounding.PER_CONTRACT, Rounding.PER_LINE
    eighths, hundreds = [(1, "0.125"), (2, "0.125")], [(1, "100"), (2, "100"), (3, "100")]
    yield Row("two of 0.125 a year, per line: 0.13 + 0.13", [13, 13], _lines(each, ACTUAL, eighths, year))
    yield Row("two of 0.125 a year, per contract: 0.25 -> 13 12", [13, 12], _lines(whole, ACTUAL, eighths, year))
    yield Row("three of 8.3333, per line", [833, 833, 833], _lines(each, TWELFTHS, hundreds, january))
    yield Row("three of 8.3333, 25.00 together", [834, 833, 833], _lines(whole, TWELFTHS, hundreds, january))
    yield Row("at no price", [0], _lines(whole, ACTUAL, [(1, "0")], year))
    more = [(year, "1000"), (later, "2000")]
    yield Row("1000 m2, 2000 from the 16th: 15 x 10.00 + 16 x 20.00", [47000], _changed(more, january))
    yield Row("taken out on the 16th: 15 x 10.00", [15000], _changed([(year, "1000"), (later, "0")], january))
    yield Row("corrected backwards: 31 x 20.00", [62000], _changed([*more, (year, "2000")], january))


def scheme_rows(scheme: Scheme) -> Iterator[Row]:
    """Yield deductions after the founding case's scheme: points lost, the month's fee, what is deducted.

    From 90 nothing; from 80, 500.00 for each point below 100; below 80, 1 % of the fee for each point below 90; at
    most 20 % of the fee.
    """
    for lost, month_fee, expected, hand in (
        ("0", "100000", 0, "100 points"),
        ("10", "100000", 0, "exactly 90 is 90"),
        ("10.01", "100000", 500500, "89.99 points: 10.01 x 500.00"),
        ("20", "100000", 1000000, "exactly 80 is still 80: 20 x 500.00"),
        ("20.01", "100000", 1001000, "79.99: 10.01 % of 100000.00"),
        ("20.5", "1.00", 11, "79.5: 10.5 % of 1.00 = 10.5 fen: an exact half, up"),
        ("20.5", "3.00", 32, "79.5: 10.5 % of 3.00 = 31.5 fen: up"),
        ("20.5", "0.04", 0, "10.5 % of 4 fen = 0.42 fen"),
        ("40", "100000", 2000000, "60: 30 % is more than the cap of 20 %"),
        ("30", "100000", 2000000, "70: 20 % is the cap itself"),
        ("40", "333333.33", 6666667, "20 % of 333333.33 = 66666.666"),
        ("15", "10000", 200000, "85: 7500.00 is more than 20 % of 10000.00"),
        ("40", "0.07", 1, "20 % of 7 fen = 1.4 fen"),
        ("40", "0.08", 2, "20 % of 8 fen = 1.6 fen"),
        ("40", "0.02", 0, "20 % of 2 fen = 0.4 fen"),
        ("150", "100000", 2000000, "no score below 0: 90 % is more than the cap"),
        ("15", "0", 0, "20 % of nothing"),
    ):
        yield Row(f"{lost} points, fee {month_fee}: {hand}", -expected, _deducted(scheme, lost, month_fee))


def balance_rows() -> Iterator[Row]:
    """Yield what is paid and what is carried of a statement's lines."""
    for amounts, below_zero, expected, hand in (
        ([100, -40], "carry", [60, 0], "100 - 40"),
        ([100, -100], "carry", [0, 0], "exactly nothing is carried"),
        ([100, -250], "carry", [0, -150], "150 less than nothing waits"),
        ([100, -250], "collect", [-150, 0], "150 is collected"),
        ([100, -250], "waive", [0, 0], "150 is waived"),
        ([100, -150, -1], "carry", [0, -51], "with what waited: 100 - 150 - 1"),
    ):
        yield Row(f"{amounts} {below_zero}: {hand}", expected, _payable(amounts, below_zero))


def _minor(exact: str, currency: str) -> Callable[[], Result]:
    return lambda: money.minor(Fraction(exact), currency)


def _split(total: int, weights: str) -> Callable[[], Result]:
    return lambda: money.split(total, [Fraction(weight) for weight in weights.split()])


def _span(days: tuple[int, int, int, int, int, int]) -> Span:
    return half_open(date(*days[:3]), date(*days[3:]))


def _fee(
    count: DayCount, contract: tuple[int, int, int, int, int, int], period: tuple[int, int, int, int, int, int]
) -> Callable[[], Result]:
    terms = Terms(_span(contract), "CNY", count, Rounding.PER_CONTRACT)
    piece = Piece(1, "P", terms.span, Decimal("1000.00"), "m2", Decimal("3.65"))
    return lambda: fee(terms, [piece], _span(period)).amount_minor


def _lines(rounding: Rounding, count: DayCount, prices: list[tuple[int, str]], period: Span) -> Callable[[], Result]:
    year = half_open(date(2013, 1, 1), date(2013, 12, 31))
    pieces = [Piece(number, f"P{number}", year, Decimal("1.00"), "m2", Decimal(price)) for number, price in prices]
    return lambda: [line.amount_minor for line in fee(Terms(year, "CNY", count, rounding), pieces, period).lines]


def _changed(versions: list[tuple[Span, str]], period: Span) -> Callable[[], Result]:
    year = versions[0][0]
    laid = pieces_of([(1, "P", span, Decimal(quantity), "m2", Decimal("3.65")) for span, quantity in versions], year)
    terms = Terms(year, "CNY", ACTUAL, Rounding.PER_LINE)
    return lambda: [line.amount_minor for line in fee(terms, laid, period).lines]


def _deducted(scheme: Scheme, lost: str, month_fee: str) -> Callable[[], Result]:
    """A severe finding costs at most 3 points: as many as are needed, the last with the rest."""
    whole, rest = divmod(Decimal(lost), 3)
    points = ["3"] * int(whole) + ([str(rest)] if rest else [])
    facts: dict[str, list[dict[str, object]]] = {
        "contracts": [{"contract": "C"}],
        "lines": [{"line": "L", "contract": "C", "amount": month_fee, **MAY}],
        "findings": [
            {"finding": f"F{n}", "contract": "C", "severity": "severe", "quantity": "1", "points": p, "found_on": DAY}
            for n, p in enumerate(points)
        ],
    }
    span = half_open(date(2013, 5, 1), date(2013, 5, 31))
    return lambda: evaluate(scheme, facts, span).money("C", "2013-05")[1].amount_minor


def _payable(amounts: list[int], below_zero: str) -> Callable[[], Result]:
    return lambda: list(payable(amounts, below_zero))


DAY, MAY = date(2013, 5, 9), {"valid_from": "2013-05-01", "valid_to": "2013-06-01"}
CHECK = Check(
    name="M5",
    claim="Amounts are what somebody computes by hand: halves, negatives, caps, floors, first and last days",
    target="0 of at least 60 rows differ",
    control="halves rounded to even",
    run=run,
)
