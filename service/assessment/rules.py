"""From the facts of a period to amounts, each with its explanation. Pure: the same facts give the same bytes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from service.contracts.rules import Fee, LineFee
from service.core.dates import Span
from service.core.money import major, split
from service.schemes.evaluator import MoneyResult, evaluate
from service.schemes.language import Scheme
from service.schemes.periods import parse_period

WAIVED = "waived"
Facts = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Amount:
    """One amount: the root of its explanation, signed as on the statement, in minor units."""

    rule: str
    key: str  # what the rule has one result per
    clause: str
    title_zh: str
    title_en: str
    earned: bool
    amount_minor: int
    node: Mapping[str, Any]
    findings: tuple[str, ...]  # the codes of the findings that the explanation read


@dataclass(frozen=True)
class Assessment:
    """What a scheme makes of a period: amounts in the file's order, the score, the frozen facts."""

    span: Span
    amounts: tuple[Amount, ...]
    score: Decimal | None
    points: Mapping[str, Decimal]  # that each finding cost, by its code
    inputs: str
    sha256: str


def assess(scheme: Scheme, facts: Facts, contract: str, period: str, span: Span, fee: Fee) -> Assessment:
    """Apply a scheme to the facts of one period of one contract. The fee explains the amounts of the lines.

    `span`: the days that are settled, all of the period or, at the ends of a contract, part of it.
    """
    run = evaluate(scheme, facts, _whole(period))
    amounts = tuple(_amount(result, fee, scheme.currency) for result in run.money(contract, period))
    if scheme.payment and scheme.payment.below_zero == "waive":
        amounts += _waived(sum(amount.amount_minor for amount in amounts), scheme.currency)
    score = run.score(contract, period)
    inputs = frozen(facts)
    return Assessment(
        span,
        amounts,
        _decimal(score.value) if score else None,
        points_by_finding(score.node) if score else {},
        inputs,
        sha256(inputs.encode()).hexdigest(),
    )


def replay(scheme: Scheme, inputs: str, contract: str, period: str) -> list[MoneyResult]:
    """Work a scheme over frozen facts once more: amounts and explanations come out as they did at the time."""
    return evaluate(scheme, json.loads(inputs), _whole(period)).money(contract, period)


def _whole(period: str) -> Span:
    """A scheme counts in whole periods, also where a contract begins or ends inside one."""
    named = parse_period(period)
    assert named, "periods are named by us"
    return named.span


def _amount(result: MoneyResult, fee: Fee, currency: str) -> Amount:
    node = result.node | {"fee": fee_node(fee, currency)} if result.sign > 0 else result.node
    return Amount(
        rule=result.rule.name,
        key=" ".join(result.key),
        clause=result.clause,
        title_zh=result.title["zh"],
        title_en=result.title["en"],
        earned=result.sign > 0,
        amount_minor=result.amount_minor,
        node=node,
        findings=tuple(sorted(_findings(node))),
    )


def frozen(facts: Facts) -> str:
    """Return the facts as canonical JSON: sorted keys, numbers and dates as text."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def _waived(total: int, currency: str) -> tuple[Amount, ...]:
    """What a period is below zero is waived by a line of its own, so that corrections reckon with it."""
    if total >= 0:
        return ()
    zh, en = "免收的负数余额", "Waived below zero"
    shown = str(major(-total, currency))
    node = {"rule": WAIVED, "title": {"zh": zh, "en": en}, "formula": "0 - total", "numbers": f"0 - -{shown}"}
    whole = node | {"result": shown, "children": []}
    return (Amount(WAIVED, "", "", zh, en, True, -total, whole, ()),)


def fee_node(fee: Fee, currency: str) -> dict[str, Any]:
    """Explain a period's fee by the contract's day count and rounding, line by line."""
    return {
        "from": str(fee.span.valid_from),
        "until": str(fee.span.until),
        "due_start": str(major(fee.due_start_minor, currency)),
        "due_end": str(major(fee.due_end_minor, currency)),
        "amount": str(major(fee.amount_minor, currency)),
        "lines": [_fee_line(line, currency) for line in fee.lines if line.pieces or line.amount_minor],
    }


def _fee_line(line: LineFee, currency: str) -> dict[str, Any]:
    return {
        "line": line.line,
        "plot": line.plot,
        "exact": str(line.exact),
        "amount": str(major(line.amount_minor, currency)),
        "pieces": [
            {
                "from": str(days.valid_from),
                "until": str(days.until),
                "quantity": str(piece.quantity),
                "unit": piece.unit,
                "price": f"{piece.price.normalize():f}",
                "part_of_year": str(part),
            }
            for piece, days, part in line.pieces
        ],
    }


def attribute(amount_minor: int, points: Sequence[Fraction]) -> list[int]:
    """Say which plot a contract's deduction is due to: by the points lost there. Shown on maps, never booked.

    >>> attribute(-100, [Fraction(1), Fraction(3)]), attribute(-100, [])
    ([-25, -75], [])
    """
    return split(amount_minor, points) if sum(points, Fraction(0)) else [0] * len(points)


def counts_findings(scheme: Scheme) -> bool:
    """Tell whether a scheme takes points off for findings; one that scores by visits says nothing of an unseen plot."""
    return any(rule.source == "findings" and rule.gives == "points" for rule in scheme.rules)


def points_by_finding(node: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the points that each finding cost: the results in points that stand for one finding."""
    points: dict[str, Decimal] = {}
    for each in _nodes(node):
        named = [part["value"] for part in each.get("key", ()) if part["name"] == "finding"]
        if named and each.get("gives") == "points" and "line" in each:
            points[named[0]] = points.get(named[0], Decimal(0)) + Decimal(each["result"])
    return points


def _findings(node: Mapping[str, Any]) -> set[str]:
    """Collect the codes of the findings that a node and those below it read."""
    return {code for each in _nodes(node) for code in each.get("facts", {}).get("findings", ())}


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("children", ()):
        yield from _nodes(child)


def _decimal(score: Fraction | None) -> Decimal | None:
    return (
        None if score is None else (Decimal(score.numerator) / Decimal(score.denominator)).quantize(Decimal("0.000001"))
    )
