"""Hostile YAML is refused with a line; everything else stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.schemes.issues import SchemeIssue, SchemeRefused
from service.schemes.language import read_scheme
from service.schemes.reader import MAX_BYTES, MAX_DEPTH, Fields, Items, Word, read_yaml
from tests.service.schemes.sample import CLEAN, changed, issues_of


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: &x 1\nb: *x", 1, "Anchors"),
        ("a: 1\nb: *x", 2, "Anchors"),
        ("a: !!python/object/apply:os.system [ls]", 1, "Tags"),
        ("a: !!float 1", 1, "Tags"),
        ("a: 1\nb: 2\na: 3", 3, "'a' is written twice"),
        ("a: {b: 1, b: 2}", 1, "twice"),
        ("a: " + "[" * 12 + "]" * 12, 1, "12 deep"),
        ("a: " + "{a: " * 12 + "1" + "}" * 12, 1, "12 deep"),
        ("[1, 2]", 1, "list of words"),
        ("just text", 1, "list of words"),
        ("", 1, "list of words"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("? [a, b]\n: 1", 1, "must be a word"),
        ("a: [1, 2", 1, "not YAML"),
        ("a: 'x", 1, "not YAML"),
        ("a: 1\n\tb: 2", 2, "not YAML"),
        ("a: \x00", 1, "not YAML"),
        ("r: {value: min(a, b), gives: money}", 1, "in quotes"),
    ],
)
def test_refused_with_its_line(text: str, line: int, part: str) -> None:
    with pytest.raises(SchemeRefused) as refused:
        read_yaml(text)
    (issue,) = refused.value.issues
    assert abs(issue.line - line) <= 1
    assert part in issue.sentence()


def test_a_megabyte_is_the_end() -> None:
    with pytest.raises(SchemeRefused):
        read_yaml("a: " + "x" * MAX_BYTES)


def test_deep_nesting_is_refused_before_it_is_built() -> None:
    with pytest.raises(SchemeRefused) as refused:
        read_yaml("a: " + "[" * 400_000)
    assert str(MAX_DEPTH) in refused.value.issues[0].sentence()


def test_merge_keys_are_just_an_unknown_word() -> None:
    assert "WORD" in {issue.code for issue in issues_of("<<: {scheme: x}\n" + CLEAN)}


def test_scalars_stay_text() -> None:
    fields = read_yaml("a: no\nb: 1.10\nc: 2013-04\nd: 0x10\ne: ~\nf: [1e3]").fields
    texts = [node.text for node in fields.values() if isinstance(node, Word)]
    assert texts == ["no", "1.10", "2013-04", "0x10", "~"]
    assert fields["f"] == Items((Word("1e3", 6),), 6)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    issues: tuple[SchemeIssue, ...] = ()
    try:
        assert isinstance(read_yaml(text), Fields)
    except SchemeRefused as refused:
        issues = refused.issues
    assert all(issue.sentence() for issue in issues)


@given(st.integers(0, len(CLEAN) - 1), st.sampled_from(list("{}[]:,'\"#&*!|>%@` \n-0a")))
def test_a_scheme_with_one_character_changed_never_crashes(at: int, character: str) -> None:
    for issue in issues_of(CLEAN[:at] + character + CLEAN[at + 1 :]):
        assert issue.sentence()
        assert issue.line >= 1


def test_all_that_cannot_be_read_is_said_at_once() -> None:
    text = changed(("version: 1", "version: x"), ("gives: money", "gives: gold"), ("sum(amount)", "sum(("))
    with pytest.raises(SchemeRefused) as refused:
        read_scheme(text)
    assert len(refused.value.issues) == 3
    assert "line 2 [WORD]" in str(refused.value)


def test_what_is_read() -> None:
    scheme = read_scheme(CLEAN)
    assert (scheme.id, scheme.version, scheme.currency, scheme.digits, scheme.score) == (
        "sample",
        1,
        "CNY",
        2,
        "month_score",
    )
    assert (scheme.title["zh"], scheme.title["en"]) == ("样例", "Sample")
    assert [rule.name for rule in scheme.rules][-3:] == ["payment_due", "payment", "payment_carried"]
    assert scheme.payment is not None
    assert (scheme.payment.level, scheme.payment.below_zero) == ("month", "carry")
    assert {pot.name: pot.sign for pot in scheme.pots.values()} == {"earned": 1, "deducted": -1}
