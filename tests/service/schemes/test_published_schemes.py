"""Schemes of published texts, as far as the language goes today: their own worked numbers come out to the fen."""

import pytest

from service.schemes.checker import check_scheme
from service.schemes.examples import run_examples
from service.schemes.language import read_scheme

HEAD = """\
scheme: published
version: 1
from: 2012-01-01
title: {zh: 公开办法, en: Published scheme}
currency: CNY 2
rounding: half_up
"""

CHANNELS = """
tables:
  full_marks: {by: channel, gives: most points, rows: [[key_points, 20], [patrol, 20], [random, 20], [scheduled, 40]]}
  per_point:
    by: score
    gives: share percent
    rows: [[">= 80", 0%], [">= 75, < 80", 1%]]
pots: {earned: money +, deducted: money -}
steps:
  - scores:
      - rule: channel_score
        from: scores
        per: [contract, channel, month]
        value: sum(score)
        at_most: full_marks(channel)
        gives: points
        round: "2"
      - rule: month_score
        from: channel_score
        per: [contract, month]
        value: sum(channel_score)
        gives: points
        round: "2"
      - rule: quarter_score
        from: month_score
        where: month_score > 0
        per: [contract, quarter]
        value: mean(month_score) else 0
        gives: points
        round: none
  - money:
      - {rule: quarter_fee, from: lines, per: [contract, quarter], value: sum(amount), gives: money, into: earned}
      - rule: score_deduction
        per: [contract, quarter]
        value: per_point(quarter_score) * part(80 - quarter_score) * quarter_fee
        gives: money
        into: deducted
payment: {per: [contract, quarter], below_zero: carry}
examples:
  - example: quarter mean 79
    period: 2013-04 to 2013-06
    facts:
      lines: [{amount: 250000, valid_from: 2013-04-01, valid_to: 2013-07-01}]
      scores:
        columns: [channel, on, score]
        rows:
          - [key_points, 2013-04-05, 20]
          - [patrol, 2013-04-09, 20]
          - [random, 2013-04-12, 18]
          - [scheduled, 2013-04-28, 26]
          - [key_points, 2013-05-05, 17]
          - [patrol, 2013-05-09, 20]
          - [random, 2013-05-12, 18]
          - [scheduled, 2013-05-28, 23]
          - [key_points, 2013-06-05, 16]
          - [patrol, 2013-06-09, 15]
          - [random, 2013-06-12, 14]
          - [scheduled, 2013-06-28, 30]
    expect:
      month_score: {C 2013-04: 84, C 2013-05: 78, C 2013-06: 75}
      quarter_score: 79
      score_deduction: 2500
      payment: 247500
"""

DOUBLED = """
tables:
  found_by: {by: channel, gives: factor, rows: [[own, 1], [district, 1], [city, 2]]}
uses: {findings: {complaints: count, feedback: text}}
steps:
  - scores:
      - rule: doubled
        from: findings
        per: [finding]
        value: "if(complaints >= 5 and feedback in ('dissatisfied', 'no_opinion'), 2, found_by(channel))"
        gives: number
        round: "0"
      - {rule: off, from: doubled, per: [finding, contract, month], value: 1 * doubled, gives: points, round: "1"}
      - {rule: month_score, from: off, per: [contract, month], value: 100 - sum(off), gives: points, round: "1"}
examples:
  - example: three ways to find one defect
    period: 2015-05
    facts:
      findings:
        columns: [finding, channel, found_on, complaints, feedback]
        rows:
          - [own, own, 2015-05-02, 0, none]
          - [city, city, 2015-05-03, 0, none]
          - [public, own, 2015-05-04, 6, dissatisfied]
    expect: {off: {own C 2015-05: 1, city C 2015-05: 2, public C 2015-05: 2}, month_score: 95}
"""

TREES = """
tables:
  per_tree: {by: type, gives: off points, rows: [[abnormal_leaves, 0.1], [unpruned, 0.2], [dead, 0.2], [missing, 0.5]]}
steps:
  - scores:
      - rule: tree_points
        from: findings
        per: [finding, contract, month]
        value: per_tree(type) * trees
        gives: points
        round: "1"
      - rule: tree_score
        from: tree_points
        per: [contract, month]
        value: 30 - sum(tree_points)
        at_least: "0"
        gives: points
        round: "1"
examples:
  - example: 27.2 of 30
    period: 2012-05
    facts:
      findings:
        columns: [type, trees, found_on]
        rows: [[abnormal_leaves, 12, 2012-05-01], [dead, 3, 2012-05-01], [missing, 2, 2012-05-01]]
    expect: {tree_score: 27.2}
"""

ITEM_CAPS = """
tables:
  card: {by: type, gives: [each points, most points], rows: [[waste, 1, 7], [staff, 0.5, 4]]}
steps:
  - scores:
      - rule: lost
        from: findings
        per: [contract, type, quarter]
        value: count() * card(type).each
        at_most: card(type).most
        gives: points
        round: "1"
examples:
  - example: nine litter findings on a line of seven points
    period: 2015-Q2
    facts:
      findings:
        columns: [type, found_on]
        rows:
          - [waste, 2015-04-01]
          - [waste, 2015-04-02]
          - [waste, 2015-04-03]
          - [waste, 2015-05-01]
          - [waste, 2015-05-01]
          - [waste, 2015-05-01]
          - [waste, 2015-06-30]
          - [waste, 2015-06-30]
          - [waste, 2015-06-30]
          - [staff, 2015-06-30]
    expect: {lost: {C waste 2015-Q2: 7, C staff 2015-Q2: 0.5}}
"""

PERCENT_OF_SCORE = """
tables:
  share: {by: m, gives: [base percent, per_point percent], rows: [[">= 85", 100%, 0%], ["< 85", 15%, 1%]]}
pots: {earned: money +}
steps:
  - money:
      - {rule: fee, from: lines, per: [contract, month], value: sum(amount), gives: money}
      - {rule: m, from: scores, per: [contract, month], value: mean(score) else 0, gives: points, round: "2"}
      - rule: pay
        per: [contract, month]
        value: (share(m).base + share(m).per_point * part(m)) * fee
        gives: money
        into: earned
payment: {per: [contract, month], below_zero: carry}
examples:
  - example: 72.5
    period: 2015-05
    facts:
      lines: [{amount: 60000, valid_from: 2015-05-01, valid_to: 2015-06-01}]
      scores: [{on: 2015-05-30, score: 72.5}]
    expect: {pay: 52500}
  - example: 85
    period: 2015-05
    facts:
      lines: [{amount: 60000, valid_from: 2015-05-01, valid_to: 2015-06-01}]
      scores: [{on: 2015-05-30, score: 85}]
    expect: {pay: 60000}
"""

UNIT_PRICES = """
pots: {earned: money +}
steps:
  - quantity:
      - {rule: unit_price, from: lines, per: [line], value: price, gives: money, round: "4"}
      - rule: line_year
        from: unit_price
        per: [line, contract]
        value: quantity * unit_price
        gives: money
        round: "2"
      - rule: line_days
        from: lines
        per: [line, contract, month]
        value: quantity * unit_price * days_in / 365
        gives: money
        round: "2"
        into: earned
payment: {per: [contract, month], below_zero: carry}
examples:
  - example: the printed lines, and land taken for 19 days
    period: 2025-09
    facts:
      lines:
        columns: [line, quantity, price, valid_from, valid_to]
        rows:
          - [park, 102993.43, 8.70, -, -]
          - [green, 122477.60, 4.5440, -, -]
          - [green_as_printed, 122477.60, 4.54, -, -]
          - [trees, 696, 29.24, -, -]
          - [taken, -12000, 4.46, 2025-09-12, 2025-10-01]
    expect:
      line_year: {park C: 896042.84, green C: 556538.21, green_as_printed C: 556048.30, trees C: 20351.04}
      line_days: {taken C 2025-09: -2785.97}
"""

POINTS_OR_SEVERE = """
tables:
  off: {by: severity, gives: points points, rows: [[minor, 1], [severe, 2]]}
  tolerance: {by: grade, gives: most points, rows: [["5", 25], ["4", 30]]}
steps:
  - scores:
      - {rule: lost, from: findings, per: [finding, plot, month], value: off(severity), gives: points, round: "0"}
      - {rule: deducted, from: lost, per: [plot, month], value: sum(lost), gives: points, round: "0"}
      - {rule: fails, per: [plot, month], value: deducted > tolerance(grade), gives: yes_no}
examples:
  - example: two grades, and a plot without a finding
    period: 2012-05
    facts:
      plots: [{plot: A, grade: "5"}, {plot: B, grade: "4"}, {plot: D, grade: "4"}]
      findings:
        columns: [plot, severity, found_on]
        rows:
          - [A, severe, 2012-05-02]
          - [A, minor, 2012-05-02]
          - [B, severe, 2012-05-02]
    expect: {deducted: {A 2012-05: 3, B 2012-05: 2, D 2012-05: 0}, fails: {A 2012-05: no, D 2012-05: no}}
"""

TEXTS = {
    "channels, monthly score, quarterly pay": CHANNELS,
    "findings of the city count double": DOUBLED,
    "trees on a card of 30 points": TREES,
    "item caps": ITEM_CAPS,
    "(15 + m) percent": PERCENT_OF_SCORE,
    "area by unit price by days": UNIT_PRICES,
    "tolerance by grade": POINTS_OR_SEVERE,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_worked_numbers_come_out(name: str) -> None:
    scheme = read_scheme(HEAD + TEXTS[name])
    assert [issue.sentence() for issue in check_scheme(scheme) if not issue.warning] == []
    results = run_examples(scheme)
    assert results
    assert all(result.differences == [] for result in results)


@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_expectation_is_seen(name: str) -> None:
    text = HEAD + TEXTS[name]
    head, expect, tail = text.rpartition("expect:")
    wrong = head + expect + tail.replace(": 2", ": 9").replace(": 3", ": 9").replace(": 6", ": 9").replace(": 7", ": 9")
    wrong = wrong if wrong != text else head + expect + tail.replace("no", "yes")
    assert any(result.differences for result in run_examples(read_scheme(wrong)))
