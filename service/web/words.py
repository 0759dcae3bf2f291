"""Figures and days as people read them, in Chinese or English. Pure; money and quantities are Decimal or int."""

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from service.core.dates import Span
from service.core.money import major, round_places

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EM DASH}"
WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
UNITS = {
    "m2": ("m²", "m²"),
    "m": ("m", "m"),
    "ha": ("公顷", "ha"),
    "piece": ("个", "pieces"),
    "lump_sum": ("项", "lump sum"),
    "tree": ("株", "trees"),
    "place": ("处", "places"),
    "person": ("人次", "persons"),
    "time": ("次", "times"),
    "kg": ("kg", "kg"),
    "t": ("t", "t"),
    "m3": ("m³", "m³"),
    "l": ("L", "L"),
    "day": ("天", "days"),
}
ONE_UNIT = {"m2": "m²", "m": "m", "piece": "piece", "lump_sum": "lump sum", "tree": "tree", "place": "place"}
ONE_UNIT |= {"person": "person", "time": "time", "day": "day"}


def number(value: Decimal | int, places: int | None = None) -> str:
    """Return a number with thousands and a true minus sign; `places`: exactly so many, else as it stands.

    >>> number(Decimal("-2217.53")), number(1234567), number(Decimal("12.30"), 1), number(Decimal("2.00"), 0)
    ('−2,217.53', '1,234,567', '12.3', '2')
    """
    shown = f"{abs(Decimal(value)):,f}" if places is None else f"{abs(Decimal(value)):,.{places}f}"
    return f"{MINUS}{shown}" if value < 0 and shown.strip("0.,") else shown


def plain(value: Decimal) -> str:
    """Return a number without the zeros behind its last figure.

    >>> plain(Decimal("18.40")), plain(Decimal("3.00")), plain(Decimal("1200"))
    ('18.4', '3', '1,200')
    """
    shown = number(value)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def amount(amount_minor: int, currency: str) -> str:
    """Return an amount for a column that names its currency in the head.

    >>> amount(-221753, "CNY")
    '−2,217.53'
    """
    return number(major(amount_minor, currency))


def currency_name(currency: str, language: str) -> str:
    """Return the currency as a column's head names it.

    >>> currency_name("CNY", "zh"), currency_name("CNY", "en")
    ('元', 'CNY')
    """
    return "元" if (currency, language) == ("CNY", "zh") else currency


def in_currency(currency: str, language: str) -> str:
    """Return the currency in brackets, for the end of a column's head.

    >>> in_currency("CNY", "zh"), in_currency("CNY", "en")
    ('（元）', ' (CNY)')
    """
    name = currency_name(currency, language)
    return f"（{name}）" if language == "zh" else f" ({name})"


def signed(amount_minor: int, currency: str) -> str:
    """Return an amount that says which way it goes, also upward.

    >>> signed(130000, "CNY"), signed(-130000, "CNY")
    ('+1,300.00', '−1,300.00')
    """
    return f"+{amount(amount_minor, currency)}" if amount_minor > 0 else amount(amount_minor, currency)


def money(amount_minor: int, currency: str, language: str) -> str:
    """Return an exact amount with its currency.

    >>> money(47033980, "CNY", "zh"), money(-5, "CNY", "en"), money(150, "JPY", "zh")
    ('470,339.80元', 'CNY −0.05', 'JPY 150')
    """
    shown = amount(amount_minor, currency)
    return f"{shown}元" if (currency, language) == ("CNY", "zh") else f"{currency} {shown}"


def unit(code: str, language: str) -> str:
    """Return a unit of quantity; one that we do not know stands as it is.

    >>> unit("tree", "zh"), unit("m2", "en"), unit("bag", "en")
    ('株', 'm²', 'bag')
    """
    zh, en = UNITS.get(code, (code, code))
    return zh if language == "zh" else en


def one(code: str, language: str) -> str:
    """Return a unit as it stands behind "per".

    >>> one("tree", "en"), one("tree", "zh")
    ('tree', '株')
    """
    return ONE_UNIT.get(code, code) if language == "en" else unit(code, language)


def quantity(value: Decimal, code: str, language: str) -> str:
    """Return a quantity with its unit.

    >>> quantity(Decimal("3.00"), "tree", "zh"), quantity(Decimal("1.00"), "tree", "en")
    ('3株', '1 tree')
    """
    word = one(code, language) if value == 1 else unit(code, language)
    gap = "" if language == "zh" and not word.isascii() and word[0] not in "m" else " "
    return f"{plain(value)}{gap}{word}"


def area(value: Decimal | float | None) -> str:
    """Return square metres with two places; a dash where there is none. Measured areas alone may be floats.

    >>> area(Decimal("41300")), area(None)
    ('41,300.00 m²', '—')
    """
    return DASH if value is None else f"{number(Decimal(str(value)), 2)} m²"


def square_metres(value: float) -> str:
    """Return a measured area for a column that names its unit in the head.

    >>> square_metres(41287.6183)
    '41,287.62'
    """
    return number(Decimal(str(value)), 2)


def score(value: Decimal) -> str:
    """Return a score with two places, so that columns of them stand in line.

    >>> score(Decimal("89.456000")), score(Decimal("100.000000"))
    ('89.46', '100.00')
    """
    return number(round_places(value, 2), 2)


def unit_price(price: Decimal, unit_code: str, currency: str, language: str) -> str:
    """Return a price for one unit and year.

    >>> unit_price(Decimal("3.550000"), "m2", "CNY", "zh"), unit_price(Decimal("3.55"), "m2", "CNY", "en")
    ('3.55元/m²·年', 'CNY 3.55 per m² and year')
    """
    shown = number(price.normalize()) if -price.normalize().as_tuple().exponent > 2 else number(price, 2)  # type: ignore[operator]
    if language == "zh":
        return f"{shown}{currency_name(currency, 'zh')}/{unit(unit_code, 'zh')}·年"
    return f"{currency} {shown} per {one(unit_code, language)} and year"


def day(value: date) -> str:
    """Return a date as tables show it.

    >>> day(date(2013, 9, 3))
    '2013-09-03'
    """
    return value.isoformat()


def long_day(value: date, language: str) -> str:
    """Return a date in full.

    >>> long_day(date(2013, 9, 3), "zh"), long_day(date(2013, 9, 3), "en")
    ('2013年9月3日 星期二', 'Tuesday 3 September 2013')
    """
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日 星期{WEEKDAYS_ZH[value.weekday()]}"
    return f"{WEEKDAYS_EN[value.weekday()]} {value.day} {MONTHS_EN[value.month - 1]} {value.year}"


def short_day(value: date, language: str) -> str:
    """Return a date of this year.

    >>> short_day(date(2013, 9, 3), "zh"), short_day(date(2013, 9, 3), "en")
    ('9月3日', '3 Sep')
    """
    return f"{value.month}月{value.day}日" if language == "zh" else f"{value.day} {MONTHS_EN[value.month - 1][:3]}"


def month(first: date, level: str, language: str) -> str:
    """Return the name of a calendar month or quarter.

    >>> month(date(2013, 8, 1), "month", "zh"), month(date(2013, 7, 1), "quarter", "en")
    ('2013年8月', 'Q3 2013')
    """
    if level == "quarter":
        quarter = (first.month - 1) // 3 + 1
        return f"{first.year}年第{quarter}季度" if language == "zh" else f"Q{quarter} {first.year}"
    return f"{first.year}年{first.month}月" if language == "zh" else f"{MONTHS_EN[first.month - 1]} {first.year}"


def instant(at: datetime, zone: tzinfo) -> str:
    """Return an instant in the authority's zone, to the minute."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def days(span: Span) -> str:
    """Return the first and the last day of a span, both included; an open one ends with a dash.

    >>> days(Span(date(2013, 1, 1), date(2014, 1, 1))), days(Span(date(2013, 1, 1), None))
    ('2013-01-01 – 2013-12-31', '2013-01-01 –')
    """
    return f"{span.valid_from} – {span.until or ''}".rstrip()


def percent(part: Decimal) -> str:
    """Return a share of 1 in percent with two places.

    >>> percent(Decimal("-0.0003"))
    '−0.03%'
    """
    return f"{number(part * 100, 2)}%"


class Difference(NamedTuple):
    """What was measured against what is contracted: in m2 and as a share of the contracted area."""

    area_m2: Decimal
    share: Decimal
    is_within: bool


TOLERANCE = Decimal("0.01")


def difference(contracted: Decimal, measured: Decimal, tolerance: Decimal = TOLERANCE) -> Difference | None:
    """Compare a measured with a contracted area (m2); None when nothing is contracted.

    >>> difference(Decimal("41300"), Decimal("41287.62"))
    Difference(area_m2=Decimal('-12.38'), share=Decimal('-0.0003'), is_within=True)
    """
    if not contracted:
        return None
    apart = measured - contracted
    share = apart / contracted
    return Difference(apart, share.quantize(Decimal("0.0001")), abs(share) <= tolerance)
