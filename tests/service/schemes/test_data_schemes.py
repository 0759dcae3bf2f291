"""The scheme files that come with the program, and the reference that describes their language."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from service.schemes import language, sections
from service.schemes.checker import check_scheme
from service.schemes.examples import run_examples
from service.schemes.facts import TABLES
from service.schemes.functions import FUNCTIONS
from service.schemes.language import read_scheme
from service.schemes.model import GIVES
from service.schemes.periods import LEVELS

FILES = sorted(path.name for path in files("data").joinpath("schemes").iterdir() if path.name.endswith(".yaml"))
REFERENCE = (Path(__file__).parents[3] / "docs" / "schemes.md").read_text("utf-8")
SOURCES = sorted((Path(__file__).parents[3] / "service" / "schemes").glob("*.py"))


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_scheme_is_clean_and_its_examples_hold(name: str) -> None:
    scheme = read_scheme(files("data").joinpath("schemes", name).read_text("utf-8"))
    assert scheme.id == name.removesuffix(".yaml")
    assert {issue.code for issue in check_scheme(scheme)} <= {"CLIFF"}
    assert all(result.differences == [] for result in run_examples(scheme))
    assert len(scheme.examples) >= 4
    assert scheme.assumptions
    for rule in scheme.rules:
        assert rule.title is not None
        assert rule.title.zh != rule.title.en
        assert rule.clause or rule.step == "payment"


def test_the_cliff_of_the_founding_scheme_is_said() -> None:
    scheme = read_scheme(files("data").joinpath("schemes", "jn-2012.yaml").read_text("utf-8"))
    (issue,) = check_scheme(scheme)
    assert issue.sentence().startswith("score_deduction: at 90 it is 0.00, at 89.9 it is 5050.00")


def test_the_reference_has_every_word_function_table_column_and_code() -> None:
    words = {*language.TOP_NEEDED, *language.TOP_FREE, *language.RULE_NEEDED, *language.RULE_FREE}
    words |= {*language.RULE_BESIDE, *GIVES, *LEVELS, *sections.TABLE_KINDS, *FUNCTIONS, *TABLES}
    words |= {column for table in TABLES.values() for column in table.columns}
    said = set(re.findall(r"`([^`]+)`", re.sub(r"(?s)```.*?```", "", REFERENCE)))
    said_words = {word for text in said for word in re.findall(r"\w+", text)}
    assert words - said_words == set()
    for function in FUNCTIONS.values():
        assert all(f"`{signature}`" in REFERENCE for signature in re.findall(r"\w+\([^)]*\)", function.signature))
    codes = set()
    for source in SOURCES:
        codes |= set(
            re.findall(
                r'(?:note|say|refuse|SchemeIssue|ExpressionRefused)\(\s*"([A-Z][A-Z-]+)"', source.read_text("utf-8")
            )
        )
    assert codes
    assert {code for code in codes if f"`{code}`" not in REFERENCE} == set()


def test_the_schemes_of_the_reference_are_clean() -> None:
    texts = re.findall(r"```yaml\n(scheme: .*?)```", REFERENCE, re.DOTALL)
    assert texts
    for text in texts:
        assert [issue.sentence() for issue in check_scheme(read_scheme(text)) if not issue.warning] == []
