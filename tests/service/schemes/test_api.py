"""Schemes over HTTP."""

from hashlib import sha256
from typing import Any

import pytest

from service.schemes.reader import MAX_BYTES
from tests.conftest import World
from tests.park import SCHEME

API = "/api/v1/schemes"


def test_a_scheme_is_given_word_for_word(world: World) -> None:
    row = world.client("green-1").get(f"{API}/park/1").json()
    assert row["text"] == SCHEME
    assert row["sha256"] == sha256(SCHEME.encode()).hexdigest()
    listed = world.client("viewer").get(API).json()["items"]
    assert [(item["code"], item["version"], "text" in item) for item in listed] == [("park", 1, False)]


def test_a_version_that_is_not_there(world: World) -> None:
    for path in ("park/2", "none/1", "park/0"):
        assert world.client("viewer").get(f"{API}/{path}").status_code == 404
    for path in ("park/one", "park/-1", f"park/{2**63}"):
        assert world.client("viewer").get(f"{API}/{path}").status_code == 422


SECOND = SCHEME.replace("version: 1\n", "version: 2\n")


def put(world: World, text: str, path: str = "park/2", who: str = "manager", language: str = "en") -> Any:
    return world.client(who).put(f"{API}/{path}", json={"text": text}, headers={"Accept-Language": language})


def test_a_version_is_entered_once(world: World) -> None:
    first = put(world, SECOND)
    assert (first.status_code, first.json()["text"], first.json()["version"]) == (201, SECOND, 2)
    again = put(world, SECOND, who="manager-2")
    assert (again.status_code, again.json()) == (200, first.json())
    other = put(world, SECOND.replace("Test scheme", "Another"))
    assert (other.status_code, other.json()["code"]) == (409, "code_taken")
    assert world.client("viewer").get(f"{API}/park/2").json() == first.json()


def test_the_address_says_what_the_text_says(world: World) -> None:
    for path in ("park/3", "other/2"):
        answer = put(world, SECOND, path)
        assert (answer.status_code, answer.json()["code"]) == (422, "other_scheme")
        assert answer.json()["details"]["scheme"] == "park v2"
    assert "文本" in put(world, SECOND, "park/3", language="zh").json()["detail"]


def test_all_that_is_wrong_with_a_text_is_told_by_line(world: World) -> None:
    wrong = SECOND.replace("round: ", "rounds: ").replace("from: findings", "from: nothing")
    lines = [n for n, line in enumerate(wrong.splitlines(), start=1) if "rounds: " in line]
    told = {}
    for language in ("en", "zh"):
        answer = put(world, wrong, language=language)
        assert (answer.status_code, answer.json()["code"]) == (422, "scheme_refused")
        told[language] = answer.json()["details"]["issues"]
    places = [row["place"] for row in told["en"]]
    assert {f"line {n}" for n in lines} <= set(places)
    assert len(places) >= len(lines)
    assert [(row["place"], row["code"]) for row in told["zh"]] == [(row["place"], row["code"]) for row in told["en"]]
    assert all(zh["detail"] != en["detail"] for zh, en in zip(told["zh"], told["en"], strict=True))
    assert world.client("viewer").get(f"{API}/park/2").status_code == 404


@pytest.mark.parametrize(
    "text", ["", "x" * (MAX_BYTES + 1), "a: &x 1\nb: *x\n", "scheme: [", "just words", "区" * 300_000]
)
def test_what_is_no_scheme_is_refused(world: World, text: str) -> None:
    assert put(world, text).status_code in (413, 422)


def test_an_example_that_stops_says_why_in_both_languages(world: World) -> None:
    """The reason is a sentence of its own: it comes in the language of the sentence around it."""
    sample = SECOND.replace("100 - sum(lost)", "100 / sum(lost)")
    for language, word in (("en", "stops"), ("zh", "停止")):
        rows = put(world, sample, language=language).json()["details"]["issues"]
        assert any(word in row["detail"] for row in rows), rows
