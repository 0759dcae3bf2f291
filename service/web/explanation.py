"""The explanation of an amount, made ready to be read: from the stored tree to words, figures and links. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from service.core.i18n import N_
from service.web import words

MODES = {"half_up": N_("half up"), "half_even": N_("half to even"), "up": N_("up"), "down": N_("down")}
LIMITS = {"at_least": N_("at least"), "at_most": N_("at most")}
KEYS = {
    "contract": N_("contract"),
    "month": N_("month"),
    "quarter": N_("quarter"),
    "year": N_("year"),
    "finding": N_("Finding"),
    "plot": N_("plot"),
    "day": N_("day"),
}
NAME = re.compile(r"[a-z_][a-z0-9_]*")
PARTS = re.compile(r"(\D*)(\d*)")
LINKS = {"findings": "/findings/", "plots": "/plots/", "contracts": "/contracts/"}


@dataclass(frozen=True)
class Fact:
    """A record that a step read: its word, and where it is shown; nowhere when the address is empty."""

    word: str
    href: str


@dataclass(frozen=True)
class FeeLine:
    """A plot's part of a fee on days on which nothing changed."""

    plot: str
    days: str
    quantity: str
    unit: str
    price: str
    part: str
    amount: str


@dataclass(frozen=True)
class Step:
    """One step of a calculation, with the steps that it rests on."""

    title: str
    clause: str
    key: Sequence[tuple[str, str]]
    result: str
    gives: str
    formula: str
    numbers: str
    exact: str
    is_rounded: bool
    digits: str
    mode: str
    limits: Sequence[tuple[str, str, str, bool]]
    facts: Sequence[Fact]
    excused: Sequence[str]
    table_rows: Sequence[str]
    replaced_by: Sequence[str]
    of: str
    fee: Sequence[FeeLine]
    due: tuple[str, str]
    is_again: bool
    children: Sequence["Step"]


def steps_of(node: Mapping[str, Any], lang: str) -> Step:
    """Read a node of a stored explanation and all below it. What a node leaves out stays empty.

    >>> steps_of({"rule": "carried", "result": "-12.50"}, "en").result
    '−12.50'
    """
    title = node.get("title") or {}
    rounding = node.get("rounding") or {}
    fee = node.get("fee") or {}
    # what a limit set was not rounded: `exact` is the figure before the limit
    is_limited = any(limit["applied"] for limit in node.get("limits", ()))
    # the fee lists the contract's lines itself, with their days and prices
    read = {table: facts for table, facts in (node.get("facts") or {}).items() if table != "lines" or not fee}
    return Step(
        title=str(title.get(lang) or node.get("rule", "")),
        clause=str(node.get("clause") or ""),
        key=[(str(part["name"]), str(part["value"])) for part in node.get("key", ())],
        result=figure(node.get("result")),
        gives=str(node.get("gives") or "money"),
        formula=in_words(str(node.get("formula") or ""), node.get("children", ()), lang),
        numbers=str(node.get("numbers") or ""),
        exact=str(node.get("exact") or ""),
        is_rounded=bool(rounding) and not is_same(node.get("exact"), node.get("result")),
        digits="" if is_limited else str(rounding.get("digits", "")),
        mode=str(rounding.get("mode", "")),
        limits=[
            (str(limit["limit"]), str(limit["numbers"]), figure(limit["bound"]), bool(limit["applied"]))
            for limit in node.get("limits", ())
        ],
        facts=[*facts_of(read), *facts_of(node.get("changed") or {})],
        excused=[f"{row['row']}: {row['reason']}" for row in node.get("excused", ())],
        table_rows=[f"{row['table']}: {' → '.join(row['cells'])}" for row in node.get("table_rows", ())],
        replaced_by=[str(name) for name in node.get("replaced_by", ())],
        of=str(node.get("of") or ""),
        fee=[_fee_line(line, piece) for line in fee.get("lines", ()) for piece in line["pieces"]],
        due=(figure(fee.get("due_start")), figure(fee.get("due_end"))),
        is_again=bool(node.get("again")),
        children=[steps_of(child, lang) for child in node.get("children", ())],
    )


def in_words(formula: str, children: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Write a formula with the titles of the rules that it rests on, in place of their names.

    >>> in_words("sum(lost) * 2", [{"rule": "lost", "title": {"en": "points lost", "zh": "失分"}}], "zh")
    'sum(失分) × 2'
    """
    titles = {child["rule"]: (child.get("title") or {}).get(lang) or child["rule"] for child in children}
    named = NAME.sub(lambda found: titles.get(found[0], found[0]), formula)
    return named.replace(" * ", " × ").replace(" / ", " ÷ ").replace(" - ", " − ")


def part_of_year(part: str, first: str, until: str) -> str:
    """Write a part of a year over the days of the year, as its days are counted, where that is a whole number.

    >>> part_of_year("6/73", "2013-04-01", "2013-04-30"), part_of_year("1/12", "2013-04-01", "2013-04-30")
    ('30/365', '1/12')
    """
    days = (date.fromisoformat(until) - date.fromisoformat(first)).days + 1
    year = days / Fraction(part)
    return f"{days}/{year}" if year in (365, 366) else part


def is_same(exact: object, result: object) -> bool:
    """Tell whether rounding changed nothing; texts that are no numbers are compared as they stand.

    >>> is_same("7725", "7725.00"), is_same("31/7", "4.43")
    (True, False)
    """
    try:
        return Fraction(str(exact)) == Fraction(str(result))
    except (ValueError, ZeroDivisionError):
        return exact == result


def figure(value: object) -> str:
    """Return a number of an explanation with thousands and a true minus sign; other texts stand as they are.

    >>> figure("-5400.00"), figure("31/365"), figure(None)
    ('−5,400.00', '31/365', '')
    """
    text = "" if value is None else str(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return words.number(number) if number.is_finite() else text


def facts_of(facts: Mapping[str, Sequence[str]]) -> Sequence[Fact]:
    """Return the records that a node names, those with a page of their own as links."""
    return [
        Fact(str(label), f"{LINKS[table]}{quote(str(label))}" if table in LINKS else "")
        for table, labels in facts.items()
        for label in sorted(labels, key=_as_counted)
    ]


def _as_counted(label: str) -> list[tuple[int, str]]:
    """Sort C2-9 before C2-10."""
    return [(int(digits or 0), words) for words, digits in PARTS.findall(label)]


def _fee_line(line: Mapping[str, Any], piece: Mapping[str, Any]) -> FeeLine:
    return FeeLine(
        plot=str(line["plot"]),
        days=f"{piece['from']} – {piece['until']}",
        quantity=figure(piece["quantity"]),
        unit=str(piece["unit"]),
        price=figure(piece["price"]),
        part=part_of_year(str(piece["part_of_year"]), str(piece["from"]), str(piece["until"])),
        amount=figure(line["amount"]) if len(line["pieces"]) == 1 or piece is line["pieces"][-1] else "",
    )
