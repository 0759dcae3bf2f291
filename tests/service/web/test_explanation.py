"""The explanation of an amount, made ready to be read."""

from service.web.explanation import Step, facts_of, steps_of

NODE = {
    "rule": "deduction",
    "title": {"zh": "考核扣款", "en": "Deduction"},
    "clause": "4.2",
    "key": [{"name": "contract", "value": "C2"}, {"name": "month", "value": "2013-08"}],
    "result": "-5400.00",
    "gives": "money",
    "formula": "500 × (100 − score)",
    "numbers": "500 × (100 − 89.2)",
    "exact": "-5400",
    "limits": [{"limit": "at_most", "numbers": "20% × 476883.33", "bound": "95376.666", "applied": False}],
    "rounding": {"digits": "2", "mode": "half_up"},
    "facts": {"findings": ["F-2013-0871"], "scores": ["s1"]},
    "excused": [{"row": "F-2013-0900", "reason": "storm", "formula": "excused"}],
    "table_rows": [{"table": "per_point", "line": "52", "cells": [">= 80, < 90", "500 CNY"]}],
    "children": [{"rule": "month_score", "result": "89.2", "gives": "points", "again": True}],
}


def test_a_step_shows_formula_numbers_clause_and_what_it_read() -> None:
    step = steps_of(NODE, "zh")
    assert (step.title, step.clause, step.result) == ("考核扣款", "4.2", "−5,400.00")
    assert (step.formula, step.numbers) == (NODE["formula"], NODE["numbers"])
    assert step.limits == [("at_most", "20% × 476883.33", "95,376.666", False)]
    assert step.table_rows == ["per_point: >= 80, < 90 → 500 CNY"]
    assert step.excused == ["F-2013-0900: storm"]
    assert [child.is_again for child in step.children] == [True]


def test_findings_lead_to_their_pages_and_other_facts_do_not() -> None:
    links = {fact.word: fact.href for fact in facts_of(NODE["facts"])}  # type: ignore[arg-type]
    assert links == {"F-2013-0871": "/findings/F-2013-0871", "s1": ""}


def test_what_a_node_leaves_out_is_empty() -> None:
    step: Step = steps_of({}, "en")
    assert (step.title, step.result, step.children, step.fee) == ("", "", [], [])


def test_a_fee_is_told_plot_by_plot() -> None:
    piece = {"from": "2013-08-01", "until": "2013-08-31", "quantity": "41300.00", "unit": "m2", "price": "3.55"}
    line = {"line": 1, "plot": "J2-017", "amount": "12452.23", "pieces": [piece | {"part_of_year": "31/365"}]}
    [told] = steps_of({"fee": {"due_start": "0", "due_end": "12452.23", "lines": [line]}}, "en").fee
    assert (told.plot, told.quantity, told.part, told.amount) == ("J2-017", "41,300.00", "31/365", "12,452.23")


def test_what_a_limit_set_was_not_rounded() -> None:
    limit = {"limit": "at_most", "numbers": "1", "bound": "1", "applied": True}
    step = steps_of({"result": "1.00", "exact": "57/50", "limits": [limit], "rounding": NODE["rounding"]}, "en")
    assert (step.digits, step.limits) == ("", [("at_most", "1", "1", True)])


def test_a_formula_names_rules_by_their_titles() -> None:
    child = {"rule": "month_score", "title": {"zh": "月度得分", "en": "Score of the month"}, "result": "89.2"}
    node = {"formula": "500 CNY * part(100 - month_score)", "children": [child]}
    assert steps_of(node, "zh").formula == "500 CNY × part(100 − 月度得分)"
