"""Refusals as problem details, sessions of requests, the types of what comes in and goes out."""

import errno
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError, OperationalError

from service.core.errors import Busy
from service.core.http import AsOf, Code, Figure, Instant, KnownAt, Money, WriteSession
from service.core.ids import new_id
from tests.conftest import World
from tests.service.calls import new_finding

API = "/api/v1"


def failing(world: World, failure: Exception | None = None) -> TestClient:
    """Return a client of the app with one more operation, which fails."""

    def fail(session: WriteSession) -> None:
        if failure:
            raise failure

    app: FastAPI = world.app
    app.add_api_route(f"{API}/fail", fail, methods=["POST"])
    app.add_api_route("/fail", fail, methods=["POST"])
    token = world.client("manager").headers["authorization"]
    return TestClient(app, headers={"Authorization": token}, raise_server_exceptions=False)


class LostRace(Exception):
    """What the driver of PostgreSQL raises when a key is there already."""

    sqlstate = "23505"


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (Busy(), 503, "busy"),
        (OSError(errno.ENOSPC, "no space"), 507, "storage_full"),
        (OperationalError("x", {}, Exception("database or disk is full")), 507, "storage_full"),
        (OperationalError("x", {}, Exception("database is locked")), 503, "busy"),
        (IntegrityError("x", {}, LostRace()), 503, "busy"),
        (IntegrityError("x", {}, Exception("secret row")), 500, "internal"),
        (OSError(errno.EIO, "secret path"), 500, "internal"),
        (RuntimeError("secret"), 500, "internal"),
    ],
    ids=repr,
)
def test_failures_are_problems_without_a_trace(world: World, failure: Exception, status: int, code: str) -> None:
    answer = failing(world, failure).post(f"{API}/fail")
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (answer.headers.get("retry-after") == "1") is (status == 503)


def test_elsewhere_a_failure_is_a_page(world: World) -> None:
    answer = failing(world, RuntimeError("secret")).post("/fail")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "secret" not in answer.text


def test_a_refusal_speaks_the_readers_language(world: World) -> None:
    ask = world.client("manager").get
    english, chinese = (ask(f"{API}/plots/none", headers={"Accept-Language": tag}).json() for tag in ("en", "zh-CN"))
    assert english == {
        "status": 404,
        "title": "Not Found",
        "code": "not_found",
        "detail": "Not found, or not yours to see.",
        "details": {},
    }
    assert chinese == english | {"detail": chinese["detail"]}
    assert chinese["detail"] != english["detail"]
    assert ask(f"{API}/plots/none?lang=zh").json() == chinese


@pytest.mark.parametrize(
    ("change", "loc", "code"),
    [
        ({"quantity": "0"}, ["body", "quantity"], "greater_than"),
        ({"quantity": "1.005"}, ["body", "quantity"], "decimal_max_places"),
        ({"secret": 1}, ["body"], "extra_forbidden"),
        ({"text": "secret\x00"}, ["body", "text"], "unreadable_text"),
        ({"text": "x" * 2001}, ["body", "text"], "string_too_long"),
        ({"found_on": "secret"}, ["body", "found_on"], "not_a_day"),
        ({"found_on": "2300-01-01"}, ["body", "found_on"], "less_than_equal"),
        ({"severity": "secret"}, ["body", "severity"], "enum"),
        ({"point": {"longitude": 118.8, "latitude": 91}}, ["body", "point", "latitude"], "less_than_equal"),
    ],
)
def test_a_bad_field_is_named_with_its_limit_but_not_echoed(
    world: World, change: dict[str, Any], loc: list[str], code: str
) -> None:
    body = new_finding("N-1") | change
    for language in ("en", "zh"):
        answer = world.client("inspector").put(f"{API}/findings/{new_id()}?lang={language}", json=body)
        fields = answer.json()["details"]["fields"]
        assert (answer.status_code, [(f["loc"], f["code"]) for f in fields]) == (422, [(loc, code)])
        assert "secret" not in answer.text
        assert "{" not in fields[0]["detail"]


def test_nobody_is_asked_to_sign_in(world: World) -> None:
    answer = world.client().get(f"{API}/me")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_unknown_addresses_and_methods_are_problems(world: World) -> None:
    answers = [world.client("manager").request(method, f"{API}/nowhere") for method in ("GET", "DELETE")]
    answers.append(world.client("manager").delete(f"{API}/plots"))
    assert [answer.status_code for answer in answers] == [404, 404, 405]
    assert answers[2].headers["allow"] == "GET"
    at_a_finding = world.client("manager").delete(f"{API}/findings/{UUID(int=1)}")
    assert at_a_finding.headers["allow"] == "GET, PUT"
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


@pytest.mark.parametrize("path", [f"{API}/docs", f"{API}/openapi.json"])
def test_the_description_is_for_whoever_is_signed_in(world: World, path: str) -> None:
    assert world.client().get(path).status_code == 401
    assert world.client("viewer").get(path).status_code == 200


def test_the_description_loads_our_own_scripts_alone(world: World) -> None:
    page = world.client("viewer").get(f"{API}/docs")
    policy, nonce = page.headers["content-security-policy"], page.text.split('nonce="')[1].split('"')[0]
    assert f"script-src 'nonce-{nonce}'" in policy
    assert "//" not in page.text.replace("<!DOCTYPE html>", "")
    for part in page.text.split('="/static/')[1:]:
        assert world.client().get(f"/static/{part.split(chr(34))[0]}").status_code == 200


def reads(kind: Any) -> Callable[[Any], Any]:
    return TypeAdapter(kind).validate_python


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (AsOf, "2013-08-31", ["1377907200", 1377907200, "2013-8-31", "2013-02-30", "1899-12-31", "9999-12-31", True]),
        (
            KnownAt,
            "2013-08-31T00:00:00+08:00",
            ["1377907200", 1377907200.0, "2013-08-31", "2013-08-31T00:00:00", "1999-12-31T23:59:59Z"],
        ),
        (Instant, "2013-08-31T00:00:00Z", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]),
        (Code, "J2-017", ["", "x" * 81, "a\x00", "\ud800", "a\u202eb", "a\u200fb", 1]),
    ],
)
def test_what_comes_in_is_exact(kind: Any, good: Any, bad: list[Any]) -> None:
    reads(kind)(good)
    for value in bad:
        with pytest.raises(ValidationError):
            reads(kind)(value)


def test_what_goes_out_is_exact() -> None:
    assert Money.of(-5, "CNY").model_dump() == {"amount": "-0.05", "amount_minor": -5, "currency": "CNY"}
    assert Money.of(10**15, "JPY").amount == "1000000000000000"
    written = TypeAdapter(Figure).dump_json
    assert [written(Decimal(text)) for text in ("3.550000", "100", "1E+3", "0.000001", "0")] == [
        b'"3.55"',
        b'"100"',
        b'"1000"',
        b'"0.000001"',
        b'"0"',
    ]
