"""A contract signed over HTTP: once, with all refusals at once, by the same checks as a file."""

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import yaml
from sqlmodel import select

from service.audit_log.queries import events
from service.contracts.bodies import MOST_LINES
from service.contracts.models import ContractLineVersion
from service.core.dates import half_open
from service.exchange.contract_in import ContractFile, import_contract
from service.exchange.texts import open_file, read_document
from tests.conftest import World
from tests.park import amend, changed
from tests.service.calls import new_terms
from tests.service.unsafe import contents

API = "/api/v1/contracts"


def put(world: World, body: dict[str, Any], code: str = "C9", who: str = "manager", language: str = "en") -> Any:
    return world.client(who).put(f"{API}/{code}", json=body, headers={"Accept-Language": language})


def line(plot: str, **said: Any) -> dict[str, Any]:
    return {"plot": plot, "quantity": "10", "unit": "m2", "unit_price": "1"} | said


def issues(answer: Any) -> list[tuple[str, str]]:
    assert (answer.status_code, answer.json()["code"]) == (422, "has_issues"), answer.text
    return [(issue["place"], issue["code"]) for issue in answer.json()["details"]["issues"]]


def test_a_contract_is_signed_once(world: World) -> None:
    body = new_terms()
    body["lines"] = [line("N-1"), line("S-1", **{"from": "2015-01-10"}), line("N-2", until="2015-01-09")]
    first = put(world, body)
    assert first.status_code == 201, first.text
    shown = first.json()
    assert (shown["code"], shown["contractor"], shown["from"], shown["until"]) == (
        "C9",
        "green",
        "2015-01-01",
        "2015-01-31",
    )
    assert shown["parties"] == [{"part": "consultant", "organisation": "eye"}]
    whole = world.client("auditor").get(f"{API}/C9", params={"as_of": "2015-01-20"}).json()
    assert [(row["number"], row["plot"], row["from"], row["until"]) for row in whole["lines"]] == [
        (1, "N-1", "2015-01-01", "2015-01-31"),
        (2, "S-1", "2015-01-10", "2015-01-31"),
    ]
    again = put(world, body, who="manager-2")
    assert (again.status_code, again.json()) == (200, shown)
    spelled = {
        **body,
        "vat_percent": "6.000",
        "lines": [line("N-1", quantity=10, basis="projected"), *body["lines"][1:]],
    }
    assert put(world, spelled).status_code == 200, "the same in other words"


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"zh": "新合同", "en": "Other"}},
        {"contractor": "river"},
        {"parties": {}},
        {"parties": {"supervisor": "eye"}},
        {"until": "2015-02-01"},
        {"day_count": "twelfths"},
        {"rounding": "per_line"},
        {"vat_percent": "9"},
        {"scheme": {"code": "park", "version": 7}},
        {"contractor": "nobody"},
        {"lines": [line("N-1"), line("N-2")]},
        {"lines": [line("N-1", quantity="1000.01", unit_price="3.55", grade="2")]},
        {"lines": [line("N-1", quantity="1000.02", unit_price="3.55", grade="1")]},
        {"lines": [line("N-1", quantity="1000.01", unit_price="3.55", grade="1", until="2015-01-30")]},
        {"lines": {"plots": "all", "quantity": "declared_area", "unit_price": "3.55"}},
    ],
)
def test_other_content_under_its_code_is_refused(world: World, change: dict[str, Any]) -> None:
    assert put(world, new_terms()).status_code == 201
    before = contents(world)
    answer = put(world, new_terms() | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "code_taken")
    assert contents(world) == before


def test_everything_that_is_wrong_is_told_at_once_in_both_languages(world: World) -> None:
    world.client("manager")  # its token is issued
    before = contents(world)
    body = new_terms() | {"contractor": "park", "parties": {"builder": "none"}, "settled": "quarter"}
    body |= {"from": "2013-12-01", "until": "2014-03-31"}
    body["lines"] = [
        line("X-9", grade="9"),
        line("N-1", **{"from": "2014-01-01"}),
        line("S-1", **{"from": "2013-11-30", "until": "2014-01-01"}),
        line("S-2", **{"from": "2014-02-02", "until": "2014-02-01"}),
        line("N-1", **{"from": "2014-03-31"}),
        line("N-2", until="2013-12-31"),
        line("S-2", until="2014-04-01"),
    ]
    english, chinese = put(world, body), put(world, body, language="zh-CN")
    assert issues(english) == [
        ("parties.builder", "unknown_organisation"),
        ("contractor", "not_a_contractor"),
        ("scheme", "other_period"),
        ("lines[0].plot", "unknown_plot"),
        ("lines[0].grade", "unknown_grade"),
        ("lines[2].from", "line_outside"),
        ("lines[3].until", "until_before_from"),
        ("lines[6].until", "line_outside"),
        ("lines[4].plot", "line_twice"),
        ("lines[5].plot", "covered_twice"),
    ]
    assert issues(chinese) == issues(english)
    rows = zip(english.json()["details"]["issues"], chinese.json()["details"]["issues"], strict=True)
    assert all(en["detail"].isascii() and not zh["detail"].isascii() for en, zh in rows)
    assert "lines[1].plot" in english.json()["details"]["issues"][8]["detail"]
    assert contents(world) == before


def test_a_body_that_cannot_be_read_says_where(world: World) -> None:
    body = new_terms() | {"vat_percent": "1e1", "lines": [line("N-1"), line("N-2", quantity="1.001", unit="acre")]}
    answer = put(world, body)
    assert answer.json()["code"] == "invalid_request"
    assert [field["loc"] for field in answer.json()["details"]["fields"]] == [
        ["body", "vat_percent"],
        ["body", "lines", "each", 1, "quantity"],
        ["body", "lines", "each", 1, "unit"],
    ]
    no_lines: list[Any] = [[], None, "lines.csv", {"plots": "some", "quantity": "declared_area", "unit_price": "1"}]
    for lines in no_lines:
        assert put(world, new_terms() | {"lines": lines}).status_code == 422
    for version in (True, 1.0, "one"):
        assert put(world, new_terms() | {"scheme": {"code": "park", "version": version}}).status_code == 422
    assert put(world, new_terms() | {"until": "2014-12-31"}).json()["code"] == "until_before_from"


def test_what_another_contract_covers_is_refused_with_its_place(world: World) -> None:
    assert put(world, new_terms()).status_code == 201
    body = new_terms() | {"lines": [line("S-1"), line("N-1", **{"from": "2015-01-31"})]}
    assert issues(put(world, body, "C10")) == [("lines[1].plot", "covered_twice")]


def test_every_plot_of_the_register_at_one_price(world: World) -> None:
    body = new_terms() | {"lines": {"plots": "all", "quantity": "declared_area", "unit_price": "2.10"}}
    first = put(world, body)
    assert first.status_code == 201
    assert {row["plot"] for row in first.json()["lines"]} == set(world.plots)
    assert put(world, body).status_code == 200
    body["lines"]["unit_price"] = "2.11"
    assert put(world, body).status_code == 409


def test_an_amended_contract_is_still_the_one_that_was_signed(world: World) -> None:
    assert put(world, new_terms()).status_code == 201
    days = half_open(date(2015, 1, 15), date(2015, 1, 31))
    world.act("manager", amend, "C9", changed("N-1", days, quantity="5"))
    again = put(world, new_terms())
    assert again.status_code == 200
    assert put(world, new_terms() | {"vat_percent": "9"}).status_code == 409


def test_a_file_and_a_body_sign_the_same(world: World, tmp_path: Path) -> None:
    """What came as a file is the very same again as a body; what came as a body is taken for a file."""
    body = new_terms()
    (tmp_path / "lines.csv").write_text("plot,quantity,unit,basis,unit_price,grade\nN-1,1000.01,m2,,3.55,1\n")
    path = tmp_path / "contract.yaml"
    path.write_text(yaml.safe_dump({**body, "contract": "C9", "lines": "lines.csv"}, allow_unicode=True))
    file = open_file(path)
    world.act("manager", import_contract, file, read_document(file, ContractFile))
    assert put(world, body).status_code == 200
    assert put(world, body | {"rounding": "per_line"}).status_code == 409


def test_signing_is_in_the_log_with_its_lines(world: World) -> None:
    assert put(world, new_terms()).status_code == 201
    assert put(world, new_terms()).status_code == 200
    with world.session("auditor") as session:
        signed = events(session, after=0, limit=10_000, verb="contract.sign")
    with world.session("auditor") as session:
        versions = session.exec(select(ContractLineVersion)).all()
    assert len(signed) == 3, "two of the park and this one, once"
    assert len(versions) == 4


def test_so_many_lines_of_one_plot_are_no_contract(world: World) -> None:
    """Each line of a plot is compared with each: 5,000 of them would hold up everybody who writes."""
    body = new_terms() | {"until": "2034-12-31"}
    first = date(2015, 1, 1).toordinal()
    days = [str(date.fromordinal(first + n)) for n in range(MOST_LINES)]
    body["lines"] = [line("N-1", **{"from": day, "until": day}) for day in days]
    begun = perf_counter()
    assert issues(put(world, body)) == [("lines[100].plot", "too_many_lines")]
    assert perf_counter() - begun < 5
    body["lines"] = body["lines"][:100]
    assert put(world, body).status_code == 201
