"""People send a file, look at its dry run, and decide."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from service.core.ids import new_id
from service.plots.queries import plots_by_code
from tests.conftest import World
from tests.service.exchange.test_uploads import check, feature, geojson, left, table
from tests.service.web.visitor import read, signed_in

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def march(world: World) -> World:
    world.on(date(2013, 3, 4))
    return world


def send(browser: TestClient, content: bytes, name: str = "plots.geojson", **fields: Any) -> Response:
    form = {"kind": "plots", "valid_from": "2013-03-01", "client_id": str(new_id())} | fields
    files = fields.pop("files", {"file": (name, content, "application/octet-stream")})
    form.pop("files", None)
    return browser.post("/uploads/new", data=form, files=files)


def acted(browser: TestClient, page: Response, act: str, address: str) -> Response:
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    return browser.post(f"{address}/{act}", data={"seen": seen})


def test_a_file_is_sent_looked_at_and_confirmed(march: World) -> None:
    browser = signed_in(march, "manager")
    again = str(new_id())
    content = geojson(feature("P-1", name_en=MARKUP), feature("N-1", 118.82))
    first, second = (send(browser, content, client_id=again) for _ in range(2))
    assert first.status_code == second.status_code == 303
    address = first.headers["location"]
    assert second.headers["location"] == address
    assert len(left(march)) == 1
    waits = browser.get(address)
    assert 'http-equiv="refresh"' in waits.text
    assert "Confirm import" not in waits.text
    check(march)
    page = browser.get(address)
    assert 'http-equiv="refresh"' not in page.text
    assert "Nothing is written until you confirm." in page.text
    assert MARKUP not in page.text
    assert read(page.text).handlers == []
    assert "P-1" not in march.read("manager", plots_by_code)
    assert acted(browser, page, "confirm", address).status_code == 303
    assert "P-1" in march.read("manager", plots_by_code)
    done = browser.get(address).text
    assert "as its dry run had shown it" in done
    assert "Confirm import" not in done
    assert left(march) == []


def test_issues_stand_by_row_in_both_languages(march: World) -> None:
    browser = signed_in(march, "manager")
    address = send(browser, geojson(feature("P-1", zone=MARKUP))).headers["location"]
    check(march)
    english = browser.get(address)
    assert "Mend what is listed below" in english.text
    assert MARKUP not in english.text
    assert "There is no zone &lt;img src=x" in english.text
    assert "gk-map" in english.text
    assert "没有片区" in browser.get(f"{address}?lang=zh").text
    assert "Confirm import" not in english.text


def test_what_changed_meanwhile_is_said_and_not_written(march: World) -> None:
    browser = signed_in(march, "manager")
    address = send(browser, geojson(feature("N-1", 118.82))).headers["location"]
    check(march)
    page = browser.get(address)
    other = send(signed_in(march, "manager-2"), geojson(feature("N-1", 118.85))).headers["location"]
    check(march)
    colleague = signed_in(march, "manager-2")
    assert acted(colleague, colleague.get(other), "confirm", other).status_code == 303
    refused = acted(browser, page, "confirm", address)
    assert refused.status_code == 409
    assert "The records have changed since the dry run; nothing was written." in refused.text
    assert acted(browser, page, "check", address).status_code == 303
    check(march)
    stale = acted(browser, page, "confirm", address)
    assert stale.status_code == 409
    assert "has changed since you read it" in stale.text
    assert acted(browser, browser.get(address), "confirm", address).status_code == 303


def test_a_dropped_file_leaves_nothing(march: World) -> None:
    browser = signed_in(march, "manager")
    address = send(browser, geojson(feature("P-1"))).headers["location"]
    assert acted(browser, browser.get(address), "cancel", address).status_code == 303
    assert left(march) == []
    check(march)
    assert "The file was dropped." in browser.get(address).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"files": {}}, "Choose a file."),
        ({"kind": "contract"}, "Choose what the file holds."),
        ({"valid_from": "soon"}, "Give the day as year-month-day"),
        ({"name": "plots.kml"}, "plots come as .gpkg, .geojson, .json, .zip, .csv."),
        ({"name": "p\u202elots.csv"}, "holds control characters"),
        ({"content": b""}, "The file is empty."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(march: World, fields: dict[str, Any], sentence: str) -> None:
    answer = send(signed_in(march, "manager"), **({"content": geojson(feature("P-1"))} | fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert left(march) == []


def test_a_layout_maps_foreign_columns(march: World) -> None:
    browser = signed_in(march, "manager")
    content = table(("id", "when", "mark"), ("N-1", "2013-02", "45"))
    layout = b"columns: {plot: id, period: when, score: mark}\nscale: 50\n"
    files = {"file": ("scores.csv", content, "text/csv"), "layout": ("layout.yaml", layout, "text/yaml")}
    address = send(browser, b"", kind="scores", files=files).headers["location"]
    check(march)
    page = browser.get(address)
    assert "No error was found." in page.text
    wrong = files | {"layout": ("layout.yaml", b"colours: {}\n", "text/yaml")}
    refused = send(browser, b"", kind="scores", files=wrong)
    assert (refused.status_code, "There is a field here that is not known." in refused.text) == (422, True)


def test_nobody_else_sends_files_in(march: World) -> None:
    for who in ("inspector", "auditor", "green-1"):
        browser = signed_in(march, who)
        assert send(browser, geojson(feature("P-1"))).status_code == 403
        assert 'href="/uploads/new"' not in browser.get("/map").text
    assert left(march) == []
    assert signed_in(march, "auditor").get("/uploads").status_code == 200
