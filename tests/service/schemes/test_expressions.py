"""The parser is total: a tree or a refusal with a sentence, for every text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.schemes.expressions import children, names, walk, written
from service.schemes.parser import MAX_DEPTH, MAX_LENGTH, ExpressionRefused, parse

PIECES = (
    *(
        "a",
        "b_2",
        "得分",
        "sum(",
        "min(",
        "if(",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        ".",
    ),
    *(" and ", " or ", " not ", " else ", " is missing", " is known", " in (", "yes", "no", "'x'", "1", "2.50", "3%"),
    *("100 CNY", "2013-01-01", "2013-13-01", "2013-01-01T08:00", " ", "^", "5 days", "$", "'"),
)


def depth(text: str) -> int:
    def of(tree: object) -> int:
        return 1 + max((of(part) for part in children(tree)), default=0)  # type: ignore[arg-type]

    return of(parse(text))


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=400)
def test_every_text_is_a_tree_or_a_refusal(text: str) -> None:
    refused = None
    try:
        tree = parse(text)
    except ExpressionRefused as refusal:
        refused = refusal
    if refused is not None:
        assert refused.message.format(**refused.details)
        assert refused.code in ("EXPRESSION", "LATER")
        return
    assert len(list(walk(tree))) <= len(text)
    again = parse(written(tree).replace("×", "*").replace("÷", "/").replace("−", "-"))
    assert written(again) == written(tree)


@pytest.mark.parametrize(
    "text", ["(" * 41 + "1" + ")" * 41, "-" * 41 + "1", "not " * 41 + "a", "min(" * 41 + "1,2" + ",3)" * 41]
)
def test_forty_levels_are_the_end(text: str) -> None:
    with pytest.raises(ExpressionRefused, match="deep"):
        parse(text)


def test_a_long_sum_is_not_deep() -> None:
    assert depth("+".join(["1"] * 900)) == 2
    assert depth("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)) == 1
    with pytest.raises(ExpressionRefused, match="longer"):
        parse("1" * (MAX_LENGTH + 1))


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("a - b - c", "a − b − c"),
        ("a - (b - c)", "a − (b − c)"),
        ("a * (b + c) / d", "a × (b + c) ÷ d"),
        ("(a * b) + c", "a × b + c"),
        ("not (a = b) or c > 2%", "not a = b or c > 2%"),
        ("x else y else 0 CNY", "x else y else 0 CNY"),
        ("(x else y) + 1", "(x else y) + 1"),
        ("table(a, b).share", "table(a, b).share"),
        ("severity in ('minor', 'severe') and fixed_on is missing", None),
    ],
)
def test_written_back_with_the_fewest_brackets(text: str, spelt: str | None) -> None:
    assert written(parse(text)) == (spelt or text)


@pytest.mark.parametrize(
    "text",
    ["1 < 2 < 3", "a is", "a is here", "in (1)", "1 2", "a b", "f(", "f(,)", "1.", "1e5", "2013-02-30", "'open", "a.b"],
)
def test_refused(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        parse(text)


@pytest.mark.parametrize("text", ["2 ^ 3", "plus(found_on, 3 workdays)", "rank(score, month, ties same)", "3 days"])
def test_words_of_later_are_named(text: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse(text)
    assert refused.value.code == "LATER"


def test_names() -> None:
    assert names(parse("a + sum(b) * table(a).c")) == ["a", "b"]
