"""Documents: kept by their bytes, seen with the record that they hang on, handed out as they came."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from service.contracts.models import Contract
from service.core.ids import new_id
from service.documents.rules import On
from service.evidence.rules import PHOTO_BYTES
from service.settlement.models import Statement
from tests.conftest import World
from tests.service.full_world import jpeg, paper

PDF = b"%PDF-1.7\n1 0 obj\n"
PREFIX = "/api/v1/documents"
SEEN = {  # who sees what hangs on the contract C1, the plot N-1, a confirmed finding there, the statement of January
    "viewer": {"contract", "plot", "finding"},
    "inspector": {"contract", "plot", "finding"},
    "inspector-s": {"contract"},
    "supervisor": {"contract", "plot", "finding"},
    "green-1": {"contract", "plot", "finding", "statement"},
    "river-1": set(),
    "manager": {"contract", "plot", "finding", "statement"},
    "auditor": {"contract", "plot", "finding", "statement"},
    "admin": {"contract", "plot"},
}


def put(client: TestClient, asked: str, content: bytes = PDF, id_: UUID | None = None) -> Any:
    return client.put(f"{PREFIX}/{id_ or new_id()}?{asked}", content=content)


def identities(session: Session) -> tuple[UUID, UUID]:
    contract = session.exec(select(Contract.id).where(Contract.code == "C1")).one()
    return contract, session.exec(select(Statement.id)).one()


def on_everything(world: World) -> dict[str, UUID]:
    """Hang a paper on each kind of record; return their ids."""
    world.on(date(2013, 1, 20))
    finding = world.file("N-1")
    world.confirm(finding)
    world.on(date(2013, 2, 2))
    world.settle("C1", 1)
    contract, statement = world.read("auditor", identities)
    records = {On.CONTRACT: contract, On.PLOT: world.plots["N-1"], On.FINDING: finding, On.STATEMENT: statement}
    return {on.value: paper(world, "manager", on, record, f"{on} paper") for on, record in records.items()}


def test_a_document_is_seen_by_whoever_sees_its_record(world: World) -> None:
    papers = on_everything(world)
    for who, seen in SEEN.items():
        client = world.client(who)
        rows = client.get(PREFIX).json()["items"]
        assert {row["on"]["kind"] for row in rows} == seen, who
        for name, document in papers.items():
            for path in (f"{PREFIX}/{document}", f"{PREFIX}/{document}/content"):
                assert client.get(path).status_code == (200 if name in seen else 404), f"{who} {path}"


def test_a_predecessor_does_not_see_what_its_successor_is_given(world: World) -> None:
    papers = on_everything(world)
    client = world.client("green-1")
    assert client.get(f"{PREFIX}/{papers['plot']}").status_code == 200
    world.on(date(2014, 2, 1))
    assert [client.get(f"{PREFIX}/{papers[on]}").status_code for on in ("plot", "contract", "statement")] == [
        404,
        200,
        200,
    ]


def test_bytes_come_back_as_they_were_sent_and_run_nowhere(world: World) -> None:
    client = world.client("manager")
    sent = put(client, "kind=agreement&title=合同/正本&dated_on=2012-12-01&contract=C1")
    assert sent.status_code == 201, sent.text
    body = sent.json()
    assert (body["on"], body["kind"]) == ({"kind": "contract", "code": "C1"}, "agreement")
    assert (body["sha256"], body["bytes"]) == (sha256(PDF).hexdigest(), len(PDF))
    answer = client.get(body["href"])
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E5%90%88")
    assert "/" not in answer.headers["content-disposition"].partition("UTF-8")[2]
    assert client.get(f"{PREFIX}/{body['id']}").json() == body


def test_the_same_id_is_the_same_document(world: World) -> None:
    client, id_, asked = world.client("manager"), new_id(), "kind=agreement&title=A&contract=C1"
    assert put(client, asked, id_=id_).status_code == 201
    assert put(client, asked, id_=id_).status_code == 200
    for other in (asked.replace("=A", "=B"), asked.replace("agreement", "letter"), asked.replace("C1", "C2")):
        assert put(client, other, id_=id_).json()["code"] == "id_taken"
    assert put(client, asked, PDF + b"x", id_=id_).json()["code"] == "id_taken"
    assert put(world.client("manager-2"), asked, id_=id_).json()["code"] == "id_taken"


def test_the_same_bytes_are_one_file_and_a_photo_may_follow(world: World) -> None:
    """A picture that was a paper first has its clean picture, too, once it is a photo."""
    world.on(date(2013, 1, 20))
    finding, content, client = world.file("N-1"), jpeg(7), world.client("inspector")
    assert put(client, "kind=report&title=A&plot=N-1", content).status_code == 201
    assert put(client, "kind=report&title=B&plot=N-2", content).status_code == 201
    path = f"/api/v1/findings/{finding}/photos/{sha256(content).hexdigest()}"
    photo = client.put(path, content=content)
    assert photo.status_code == 201
    assert client.get(photo.json()["href"]).json()["code"] == "rendition_not_ready"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<html>", 422), (b"", 422), (b"PK\x03\x04", 422), (b" %PDF-1.7", 422), (b"GIF89a", 422), (b"MZ\x90", 422),
        (PDF + b"x" * PHOTO_BYTES, 422), (jpeg(1), 201), (b"\x89PNG\r\n\x1a\n", 201),
    ],
    ids=["html", "nothing", "zip", "late", "gif", "program", "too long", "jpeg", "png"],
)  # fmt: skip
def test_the_first_bytes_say_what_it_is(world: World, content: bytes, status: int) -> None:
    answer = put(world.client("manager"), "kind=other&title=A&contract=C1", content)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["code"] == "not_a_document"
        assert not list((world.folder / "files").glob("??/*"))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("kind=other&title=A", "one_record"),
        ("kind=other&title=A&contract=C1&plot=N-1", "one_record"),
        ("kind=novel&title=A&contract=C1", "invalid_request"),
        ("kind=other&title=&contract=C1", "invalid_request"),
        ("kind=other&title=a%E2%80%AEb&contract=C1", "invalid_request"),
        ("kind=other&title=A&contract=C9", "not_found"),
    ],
)
def test_what_is_said_of_it_is_checked_first(world: World, asked: str, code: str) -> None:
    assert put(world.client("manager"), asked).json()["code"] == code


def test_who_files_on_what(world: World) -> None:
    papers = on_everything(world)
    finding = world.client("auditor").get(f"{PREFIX}/{papers['finding']}").json()
    record = world.client("auditor").get("/api/v1/findings").json()["items"][0]
    assert finding["on"]["code"] == record["code"]
    places = {"contract": "C1", "plot": "N-1", "finding": record["id"], "statement": "C1-2013-01"}
    may = {
        "manager": (201, 201, 201, 201),
        "inspector": (403, 201, 201, 403),
        "supervisor": (403, 201, 201, 403),
        "inspector-s": (403, 404, 404, 403),
        "green-1": (403, 403, 201, 201),
        "river-1": (403, 403, 404, 404),
        "viewer": (403, 403, 403, 403),
        "auditor": (403, 403, 403, 403),
        "admin": (403, 403, 403, 403),
    }
    for who, wanted in may.items():
        answers = [put(world.client(who), f"kind=other&title=A&{on}={name}") for on, name in places.items()]
        assert tuple(answer.status_code for answer in answers) == wanted, who


def test_pages_show_what_hangs_on_their_record(world: World) -> None:
    on_everything(world)
    code = world.client("auditor").get("/api/v1/findings").json()["items"][0]["code"]
    pages = {
        "contract": "/contracts/C1",
        "plot": "/plots/N-1",
        "finding": f"/findings/{code}",
        "statement": "/statements/C1-2013-01",
    }
    for on, page in pages.items():
        answer = world.client("manager").get(page)
        assert answer.status_code == 200
        assert f">{on} paper</a>" in answer.text, page
        past = world.client("manager").get(page, params={"as_of": "2013-01-25"})
        assert " paper</a>" not in past.text, "nothing hung there then"
