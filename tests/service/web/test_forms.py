"""What people do on pages: file, act, settle."""

from datetime import date
from io import BytesIO

import pytest
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


def test_what_is_wrong_is_said_at_its_field_and_kept(february: World) -> None:
    browser = signed_in(february, "inspector")
    form = FIELDS | {"quantity": "many", "lon": "118.8", "type": "", "client_id": str(new_id())}
    answer = browser.post("/findings/new", data=form)
    assert answer.status_code == 422
    assert "The quantity is a number above 0" in answer.text
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
        ({"quantity": "NaN"}, "The quantity is a number"),
        ({"text": "bell \x07"}, "Say in a few words"),
    ],
)
def test_the_rules_speak_in_the_form(february: World, change: dict[str, str], sentence: str) -> None:
    browser = signed_in(february, "inspector")
    answer = browser.post("/findings/new", data=FIELDS | change | {"client_id": str(new_id())})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert february.read("inspector", findings) == []


def test_a_file_that_is_no_picture_is_refused_before_anything_is_filed(february: World) -> None:
    browser = signed_in(february, "inspector")
    files = {"photos": ("a.jpg", b"<html>", "image/jpeg")}
    answer = browser.post("/findings/new", data=FIELDS | {"client_id": str(new_id())}, files=files)
    assert answer.status_code == 422
    assert "Only JPEG" in answer.text
    assert february.read("inspector", findings) == []


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
