"""The form that files a document on a record's page."""

import re
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.core.ids import new_id
from service.documents.queries import documents
from service.documents.rules import MAY_FILE, On
from service.evidence.rules import PHOTO_BYTES
from service.findings.queries import finding_by_id
from tests.conftest import World
from tests.service.web.visitor import signed_in

PDF = b"%PDF-1.7\n1 0 obj\n"
FIELDS = {"kind": "invoice", "title": "发票 1/2013", "dated_on": "2013-01-18"}
FILE = {"file": ("invoice.pdf", PDF, "application/pdf")}
ROLES = {"viewer": "viewer", "inspector": "inspector", "supervisor": "supervisor", "green-1": "contractor"}
ROLES |= {"manager": "manager", "auditor": "auditor", "admin": "admin"}


@pytest.fixture
def pages(world: World) -> dict[On, str]:
    """Return a page of each kind of record, all of them on 2 February 2013."""
    world.on(date(2013, 1, 20))
    finding = world.file("N-1")
    world.confirm(finding)
    world.on(date(2013, 2, 2))
    world.settle("C1", 1)
    code = world.read("manager", finding_by_id, finding).finding.code
    return {
        On.CONTRACT: "/contracts/C1",
        On.PLOT: "/plots/N-1",
        On.FINDING: f"/findings/{code}",
        On.STATEMENT: "/statements/C1-2013-01",
    }


def send(browser: TestClient, page: str, change: dict[str, str] | None = None, files: Any = FILE) -> Any:
    return browser.post(page, data=FIELDS | {"client_id": str(new_id())} | (change or {}), files=files)


def nothing_kept(world: World) -> bool:
    kept = [path for path in (world.folder / "files").rglob("*") if path.is_file()]
    return not kept and world.read("auditor", documents) == []


def test_whoever_may_file_one_finds_the_form_and_others_do_not(world: World, pages: dict[On, str]) -> None:
    for who, role in ROLES.items():
        browser = signed_in(world, who)
        for on, page in pages.items():
            answer = browser.get(page)
            if answer.status_code == 404:
                continue
            may = role in MAY_FILE[on]
            assert (f'action="{page}#documents"' in answer.text) is may, f"{who} {page}"
            assert ("File a document" in answer.text) is may
    past = signed_in(world, "manager").get(f"{pages[On.CONTRACT]}?as_of=2013-01-20").text
    assert "File a document" not in past


def test_what_is_filed_stands_on_the_page_and_twice_sent_is_once_filed(world: World, pages: dict[On, str]) -> None:
    browser = signed_in(world, "manager")
    for on, page in pages.items():
        same = {"client_id": str(new_id())}
        first, second = (send(browser, page, same) for _ in range(2))
        assert first.status_code == second.status_code == 303, first.text
        assert first.headers["location"] == second.headers["location"] == f"{page}#documents"
        assert "发票 1/2013" in browser.get(page).text
        [record] = [record for record in world.read("auditor", documents) if record.on is on]
        assert (record.document.kind, record.document.dated_on) == ("invoice", date(2013, 1, 18))
    assert send(browser, pages[On.PLOT], {"dated_on": ""}).status_code == 303


@pytest.mark.parametrize(
    ("change", "file", "field", "sentence"),
    [
        ({}, None, "file", "Choose a file."),
        ({}, b"", "file", "Choose a file."),
        ({}, b"<html>", "file", "Only PDF files and JPEG, PNG and WebP pictures of at most 15 MB."),
        ({}, PDF + b"x" * PHOTO_BYTES, "file", "Only PDF files and JPEG, PNG and WebP pictures of at most 15 MB."),
        ({"kind": ""}, PDF, "kind", "Choose what the document is."),
        ({"kind": "bribe"}, PDF, "kind", "Choose what the document is."),
        ({"title": ""}, PDF, "title", "Give a title of at most 80 characters"),
        ({"title": "x" * 81}, PDF, "title", "Give a title of at most 80 characters"),
        ({"title": "bell\x07"}, PDF, "title", "Give a title of at most 80 characters, without control"),
        ({"dated_on": "18.1.2013"}, PDF, "dated_on", "Give the day as year-month-day"),
        ({"dated_on": "1013-01-18"}, PDF, "dated_on", "Give the day as year-month-day, such as 2013-09-03, in"),
        ({"client_id": "1"}, PDF, "client_id", "The form did not arrive whole"),
    ],
)
def test_what_is_wrong_is_said_in_place(
    world: World, pages: dict[On, str], change: dict[str, str], file: bytes | None, field: str, sentence: str
) -> None:
    browser = signed_in(world, "manager")
    files = {} if file is None else {"file": ("a.pdf", file, "application/pdf")}
    answer = send(browser, pages[On.PLOT], {"title": "图纸"} | change, files)
    assert answer.status_code == 422
    assert re.search(rf'<li><a href="#{field}">{re.escape(sentence)[:60]}', answer.text), answer.text
    assert '<details class="adding" open>' in answer.text
    assert "<title>Error:" in answer.text.replace("\n", "")
    assert f'value="{change.get("title", "图纸")}"' in answer.text
    assert nothing_kept(world)
    assert 'href="/plots/N-1?lang=zh"' in answer.text  # the page's own address: every link on it leads on


def test_all_that_is_wrong_is_said_at_once_and_in_chinese(world: World, pages: dict[On, str]) -> None:
    browser = signed_in(world, "green-1", lang="zh")
    for page in (pages[On.FINDING], pages[On.STATEMENT]):
        answer = send(browser, page, {"kind": "", "title": "", "dated_on": "x"}, {})
        found = re.findall(r'<li><a href="#(\w+)">([^<]*)</a>', answer.text)
        assert [name for name, _ in found] == ["file", "kind", "title", "dated_on"]
        assert dict(found)["title"] == "请填写名称，最多80个字符，不能含控制字符。"
        assert 'value="x"' in answer.text
    assert nothing_kept(world)


def test_other_content_under_the_same_id_is_asked_about(world: World, pages: dict[On, str]) -> None:
    browser, id_ = signed_in(world, "manager"), str(new_id())
    assert send(browser, pages[On.CONTRACT], {"client_id": id_}).status_code == 303
    answer = send(browser, pages[On.CONTRACT], {"client_id": id_, "title": "发票 2/2013"})
    assert answer.status_code == 422
    assert "This form was sent before, with other content." in answer.text
    fresh = re.findall(r'name="client_id" value="([^"]+)"', answer.text)
    assert fresh != [id_]
    assert send(browser, pages[On.CONTRACT], {"client_id": fresh[0], "title": "发票 2/2013"}).status_code == 303
    assert len(world.read("auditor", documents)) == 2


def test_nobody_fills_the_store_with_papers_of_what_is_not_theirs(world: World, pages: dict[On, str]) -> None:
    for who, on, status in (
        ("viewer", On.PLOT, 403),
        ("inspector", On.CONTRACT, 403),
        ("green-1", On.PLOT, 403),
        ("inspector-s", On.PLOT, 404),
        ("river-1", On.STATEMENT, 404),
    ):
        assert send(signed_in(world, who), pages[on]).status_code == status, who
    elsewhere = send(signed_in(world, "manager"), "/contracts/C9")
    assert elsewhere.status_code == 404
    assert nothing_kept(world)
