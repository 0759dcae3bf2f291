"""What is refused before the framework sees it, and what every answer carries."""

import json

import pytest

from service.core.guard import DEPTH, FORM_BYTES, JSON_BYTES, NotJson, refuse_loose_json
from service.core.ids import new_id
from tests.conftest import World
from tests.service.calls import new_finding

PATH = "/api/v1/findings/{}"
ALWAYS = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin"}


LOOSE = (
    b"NaN",
    b"[Infinity]",
    b'{"a": -Infinity}',
    b"1e999",
    b'{"a": 1, "a": 1}',
    b'{"b": {"a": 1, "a": 1}}',
    b'"\\ud800"',
    b'{"\\udfff": 1}',
    b"\xff",
    "{}".encode("utf-16"),
    b"\xef\xbb\xbf{}",
    b"",
    b"{",
    b"1" + b"0" * 5000,
    b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1),
    b"[" * 200_000,
)


@pytest.mark.parametrize("body", LOOSE, ids=lambda body: repr(body[:20]))
def test_loose_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        refuse_loose_json(body)


@pytest.mark.parametrize(
    "body", [b"{}", b"[" * DEPTH + b"]" * DEPTH, json.dumps({"a": "\U0001f333[[[["}).encode(), b"1e99"]
)
def test_strict_json_passes(body: bytes) -> None:
    refuse_loose_json(body)


def test_each_body_has_its_limit(world: World) -> None:
    inspector, path = world.client("inspector"), PATH.format(new_id())
    long = json.dumps(new_finding("N-1") | {"text": "x" * JSON_BYTES}).encode()
    answers = [
        inspector.put(path, content=long, headers={"Content-Type": "application/json"}),
        inspector.put(f"{path}/photos/{'0' * 64}", content=b"x" * (FORM_BYTES + 1)),
        inspector.post("/findings/new", content=iter([b"x" * 9_000_000] * 2)),
    ]
    assert [answer.status_code for answer in answers] == [413, 413, 413]
    assert answers[0].json()["details"] == {"limit": str(JSON_BYTES)}


def test_the_api_takes_json_alone(world: World) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/json-seq", ""):
        answer = world.client("inspector").put(
            PATH.format(new_id()), content=b"{}", headers={"Content-Type": media_type}
        )
        assert (answer.status_code, answer.json()["code"]) == (415, "wrong_content_type")


@pytest.mark.parametrize(
    "path", ["/api/v1/me", "/api/v1/plots/none", "/nowhere", "/api/v1/plots?limit=0", "/sign-in/x"]
)
@pytest.mark.parametrize("who", ["", "manager"])
def test_every_answer_carries_the_headers(world: World, path: str, who: str) -> None:
    headers = world.client(who).get(path).headers
    assert {name: headers[name] for name in ALWAYS} == ALWAYS
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_an_address_with_nul_is_refused(world: World) -> None:
    for path in ("/api/v1/plots/a%00b", "/api/v1/plots?zone=%00", "/plots?q=%00"):
        assert world.client("manager").get(path).status_code == 422
