"""A small scheme that is clean, and ways to spoil it."""

from service.schemes.checker import check_scheme
from service.schemes.issues import SchemeIssue, SchemeRefused
from service.schemes.language import read_scheme

CLEAN = """\
scheme: sample
version: 1
from: 2013-01-01
title: {zh: 样例, en: Sample}
currency: CNY 2
rounding: half_up
score: month_score
tables:
  tariff: {by: type, gives: each points, rows: [[litter, 0.5], [pest, 2]]}
  per_point:
    by: score
    gives: rate money
    rows:
      - [">= 90", 0 CNY]
      - ["< 90", 100 CNY]
pots: {earned: money +, deducted: money -}
steps:
  - scores:
      - rule: lost
        from: findings
        where: {type: [litter, pest]}
        per: [finding, contract, month]
        value: tariff(type) * ceil(quantity)
        gives: points
        round: "2"
      - rule: month_score
        from: lost
        per: [contract, month]
        value: 100 - sum(lost)
        at_least: "0"
        gives: points
        round: "2"
  - money:
      - rule: fee
        clause: "6"
        title: {zh: 合同款, en: Fee}
        from: lines
        per: [contract, month]
        value: sum(amount)
        gives: money
        into: earned
      - rule: deduction
        clause: "7"
        title: {zh: 扣款, en: Deduction}
        per: [contract, month]
        value: per_point(month_score) * part(90 - month_score)
        at_most: 20% * fee
        gives: money
        into: deducted
payment: {per: [contract, month], below_zero: carry}
examples:
  - example: nothing found
    period: 2013-05
    facts: {lines: [{amount: 1000, valid_from: 2013-05-01, valid_to: 2013-06-01}]}
    expect: {month_score: 100, payment: 1000}
"""


def changed(*changes: tuple[str, str], text: str = CLEAN) -> str:
    """Return the text with parts replaced; each must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def issues_of(text: str) -> list[SchemeIssue]:
    """Return everything that reading and checking say about a file."""
    try:
        return check_scheme(read_scheme(text))
    except SchemeRefused as refused:
        return list(refused.issues)


def codes_of(text: str) -> set[str]:
    """Return the codes of all errors and warnings."""
    return {issue.code for issue in issues_of(text)}
