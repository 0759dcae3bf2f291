"""Sentences in both languages."""

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.issue import REASONS, SENTENCES
from service.core.i18n import LANGUAGES, Phrase, catalogue, gettext, language_of, translate


def names(sentence: object) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(str(sentence)) if name is not None}


def test_placeholders_are_the_same_in_both_languages() -> None:
    differing = [m.id for m in catalogue("zh") if m.id and names(m.id) != names(m.string)]
    assert differing == []


def test_every_translation_can_be_filled() -> None:
    for message in catalogue("zh"):
        if message.id:
            details = {name.split(".")[0].split("[")[0]: 1.5 for name in names(message.id)}
            assert translate(str(message.id), "zh", details)
            assert translate(str(message.id), "en", details)


@pytest.mark.parametrize("sentence", [*SENTENCES.values(), *REASONS])
def test_what_is_said_of_geometries_has_its_chinese(sentence: str) -> None:
    assert gettext(sentence, "zh") != sentence
    assert not gettext(sentence, "zh").isascii()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("zh", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr, de;q=0.7, zh;q=0.1", "zh"), ("EN-gb", "en"),
        ("zh_CN.UTF-8", "zh"), ("C.UTF-8", "en"), ("*", "en"), (",,;q=", "en"), (" ZH-Hant ", "zh"), ("\x00", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_first_that_is_ours(header: str, language: str) -> None:
    assert language_of(header) == language


@given(st.text(max_size=60))
def test_any_header_has_a_language(header: str) -> None:
    assert language_of(header) in LANGUAGES


def test_a_phrase_is_translated_with_its_sentence_and_other_text_is_not() -> None:
    sentence, word = "The geometry is not valid: {reason}.", "Self-intersection"
    assert word not in translate(sentence, "zh", {"reason": Phrase(word)})
    assert word in translate(sentence, "zh", {"reason": word})
    assert translate(sentence, "en", {"reason": Phrase(word)}) == "The geometry is not valid: Self-intersection."


def test_braces_in_a_detail_are_text() -> None:
    assert "{secret} {0}" in translate("There is no zone {zone}.", "en", {"zone": "{secret} {0}"})


def test_an_unknown_sentence_stays_english() -> None:
    assert translate("No such sentence.", "zh", {}) == "No such sentence."
