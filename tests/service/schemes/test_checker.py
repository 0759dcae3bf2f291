"""Every code of the checker: the sample is clean, one change to it is not, and the code and line say so."""

import pytest

from service.schemes.language import read_scheme
from service.schemes.scheme_checks import static_issues
from tests.service.schemes.sample import CLEAN, changed, codes_of, issues_of

ADDED_RULE = "payment: {per"


def with_rule(rule: str) -> str:
    """Put a further rule at the end of the sample's steps."""
    lines = rule.strip().splitlines()
    block = "\n".join([f"      - {lines[0]}", *(f"        {line}" for line in lines[1:])])
    return changed((ADDED_RULE, f"{block}\n{ADDED_RULE}"))


def test_the_sample_is_clean() -> None:
    assert issues_of(CLEAN) == []


SPOILT = [
    ("WORD", [("from: findings", "form: findings")]),
    ("WORD", [("below_zero: carry", "below_zero: maybe")]),
    ("WORD", [("version: 1", "version: one")]),
    ("WORD", [("title: {zh: 样例, en: Sample}", "title: {en: Sample}")]),
    ("WORD", [("rounding: half_up\n", "")]),
    ("WORD", [("gives: points", "gives: stars")]),
    ("WORD", [("per: [contract, month]", "per: [contract, month, year]")]),
    ("WORD", [("period: 2013-05", "period: 2013-13")]),
    ("WORD", [("rule: month_score", "rule: lost")]),
    ("LATER", [('at_least: "0"', 'at_least: "0"\n        raises: letter')]),
    ("LATER", [("value: sum(amount)", "value: last(amount)")]),
    ("LATER", [("100 - sum(lost)", "100 - prev(lost)")]),
    ("LATER", [("100 - sum(lost)", "100 - 2 ^ 3")]),
    ("LATER", [("from: lines", "from: trees")]),
    ("LATER", [("payment: {per", "process: {}\npayment: {per")]),
    ("LATER", [("from: lost", "from: lost\n        on: found_on")]),
    ("EXPRESSION", [("sum(amount)", "sum(amount")]),
    ("EXPRESSION", [("100 - sum(lost)", "100 - - $")]),
    ("COMMA", [('clause: "6"', "title2: {value: min(1, 2)}")]),
    ("TABLE", [("[pest, 2]", "[pest, two]")]),
    ("TABLE", [("[pest, 2]", "[pest, 2, 3]")]),
    ("TABLE", [("[pest, 2]", "[pest, 2], [litter, 1]")]),
    ("NAME", [("tariff(type)", "tariff(typ)")]),
    ("NAME", [("where: {type", "where: {typ")]),
    ("NAME", [("from: lost", "from: lst")]),
    ("NAME", [("into: earned", "into: earnd")]),
    ("NAME", [("score: month_score", "score: fee")]),
    ("NAME", [("rule: fee", "rule: severity"), ("20% * fee", "20% * severity")]),
    ("NAME", [("per: [finding, contract, month]", "per: [finding, contrct, month]")]),
    ("NAME", [("tariff(type)", "tariff(type).most")]),
    ("NAME", [("tariff(type)", "tariff(type, severity)")]),
    ("NAME", [("ceil(quantity)", "ceil(quantity, 2)")]),
    ("ORDER", [("value: 100 - sum(lost)", "value: 100 - sum(lost) + deduction / 1 CNY")]),
    ("ORDER", [("at_most: 20% * fee", "at_most: 20% * deduction")]),
    ("GRAIN", [("from: lost\n        per: [contract, month]", "from: lost\n        per: [contract, quarter]")]),
    ("GRAIN", [("value: sum(amount)", "value: amount")]),
    ("GRAIN", [("20% * fee", "20% * lost")]),
    ("GRAIN", [("from: lines\n        per: [contract, month]", "from: lines\n        per: [contract]")]),
    ("GRAIN", [("from: lines\n        per: [contract, month]", "from: lines\n        per: [contract, quarter]")]),
    ("GRAIN", [("from: lines\n        per: [contract, month]", "from: lines\n        per: [contract, week]")]),
    ("GRAIN", [("        from: lost\n", "")]),
    ("KIND", [("100 - sum(lost)", "100 CNY - sum(lost)")]),
    ("KIND", [("sum(amount)", "sum(quantity)")]),
    ("KIND", [("0 CNY", "0 CNY"), ("20% * fee", "fee * fee")]),
    ("KIND", [("20% * fee", "20%")]),
    ("KIND", [("sum(amount)", "sum(amount) + 1 USD")]),
    ("KIND", [("type: [litter, pest]", "type: [litter, pest], quantity: many")]),
    ("KIND", [("tariff(type)", "if(type > 3, 1, 2)")]),
    ("KIND", [("tariff(type)", "if(quantity, 1, 2)")]),
    ("KIND", [("into: earned", "into: earned"), ("earned: money +", "earned: points")]),
    ("KIND", [("per_point(month_score)", "per_point('a')")]),
    ("BANDS", [('"< 90", 100', '"<= 90", 100')]),
    ("BANDS", [('"< 90", 100', '"< 89", 100')]),
    ("BANDS", [('">= 90", 0', '"> 90", 0')]),
    ("BANDS", [('"< 90", 100', '">= 10, < 90", 100')]),
    ("PART-POINTS", [("part(90 - month_score)", "(90 - month_score)")]),
    ("PART-UNITS", [("ceil(quantity)", "quantity")]),
    ("DIGITS", [('gives: points\n        round: "2"', "gives: points")]),
    ("PAYMENT", [("payment: {per: [contract, month], below_zero: carry}\n", ""), (", payment: 1000", "")]),
    ("PAYMENT", [("pots: {earned: money +, deducted: money -}", "pots: {}")]),
    ("EXAMPLE", [("payment: 1000", "payment: 999")]),
    ("EXAMPLE", [("payment: 1000", "paymnt: 1000")]),
    ("EXAMPLE", [("payment: 1000", "payment: {D 2013-05: 1000}")]),
    ("EXAMPLE", [("amount: 1000", "amunt: 1000")]),
    ("EXAMPLE", [("month_score: 100", "refused: {month_score: C 2013-05}")]),
    ("CLIFF", [("part(90 - month_score)", "part(100 - month_score)")]),
    ("TITLE", [('        clause: "6"\n', "")]),
    ("NEVER", [("tables:", "terms: {idle: quantity > 1}\ntables:")]),
]


@pytest.mark.parametrize(("code", "changes"), SPOILT)
def test_one_change_one_code(code: str, changes: list[tuple[str, str]]) -> None:
    issues = issues_of(changed(*changes))
    assert code in {issue.code for issue in issues}
    assert all(issue.line > 0 and "{" not in issue.sentence().replace("{zh", "") for issue in issues)


def test_no_example_is_an_error() -> None:
    assert codes_of(CLEAN[: CLEAN.index("examples:")]) == {"EXAMPLE"}


RULES = [
    (
        "BOTH",
        "rule: spot\nfrom: findings\nwhere: {type: pest}\nper: [finding, contract, month]\nvalue: 5 CNY\n"
        "gives: money\ninto: deducted",
    ),
    ("GRAIN", "rule: kinds\nper: [contract, type, month]\nvalue: 5\ngives: number"),
    ("GRAIN", "rule: none\nper: [contract, month]\nvalue: count()\ngives: count"),
    ("GRAIN", "rule: nest\nfrom: lost\nper: [contract, month]\nvalue: sum(sum(lost))\ngives: points\nround: none"),
    ("GRAIN", "rule: onpot\nfrom: lost\nwhere: deducted > 1 CNY\nper: [contract, month]\nvalue: count()\ngives: count"),
    ("GRAIN", "rule: where\nwhere: {type: pest}\nper: [contract, month]\nvalue: 5\ngives: number"),
    (
        "GRAIN",
        "rule: pool\nclause: a\ntitle: {zh: a, en: a}\nper: [contract, year]\nvalue: 5 CNY\ngives: money\n"
        "into: deducted",
    ),
    ("GRAIN", "rule: site\nclause: a\ntitle: {zh: a, en: a}\nper: [month]\nvalue: 5 CNY\ngives: money\ninto: deducted"),
    ("MISSING", "rule: lowest\nfrom: lost\nper: [contract, month]\nvalue: least(lost)\ngives: points\nround: none"),
    ("ROUND-LINE", "rule: cost\nfrom: lines\nper: [line, contract, month]\nvalue: price * quantity\ngives: money"),
    ("KIND", "rule: some\nfrom: lost\nper: [contract, month]\nvalue: count() * 1.5\ngives: count"),
    ("KIND", "rule: exc\nfrom: findings\nexcept: [tall]\nper: [finding, month]\nvalue: 1\ngives: number\nround: none"),
    ("NAME", "rule: exc\nfrom: findings\nexcept: [late]\nper: [finding, month]\nvalue: 1\ngives: number\nround: none"),
    ("NAME", "rule: exc\nfrom: findings\nexcept: [typo]\nper: [finding, month]\nvalue: 1\ngives: number\nround: none"),
    ("NAME", "rule: rep\nreplaces: [nothing]\nper: [contract, month]\nvalue: 1\ngives: number"),
    ("ORDER", "rule: rep\nreplaces: [lost]\nper: [contract, month]\nvalue: 1\ngives: number"),
    ("ORDER", "rule: self\nfrom: self\nper: [contract, month]\nvalue: 1\ngives: number"),
    ("NEVER", "rule: idle\nper: [contract, month]\nvalue: 1\ngives: number"),
    (
        "COMPLETE",
        'rule: seen\nfrom: scores\nper: [contract, month]\nvalue: mean(score) else 100\ngives: points\nround: "1"',
    ),
]


@pytest.mark.parametrize(("code", "rule"), RULES)
def test_one_rule_one_code(code: str, rule: str) -> None:
    text = with_rule(rule)
    text = text.replace("tables:", "terms: {tall: quantity, typo: excus = 'storm'}\ntables:", 1)
    issues = [issue for issue in issues_of(text) if issue.line > 20]
    assert code in {issue.code for issue in issues}, [issue.sentence() for issue in issues]


@pytest.mark.parametrize("answer", ["adds_to: [lost]", "where: {type: [dead_tree]}"])
def test_both_is_answered_by_a_word_or_by_apart_cells(answer: str) -> None:
    rule = f"rule: spot\nfrom: findings\nper: [finding, contract, month]\nvalue: 5 CNY\ngives: money\n{answer}"
    assert "BOTH" not in codes_of(with_rule(f"{rule}\ninto: deducted"))
    assert "BOTH" in codes_of(with_rule(rule.replace(f"\n{answer}", "") + "\ninto: deducted"))


def test_a_clean_rule_is_no_code() -> None:
    rule = "rule: spot\nclause: a\ntitle: {zh: a, en: a}\nfrom: findings\nwhere: {type: dead}\nvalue: 5 CNY\n"
    assert codes_of(with_rule(rule + "per: [finding, contract, month]\ngives: money\ninto: deducted")) == set()


def test_terms_read_only_terms_above() -> None:
    text = changed(("tables:", "terms: {one: two > 1, two: one > 1}\ntables:"))
    assert [issue.code for issue in issues_of(text)] == ["ORDER"]


def test_terms_cannot_explode() -> None:
    terms = ", ".join(f"t{n}: t{n - 1} + t{n - 1}" for n in range(1, 40))
    text = changed(("tables:", f"terms: {{t0: '1', {terms}}}\ntables:"), ("100 - sum(lost)", "100 - sum(lost) + t39"))
    assert "EXPRESSION" in codes_of(text)


def test_sixty_rules_may_stand_on_one_another_and_no_more() -> None:
    rules = "\n".join(
        f"      - {{rule: r{n}, per: [contract, month], value: r{n - 1} + 1, gives: number, round: none}}"
        for n in range(1, 62)
    )
    first = "      - {rule: r0, per: [contract, month], value: '1', gives: number}\n"
    text = changed((ADDED_RULE, f"{first}{rules}\n{ADDED_RULE}"))
    lines = [issue.line for issue in issues_of(text) if issue.code == "ORDER"]
    assert lines == [
        text.splitlines().index(next(line for line in text.splitlines() if "rule: r60" in line)) + n for n in (1, 2)
    ]


def test_everything_is_said_at_once_by_line() -> None:
    issues = issues_of(changed(("tariff(type)", "tariff(typ)"), ("20% * fee", "20% * fe"), ("into: earned", "into: e")))
    assert [issue.code for issue in issues] == ["NAME", "NAME", "NAME"]
    assert [issue.line for issue in issues] == sorted({issue.line for issue in issues})
    assert "(type?)" in issues[0].sentence()


def test_checking_a_large_file_is_quick() -> None:
    rows = ", ".join(f"[code_{n}, 1]" for n in range(4_000))
    scheme = read_scheme(changed(("[pest, 2]", f"[pest, 2], {rows}")))
    assert static_issues(scheme) == []
