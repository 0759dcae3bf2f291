"""The engine against a second computation, at the edges, and where it must stop rather than guess."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.dates import Span
from service.core.errors import Refusal
from service.schemes.evaluator import Evaluation, evaluate
from service.schemes.exact import MISSING, rounded
from service.schemes.explanation import canonical
from service.schemes.issues import SchemeRefused
from service.schemes.language import read_scheme
from service.schemes.stops import (
    AmountOfOtherDays,
    NoSuchRegisterRow,
    NotOneTableRow,
    NotWholePeriods,
    NoValue,
    OrderOfMissing,
    OutOfBounds,
    RegisterNeeded,
    RowWithoutKey,
    TwoFactRows,
    TwoRowsOneKey,
    UnreadFacts,
)
from tests.service.schemes.sample import CLEAN, changed
from tests.support.counting import calls_of

MAY = Span(date(2013, 5, 1), date(2013, 6, 1))
Facts = dict[str, list[dict[str, object]]]


def file(name: str) -> str:
    return files("data").joinpath("schemes", name).read_text("utf-8")


JN, SF = read_scheme(file("jn-2012.yaml")), read_scheme(file("sf-quarterly.yaml"))


def facts(*findings: Mapping[str, object], fee: object = "1000.00", **more: list[dict[str, object]]) -> Facts:
    line = {"line": "L1", "contract": "C1", "amount": fee, "valid_from": MAY.valid_from, "valid_to": MAY.valid_to}
    base = {"severity": "severe", "type": "litter", "found_on": date(2013, 5, 2), "contract": "C1"}
    rows = [{"finding": f"F{number}", **base, **row} for number, row in enumerate(findings)]
    return {"contracts": [{"contract": "C1"}], "lines": [line], "findings": rows, **more}


def work(text: str, given_facts: Facts, span: Span = MAY) -> Evaluation:
    return evaluate(read_scheme(text), given_facts, span)


def half_up(value: Fraction) -> Fraction:
    cents = abs(value) * 100
    return Fraction(floor(cents) + (1 if cents - floor(cents) >= Fraction(1, 2) else 0), 100) * (-1 if value < 0 else 1)


# ---- a second, naive computation

finding = st.fixed_dictionaries(
    {
        "contract": st.sampled_from(["C1", "C2"]),
        "severity": st.sampled_from(["minor", "severe"]),
        "found_on": st.dates(date(2013, 4, 20), date(2013, 7, 10)),
        "quantity": st.decimals(0, 50, places=2),
        "points": st.decimals(0, 2, places=1),
        "excuse": st.sampled_from([None, None, None, "storm"]),
    }
)


@given(st.lists(finding, max_size=40), st.decimals(0, 500_000, places=2))
@settings(max_examples=60, deadline=None)
def test_the_founding_scheme_equals_a_naive_computation(findings: list[dict[str, object]], fee: Decimal) -> None:
    span = Span(date(2013, 5, 1), date(2013, 7, 1))
    rows = [{"finding": f"F{number}", **row} for number, row in enumerate(findings)]
    lines = [
        {"line": "L", "contract": "C1", "amount": fee, "valid_from": first, "valid_to": end}
        for first, end in ((date(2013, 5, 1), date(2013, 6, 1)), (date(2013, 6, 1), date(2013, 7, 1)))
    ]
    contracts: list[dict[str, object]] = [{"contract": "C1"}, {"contract": "C2"}]
    run = evaluate(JN, {"contracts": contracts, "lines": lines, "findings": rows}, span)
    for contract in ("C1", "C2"):
        carried = Fraction(0)
        for month in (5, 6):
            lost = Fraction(0)
            for row in findings:
                day = row["found_on"]
                assert isinstance(day, date)
                if row["contract"] == contract and (day.year, day.month) == (2013, month) and not row["excuse"]:
                    most = 1 if row["severity"] == "minor" else 3
                    lost += min(Fraction(str(row["points"])) * ceil(Fraction(str(row["quantity"]))), Fraction(most))
            score = max(Fraction(0), 100 - lost)
            full = Fraction(fee) if contract == "C1" else Fraction(0)
            deduction = Fraction(0)
            if 80 <= score < 90:
                deduction = 500 * (100 - score)
            elif score < 80:
                deduction = full * (90 - score) / 100
            deduction = half_up(min(deduction, full / 5))
            due = full - deduction + carried
            carried = min(due, Fraction(0))
            key = (contract, f"2013-{month:02}")
            assert run.value("month_score", key) == score
            assert run.value("score_deduction", key) == deduction
            assert run.value("payment", key) == max(due, Fraction(0))
            fee_line, deduction_line = run.money(*key)
            assert (fee_line.amount_minor, deduction_line.amount_minor) == (int(full * 100), int(-deduction * 100))


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 89), st.decimals(0, 100, places=1)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_quarterly_scheme_equals_a_naive_computation(visits: list[tuple[str, int, Decimal]]) -> None:
    span = Span(date(2005, 1, 1), date(2005, 4, 1))
    given_facts: Facts = {
        "contracts": [{"contract": "SF"}],
        "plots": [{"plot": plot, "contract": "SF"} for plot in "ABC"],
        "lines": [{"line": "L", "contract": "SF", "amount": "777.77", "valid_from": span[0], "valid_to": span[1]}],
        "scores": [
            {"score_id": f"S{n}", "contract": "SF", "plot": plot, "on": span[0] + timedelta(day), "score": score}
            for n, (plot, day, score) in enumerate(visits)
        ],
    }
    run = evaluate(SF, given_facts, span)
    parks = [
        sum(scores, Fraction(0)) / len(scores)
        for plot in "ABC"
        if (scores := [Fraction(score) for name, _, score in visits if name == plot])
    ]
    if not parks:
        with pytest.raises(NoValue):
            run.money("SF", "2005-Q1")
        return
    score = half_up(sum(parks, Fraction(0)) / len(parks))
    fee = Fraction("777.77")
    deduction = half_up(min((85 - score) * fee / 100 if score < 85 else Fraction(0), fee * 15 / 100))
    found = run.score("SF", "2005-Q1")
    assert found is not None
    assert found.value == score
    assert run.value("payment", ("SF", "2005-Q1")) == fee - deduction


# ---- edges


@pytest.mark.parametrize(
    ("lost", "deduction"),
    [
        ("10", "0"),
        ("10.1", "5050"),
        ("20", "10000"),
        ("20.1", "10100.00"),
        ("30", "20000"),
        ("31", "20000"),
        ("100", "20000"),
    ],
)
def test_the_edges_of_the_founding_scheme(lost: str, deduction: str) -> None:
    rows = [{"points": 1, "quantity": 3}] * int(Fraction(lost) // 3)
    rest = Fraction(lost) % 3
    run = evaluate(JN, facts(*rows, {"points": rest, "quantity": 1}, fee=100_000), MAY)
    assert run.value("month_score", ("C1", "2013-05")) == 100 - Fraction(lost)
    assert run.value("score_deduction", ("C1", "2013-05")) == Fraction(deduction)


@pytest.mark.parametrize(
    ("exact", "cents"), [("0.005", 1), ("-0.005", -1), ("0.0049", 0), ("-2.675", -268), ("2.665", 267)]
)
def test_money_is_rounded_half_up_away_from_zero(exact: str, cents: int) -> None:
    assert rounded(Fraction(exact) * 100, 0, "half_up") == cents
    assert run_fee(exact) == cents


def run_fee(exact: str) -> int:
    return work(CLEAN, facts(fee=exact)).money("C1", "2013-05")[0].amount_minor


@given(st.fractions(), st.integers(0, 6), st.sampled_from(["half_up", "half_even", "down", "up"]))
def test_a_reversal_is_the_exact_opposite(value: Fraction, digits: int, mode: str) -> None:
    result = rounded(value, digits, mode)
    assert rounded(-value, digits, mode) == -result
    assert abs(result - value) < Fraction(1, 10**digits)
    assert (result * 10**digits).denominator == 1


def test_a_negative_balance_is_carried_until_it_is_used_up() -> None:
    text = changed(("        at_most: 20% * fee\n", ""), ("90 - month_score", "900 - month_score"))
    months = [Span(date(2013, 5, 1), date(2013, 6, 1)), Span(date(2013, 6, 1), date(2013, 7, 1))]
    lost = [{"quantity": 22, "finding": "F", "type": "litter", "found_on": date(2013, 5, 3), "contract": "C1"}]
    lines: list[dict[str, object]] = [
        {"line": "L", "contract": "C1", "amount": fee, "valid_from": month[0], "valid_to": month[1]}
        for fee, month in zip(("80000", "1500"), months, strict=True)
    ]
    given_facts: Facts = {"contracts": [{"contract": "C1"}], "lines": lines, "findings": lost}
    run = work(text, given_facts, Span(date(2013, 5, 1), date(2013, 7, 1)))
    assert run.value("payment_due", ("C1", "2013-05")) == 80_000 - 81_100
    assert run.value("payment", ("C1", "2013-05")) == 0
    assert run.value("payment", ("C1", "2013-06")) == 400
    carried = [{"carry": "X", "contract": "C1", "on": date(2013, 5, 31), "amount": "-1100"}]
    june = work(text, {**given_facts, "lines": lines[1:], "carried": carried}, months[1])
    assert june.value("payment", ("C1", "2013-06")) == 400
    waived = work(
        text.replace("below_zero: carry", "below_zero: waive"), given_facts, Span(date(2013, 5, 1), date(2013, 7, 1))
    )
    assert [waived.value("payment", ("C1", f"2013-0{month}")) for month in (5, 6)] == [0, 1500]
    collected = work(text.replace("below_zero: carry", "below_zero: collect"), given_facts, months[0])
    assert collected.value("payment", ("C1", "2013-05")) == -1100


def test_a_register_row_exists_though_nothing_happened_but_only_on_its_days() -> None:
    contracts: list[dict[str, object]] = [
        {"contract": "C1"},
        {"contract": "old", "valid_to": date(2013, 5, 1)},
        {"contract": "new", "valid_from": date(2013, 5, 31)},
        {"contract": "next", "valid_from": date(2013, 6, 1)},
    ]
    run = work(CLEAN, facts(contracts=contracts))
    assert run.keys("month_score") == [("C1", "2013-05"), ("new", "2013-05")]
    assert run.score("old", "2013-05") is None


def test_one_contract_that_stops_does_not_stop_the_other() -> None:
    contracts: list[dict[str, object]] = [{"contract": "C1"}, {"contract": "C2"}]
    run = work(CLEAN, facts({"quantity": None}, {"quantity": 2, "contract": "C2"}, contracts=contracts))
    with pytest.raises(NoValue) as stopped:
        run.money("C1", "2013-05")
    assert (stopped.value.rule, stopped.value.key) == ("lost", "F0 C1 2013-05")
    assert run.value("month_score", ("C2", "2013-05")) == 99
    assert len(run.stops) == 1


# ---- silent wrong sums that the language must not have


def test_a_longer_result_is_not_paid_in_a_shorter_statement() -> None:
    rule = "      - {rule: yearly, per: [contract, year], value: 5 CNY, gives: money, into: deducted}\npayment: {per"
    with pytest.raises(SchemeRefused):
        work(changed(("payment: {per", rule)), facts())


def test_a_yearly_amount_is_not_paid_every_month() -> None:
    year = facts()
    year["lines"][0] |= {"valid_from": date(2013, 1, 1), "valid_to": date(2014, 1, 1)}
    for span in (MAY, Span(date(2013, 1, 1), date(2014, 1, 1))):
        with pytest.raises(AmountOfOtherDays):
            work(CLEAN, year, span).money("C1", "2013-05")
    two_months = facts()
    two_months["lines"][0] |= {"valid_to": date(2013, 7, 1)}
    with pytest.raises(AmountOfOtherDays):
        work(CLEAN, two_months).money("C1", "2013-05")
    open_end = facts()
    open_end["lines"][0] |= {"valid_to": None}
    with pytest.raises(AmountOfOtherDays):
        work(CLEAN, open_end).money("C1", "2013-05")


def test_a_price_a_year_is_split_by_days() -> None:
    text = changed(("sum(amount)", "sum(quantity * price * days_in / 365)"))
    given_facts = facts()
    given_facts["lines"][0] |= {
        "quantity": "-12000",
        "price": "4.46",
        "valid_from": date(2013, 5, 13),
        "valid_to": None,
    }
    assert work(text, given_facts).value("fee", ("C1", "2013-05")) == Fraction("-2785.97")


def test_a_fact_that_no_rule_takes_stops_the_money_of_its_contract() -> None:
    contracts: list[dict[str, object]] = [{"contract": "C1"}, {"contract": "C2"}]
    given_facts = facts({"type": "vandalism", "quantity": 1}, contracts=contracts)
    run = work(CLEAN, given_facts)
    with pytest.raises(UnreadFacts):
        run.money("C1", "2013-05")
    assert len(run.money("C2", "2013-05")) == 2
    assert (
        len(work(changed(("score:", "others: {findings: nothing}\nscore:")), given_facts).money("C1", "2013-05")) == 2
    )
    outside = facts({"type": "vandalism", "quantity": 1, "found_on": date(2013, 6, 1)})
    assert work(CLEAN, outside).money("C1", "2013-05")


def test_a_finding_of_a_contract_or_plot_that_is_not_there_is_refused() -> None:
    plots: list[dict[str, object]] = [{"plot": "P1", "contract": "C1"}]
    for row in ({"contract": "C9"}, {"plot": "P9"}):
        with pytest.raises(NoSuchRegisterRow):
            work(CLEAN, facts({"quantity": 1, **row}, plots=plots))


def test_a_finding_without_a_contract_is_refused() -> None:
    with pytest.raises(RowWithoutKey):
        work(CLEAN, facts({"quantity": 1, "contract": None}))


def test_a_finding_without_a_contract_has_that_of_its_plot() -> None:
    plots: list[dict[str, object]] = [{"plot": "P1", "contract": "C1"}]
    run = work(CLEAN, facts({"quantity": 1, "contract": None, "plot": "P1"}, plots=plots))
    assert run.value("month_score", ("C1", "2013-05")) == Fraction("99.5")


def test_parks_that_nobody_visited_need_their_register() -> None:
    with pytest.raises(RegisterNeeded):
        evaluate(SF, {"contracts": [{"contract": "SF"}]}, Span(date(2005, 1, 1), date(2005, 4, 1)))


def test_parts_of_periods_are_refused() -> None:
    with pytest.raises(NotWholePeriods):
        work(CLEAN, facts(), Span(date(2013, 5, 1), date(2013, 5, 20)))
    with pytest.raises(NotWholePeriods):
        evaluate(SF, facts(), MAY)


def test_rows_that_are_there_twice_are_refused() -> None:
    with pytest.raises(TwoFactRows):
        work(CLEAN, facts({"finding": "F", "quantity": 1}, {"finding": "F", "quantity": 1}))


@pytest.mark.parametrize(
    "row",
    [{"quantity": 1.5}, {"quantity": "many"}, {"quantity": Decimal("NaN")}, {"quantity": Decimal("1e999")},
     {"found_on": None}, {"found_on": "2013-02-30"}, {"found_on": date(213, 5, 1)}, {"finding": ""}, {"colour": "red"},
     {"units": -1}, {"units": True}, {"quantity": "9" * 40}],
)  # fmt: skip
def test_facts_that_are_no_facts_are_refused(row: dict[str, object]) -> None:
    with pytest.raises(Refusal) as refused:
        work(CLEAN, facts(row))
    assert refused.value.code in ("fact_refused", "no_such_fact_column")


# ---- missing values


def value_of(expression: str, gives: str = "number", **row: object) -> object:
    rule = (
        f"rule: tried\n        from: findings\n        per: [finding, contract, month]\n        value: {expression}\n"
    )
    rule += f"        gives: {gives}\n        may_be_missing: yes\n        round: none\n      - rule: lost\n"
    run = work(changed(("rule: lost\n", rule), ("gives: points", "adds_to: [tried]\n        gives: points")),
               facts({"quantity": 1, **row}))  # fmt: skip
    return run.value("tried", ("F0", "C1", "2013-05"))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("trees + 1", MISSING), ("trees else 7", 7), ("trees / 2 else units else 3", 3),
        ("1 / (quantity - 1)", MISSING),
        ("if(trees is missing, 5, trees)", 5), ("if(trees = 5, 1, 2)", 2), ("if(trees != 5, 1, 2)", 1),
        ('"min(trees, 5)"', MISSING), ("if(not (trees = 5) and quantity >= 1, 1, 0)", 1),
        ("if(severity in ('minor', 'severe'), 1, 0)", 1), ("if(found_on < 2013-05-03, 1, 0)", 1),
        ('"round(2.345 * quantity, 2)"', Fraction("2.35")), ("abs(0 - quantity)", 1), ("if(excuse = 'x', trees, 4)", 4),
        ('"max(quantity, 2, 0.5)"', 2), ("if(found_on = 2013-05-02 or trees > 1, 1, 0)", 1), ("-quantity", -1),
    ],
)  # fmt: skip
def test_missing_and_lazy(expression: str, value: object) -> None:
    text = expression if expression.startswith('"') else f'"{expression}"'
    assert value_of(text) == value


def test_an_order_with_a_missing_value_stops() -> None:
    with pytest.raises(OrderOfMissing):
        value_of('"if(trees > 1, 1, 0)"')


def test_a_table_that_is_silent_stops_and_a_missing_key_is_missing() -> None:
    assert value_of("tariff(excuse)") is MISSING
    with pytest.raises(NotOneTableRow):
        value_of("tariff(severity)")


def test_otherwise_yields_to_the_other_rows() -> None:
    text = changed(
        ("[pest, 2]", "[pest, 2], [otherwise, 7]"), ("where: {type: [litter, pest]}", "where: {type: [litter, mud]}")
    )
    run = work(text, facts({"quantity": 1}, {"quantity": 1, "type": "mud"}))
    assert [run.value("lost", (name, "C1", "2013-05")) for name in ("F0", "F1")] == [Fraction("0.5"), 7]


def test_numbers_that_outgrow_everything_stop() -> None:
    rules = "\n".join(
        f"      - {{rule: r{n}, per: [contract, month], value: r{n - 1} * r{n - 1}, gives: number, round: none}}"
        for n in range(1, 40)
    )
    first = "      - {rule: r0, per: [contract, month], value: '123456789', gives: number}\n"
    run = work(changed(("payment: {per", f"{first}{rules}\npayment: {{per")), facts())
    with pytest.raises(OutOfBounds):
        run.value("r39", ("C1", "2013-05"))


# ---- replacing, excuses, explanations


def test_a_replaced_rule_gives_nothing_where_the_other_gives_something() -> None:
    rule = "rule: second\n        from: findings\n        where: {units: '>= 2'}\n"
    rule += "        per: [finding, contract, month]\n"
    rule += "        value: 50\n        gives: points\n        replaces: [lost]\n      - rule: lost\n"
    run = work(changed(("rule: lost\n", rule)), facts({"quantity": 4, "units": 2}, {"quantity": 4, "units": 1}))
    assert [run.value("second", (name, "C1", "2013-05")) for name in ("F0",)] == [50]
    assert [run.value("lost", (name, "C1", "2013-05")) for name in ("F0", "F1")] == [0, 2]
    assert run.explain("lost", ("F0", "C1", "2013-05"))["replaced_by"] == ["second"]


def test_a_floor_does_not_bring_a_replaced_rule_back() -> None:
    second = "rule: second\n        from: findings\n        per: [finding, contract, month]\n        value: 50\n"
    second += "        gives: points\n        replaces: [lost]\n      - rule: lost\n        at_least: '1'\n"
    run = work(changed(("rule: lost\n", second)), facts({"quantity": 4}))
    assert run.value("lost", ("F0", "C1", "2013-05")) == 0


def test_what_stops_a_filter_stops_the_result_and_two_rows_with_one_key_stop_it_too() -> None:
    text = changed(("where: {type: [litter, pest]}", 'where: "trees > 1"'))
    with pytest.raises(OrderOfMissing):
        work(text, facts({"quantity": 1})).value("lost", ("F0", "C1", "2013-05"))
    rule = "      - {rule: each, from: lines, per: [line], value: price, gives: money, round: none}\npayment: {per"
    lines: list[dict[str, object]] = [
        {"line": "L1", "contract": "C1", "price": 1, "valid_from": first, "valid_to": end}
        for first, end in ((date(2013, 5, 1), date(2013, 5, 9)), (date(2013, 5, 9), date(2013, 6, 1)))
    ]
    run = work(changed(("sum(amount)", "1000 CNY"), ("payment: {per", rule)), facts() | {"lines": lines})
    with pytest.raises(TwoRowsOneKey):
        run.value("each", ("L1",))


def test_the_tree_holds_what_was_read_and_nothing_is_computed_twice() -> None:
    run = evaluate(
        JN, facts({"points": "0.5", "quantity": "1.2"}, {"points": 1, "quantity": 9, "excuse": "storm"}), MAY
    )
    node = run.explain("month_score", ("C1", "2013-05"))
    assert (node["formula"], node["numbers"], node["result"]) == ("100 − sum(finding_points)", "100 − 1", "99.00")
    assert node["excused"] == [{"row": "findings F1", "reason": "excused", "formula": "excuse is known"}]
    assert isinstance(node["children"], list)
    (child,) = node["children"]
    assert child["numbers"] == "0.5 × ceil(1.2)"
    assert child["facts"] == {"findings": ["F0"]}
    assert child["table_rows"][0]["cells"] == ["severe", "3"]
    line = run.money("C1", "2013-05")[1]
    assert line.node["result"] == "0.00"
    assert canonical(line.node) == canonical(run.explain("score_deduction", ("C1", "2013-05")))


def test_the_bytes_do_not_depend_on_the_order_of_the_facts() -> None:
    rows = [{"points": "0.5", "quantity": n, "finding": f"F{n:02}", "severity": "minor"} for n in range(30)]
    left_facts, right_facts = facts(*rows), facts(*reversed(rows))
    second = left_facts["lines"][0] | {"line": "L2", "amount": 7}
    left_facts["lines"], right_facts["lines"] = [*left_facts["lines"], second], [second, *right_facts["lines"]]
    one, other = evaluate(JN, left_facts, MAY), evaluate(JN, right_facts, MAY)
    for left, right in zip(one.money("C1", "2013-05"), other.money("C1", "2013-05"), strict=True):
        assert canonical(left.node) == canonical(right.node)
        assert b"." in canonical(left.node)


def test_a_tree_does_not_grow_beyond_what_was_read() -> None:
    rules = "\n".join(
        f"      - {{rule: r{n}, per: [contract, month], value: r{n - 1} + r{n - 2}, gives: count}}"
        for n in range(2, 50)
    )
    first = "".join(f"      - {{rule: r{n}, per: [contract, month], value: '1', gives: count}}\n" for n in (0, 1))
    run = work(changed(("payment: {per", f"{first}{rules}\npayment: {{per")), facts())
    assert run.value("r49", ("C1", "2013-05")) == 12_586_269_025
    assert len(canonical(run.explain("r49", ("C1", "2013-05")))) < 100_000


def test_twice_the_findings_are_twice_the_work() -> None:
    def work_with(count: int) -> int:
        rows = [
            {"points": "0.01", "quantity": "12.3", "severity": "minor", "found_on": date(2013, 5, 1 + n % 31)}
            for n in range(count)
        ]
        known = facts(*rows)
        return calls_of(lambda: evaluate(JN, known, MAY).money("C1", "2013-05"))

    small, large = work_with(300), work_with(600)
    assert small > 300, "each finding is looked at"
    assert large < 2.2 * small


@pytest.mark.parametrize(("levels", "stops"), [(1, False), (30, True)])
def test_results_without_rows_are_worked_on_demand_within_bounds(levels: int, stops: bool) -> None:
    first = "      - {rule: r0, from: findings, per: [contract, channel, month], value: count(), gives: count}\n"
    rules = "".join(
        f"      - rule: r{n}\n        from: findings\n        per: [contract, channel, month]\n"
        f"        value: {'min(' * levels}r{n - 1}{', 99)' * levels}\n        gives: count\n"
        for n in range(1, 20)
    )
    last = "      - {rule: latest, from: scores, per: [contract, channel, month], value: r19, gives: count}\n"
    text = changed(("payment: {per", f"{first}{rules}{last}payment: {{per"))
    scores: list[dict[str, object]] = [{"score_id": "S", "contract": "C1", "channel": "x", "on": date(2013, 5, 1)}]
    run = work(text, facts({"quantity": 1, "channel": "y"}, scores=scores))
    assert [stop.code for stop in run.stops] == (["scheme_too_deep"] if stops else [])
    assert run.value("r19", ("C1", "y", "2013-05")) == 1
    if not stops:
        assert run.value("latest", ("C1", "x", "2013-05")) == 0
