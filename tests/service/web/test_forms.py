"""What people do on pages: file, act, settle."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from threading import Barrier
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from PIL import Image

from service.core.ids import new_id
from service.findings.queries import finding_by_id, findings
from service.findings.rules import State
from service.settlement.queries import statement_by_code
from tests.conftest import World
from tests.service.web.visitor import read, signed_in

FIELDS = {
    "plot": "N-1",
    "type": "litter",
    "quantity": "2",
    "severity": "minor",
    "text": "Two bags beside the bench",
    "lon": "",
    "lat": "",
    "found_on": "2013-02-04",
}


@pytest.fixture
def february(world: World) -> World:
    world.on(date(2013, 2, 4))
    return world


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (20, 20), (90, 140, 60)).save(out, "JPEG")
    return out.getvalue()


def test_a_form_sent_twice_files_once(february: World) -> None:
    browser = signed_in(february, "inspector")
    form = FIELDS | {"client_id": str(new_id())}
    files = {"photos": ("a.jpg", picture(), "image/jpeg")}
    first, second = (browser.post("/findings/new", data=form, files=files) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    [record] = february.read("inspector", findings)
    assert (record.finding.text, str(record.finding.quantity)) == (FIELDS["text"], "2.00")
    page = browser.get(first.headers["location"])
    assert "The picture is being made." in page.text
    assert read(page.text).images == []


def test_a_form_sent_twice_at_the_same_moment_files_once(february: World) -> None:
    browser = signed_in(february, "inspector")
    for _ in range(5):
        form, together = FIELDS | {"client_id": str(new_id())}, Barrier(2)

        def send(form: dict[str, str] = form, together: Barrier = together) -> Response:
            together.wait()
            return browser.post("/findings/new", data=form)

        with ThreadPoolExecutor(2) as pool:
            first, second = (sent.result() for sent in [pool.submit(send), pool.submit(send)])
        assert (first.status_code, second.status_code) == (303, 303)
        assert first.headers["location"] == second.headers["location"]
    assert len(february.read("inspector", findings)) == 5


def test_what_is_wrong_is_said_at_its_field_and_kept(february: World) -> None:
    browser = signed_in(february, "inspector")
    form = FIELDS | {"quantity": "many", "lon": "118.8", "type": "", "client_id": str(new_id())}
    answer = browser.post("/findings/new", data=form)
    assert answer.status_code == 422
    assert "The quantity is a plain number above 0" in answer.text
    assert "Longitude and latitude belong together" in answer.text
    assert 'value="many"' in answer.text
    assert FIELDS["text"] in answer.text
    assert "<title>Error:" in answer.text.replace("\n", "")
    assert february.read("inspector", findings) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lon": "119.5", "lat": "31.9"}, "outside the plot"),
        ({"found_on": "2013-02-05"}, "later than today"),
        ({"plot": "S-1"}, "Choose the plot"),
        ({"found_on": "0001-01-01"}, "in the years 1900 to 2199"),
        ({"found_on": "20130204"}, "Give the day as year-month-day"),
        ({"found_on": "2013-W06-1"}, "Give the day as year-month-day"),
        ({"found_on": "1999-12-31"}, "The plot N-1 is not in the register on 1999-12-31."),
        ({"plot": "N-1\x00"}, "such as control characters"),
        ({"plot": "N-1\x1b"}, "Choose the plot"),
        ({"quantity": "NaN"}, "The quantity is a plain number"),
        ({"quantity": "1,5"}, "The quantity is a plain number"),
        ({"quantity": "1000000000000"}, "The quantity is a plain number"),
        ({"lon": "1_18.8", "lat": "31.9"}, "Longitude and latitude belong together"),
        ({"text": "bell \x07"}, "without control characters"),
        ({"text": "x" * 2001}, "at most 2,000 characters"),
        ({"client_id": "1"}, "The form did not arrive whole"),
    ],
)
def test_the_rules_speak_in_the_form(february: World, change: dict[str, str], sentence: str) -> None:
    browser = signed_in(february, "inspector")
    answer = browser.post("/findings/new", data=FIELDS | {"client_id": str(new_id())} | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert february.read("inspector", findings) == []


def test_a_file_that_is_no_picture_is_refused_before_anything_is_filed(february: World) -> None:
    browser = signed_in(february, "inspector")
    files = {"photos": ("a.jpg", b"<html>", "image/jpeg")}
    answer = browser.post("/findings/new", data=FIELDS | {"client_id": str(new_id())}, files=files)
    assert answer.status_code == 422
    assert "a.jpg (0.0 MB) cannot be taken: only JPEG, PNG and WebP pictures of at most 15 MB." in answer.text
    assert february.read("inspector", findings) == []


def test_all_that_is_wrong_with_fields_and_photos_is_said_at_once(february: World) -> None:
    browser = signed_in(february, "inspector")
    bad = ("<b>.txt", b"<html>", "text/plain")
    files = [("photos", bad), ("photos", ("good.jpg", picture(), "image/jpeg")), ("photos", ("b.pdf", b"%PDF", ""))]
    form = {"plot": "N-1", "quantity": "1e3", "found_on": "2013-02-05", "lon": "118.9", "lat": "31.9"}
    answer = browser.post("/findings/new", data=form | {"client_id": str(new_id())}, files=files)
    assert answer.status_code == 422
    found = re.findall(r'<li><a href="#(\w+)">(.*?)</a>', answer.text)
    assert [name for name, _ in found] == ["photos", "type", "quantity", "severity", "lon", "found_on"]
    told = dict(found)
    assert told["photos"].startswith("&lt;b&gt;.txt (0.0 MB) cannot be taken")
    assert "b.pdf (0.0 MB)" in told["photos"]
    assert "good.jpg" not in told["photos"]
    assert "outside the plot" in told["lon"]
    assert "later than today" in told["found_on"]
    assert not [path for path in (february.folder / "files").rglob("*") if path.is_file()]


def test_what_has_to_be_filled_in_is_marked_and_the_rest_may_stay_empty(february: World) -> None:
    browser = signed_in(february, "inspector")
    page = browser.get("/findings/new?type=litter&plot=N-1").text
    marked = re.findall(r"<(?:label|legend)[^>]*>([^<]*) <small>required</small>", page)
    assert marked == ["Plot", "What is the problem", "Quantity", "Severity", "Found on"]
    assert re.search(r'value="litter"[^>]* checked', page)
    least = FIELDS | {"text": "", "client_id": str(new_id())}
    assert browser.post("/findings/new", data=least).status_code == 303


def test_the_point_of_the_address_finds_its_plot(february: World) -> None:
    browser = signed_in(february, "inspector")
    chosen = [
        re.findall(r'<option value="([^"]+)"[^>]* selected', browser.get(f"/findings/new?{point}").text)
        for point in ("lon=118.8005&lat=31.9004", "lon=118.7999&lat=31.9004", "lon=118.9&lat=31.9", "lon=x&lat=31.9")
    ]
    assert [codes[:1] for codes in chosen] == [["N-1"], ["N-1"], [], []]


def test_the_words_come_as_they_were_typed(february: World) -> None:
    browser = signed_in(february, "inspector")
    form = FIELDS | {"text": "one\r\ntwo 树木", "client_id": str(new_id())}
    assert browser.post("/findings/new", data=form).status_code == 303
    assert february.read("inspector", findings)[0].finding.text == "one\ntwo 树木"
    torn = urlencode(FIELDS | {"text": b"\xed\xa0\x80", "client_id": str(new_id())})
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post("/findings/new", content=torn, headers=sent).status_code == 422
    assert len(february.read("inspector", findings)) == 1


def test_nobody_fills_the_store_with_photos_of_what_is_not_theirs(february: World) -> None:
    finding = february.file("N-1")
    code = february.read("manager", finding_by_id, finding).finding.code
    for who, status in (("viewer", 403), ("inspector-s", 404)):
        files = {"photos": ("b.jpg", picture(), "image/jpeg")}
        assert signed_in(february, who).post(f"/findings/{code}/photos", files=files).status_code == status
    assert not [path for path in (february.folder / "files").rglob("*") if path.is_file()]


def test_steps_are_taken_by_those_who_may(february: World) -> None:
    finding = february.file("N-1")
    code = february.read("manager", finding_by_id, finding).finding.code
    inspector, supervisor = signed_in(february, "inspector"), signed_in(february, "supervisor")
    assert "/acts/confirm" not in inspector.get(f"/findings/{code}").text
    assert "/acts/confirm" in supervisor.get(f"/findings/{code}").text
    assert inspector.post(f"/findings/{code}/acts/confirm", data={"seen": "1"}).status_code == 403
    assert supervisor.post(f"/findings/{code}/acts/confirm", data={"seen": "1"}).status_code == 303
    assert february.read("manager", finding_by_id, finding).state is State.CONFIRMED
    contractor = signed_in(february, "green-1")
    page = contractor.get(f"/findings/{code}").text
    assert "/acts/report_cured" in page
    assert contractor.post(f"/findings/{code}/acts/report_cured", data={"seen": "2", "note": "done"}).status_code == 303
    assert "done" in supervisor.get(f"/findings/{code}").text


def test_a_step_on_an_old_page_is_refused(february: World) -> None:
    finding = february.file("N-1")
    code = february.read("manager", finding_by_id, finding).finding.code
    february.confirm(finding)
    manager = signed_in(february, "manager")
    answer = manager.post(f"/findings/{code}/acts/withdraw", data={"seen": "1"})
    assert answer.status_code == 412
    assert "Changed meanwhile" in answer.text
    assert february.read("manager", finding_by_id, finding).state is State.CONFIRMED


def test_photos_can_be_added_later(february: World) -> None:
    finding = february.file("N-1")
    code = february.read("manager", finding_by_id, finding).finding.code
    browser = signed_in(february, "inspector")
    files = {"photos": ("b.jpg", picture(), "image/jpeg")}
    assert browser.post(f"/findings/{code}/photos", files=files).status_code == 303
    assert "The picture is being made." in browser.get(f"/findings/{code}").text


def test_two_people_settle_a_month(february: World) -> None:
    first, second = signed_in(february, "manager"), signed_in(february, "manager-2")
    assert "Prepare January 2013" in first.get("/statements").text
    answer = first.post("/statements", data={"contract": "C1", "first": "2013-01-01"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/statements/C1-2013-01")
    own, other = first.get("/statements/C1-2013-01").text, second.get("/statements/C1-2013-01").text
    assert "You prepared this statement" in own
    assert "/approve" not in own
    payable = february.read("manager", statement_by_code, "C1-2013-01").statement.payable_minor
    amount = f"{payable // 100:,}.{payable % 100:02}"
    assert f"Approve CNY {amount}" in other
    assert first.post("/statements/C1-2013-01/approve").status_code == 403
    assert second.post("/statements/C1-2013-01/approve").status_code == 303
    assert second.post("/statements/C1-2013-01/approve").status_code == 409
    assert "approval no. 1" in second.get("/statements/C1-2013-01").text


def test_a_statement_is_sent_back_with_a_reason(february: World) -> None:
    february.prepare("C1", 1)
    second = signed_in(february, "manager-2")
    assert second.post("/statements/C1-2013-01/send-back", data={"reason": ""}).status_code == 422
    assert second.post("/statements/C1-2013-01/send-back", data={"reason": "wrong price"}).status_code == 303
    assert "wrong price" in second.get("/statements/C1-2013-01").text
    assert "Prepare January 2013" in second.get("/statements").text


def test_an_unknown_period_is_refused(february: World) -> None:
    answer = signed_in(february, "manager").post("/statements", data={"contract": "C1", "first": "2013-01-15"})
    assert answer.status_code == 422
