"""Who asks too often waits; who sends a day's backlog, or is at home on the machine, does not."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from service.app import create_app
from service.core.guard import PUBLIC_AT_ONCE, PUBLIC_WAITING, Guard
from service.core.ids import new_id
from service.core.limits import BURST_MINUTES, MOST, SHARED, Buckets, Limits, TooOften
from service.core.problems import add_error_handlers
from service.core.settings import Settings
from tests.conftest import World
from tests.service.calls import new_finding

API = "/api/v1"
BACKLOG = 800  # a day of one inspector: 200 findings with three photos each


@given(st.lists(st.floats(0, 30), max_size=300), st.integers(1, 50))
def test_never_more_than_a_burst_and_what_flowed_in(pauses: list[float], per_minute: int) -> None:
    buckets, at, taken = Buckets(per_minute), 0.0, 0
    for pause in pauses:
        at += pause
        waits = buckets.wait("a", at)
        taken += not waits
        assert taken <= per_minute * (BURST_MINUTES + at / 60) + 1e-6
        if waits:
            assert buckets.wait("a", at + waits + 1e-6) == 0
            at, taken = at + waits + 1e-6, taken + 1


def test_forgotten_callers_do_not_fill_the_memory() -> None:
    buckets = Buckets(1)
    for n in range(MOST + 10):
        buckets.wait(str(n), 0.0)
    assert len(buckets.held) == MOST


def test_who_asks_too_often_takes_nothing_from_others_at_the_address() -> None:
    limits = Limits(writes=1, reads=1, public=1)

    def ask(secret: str) -> bool:
        try:
            limits.refuse_too_often(path="/x", is_read=False, address="192.0.2.7", secret=secret, at=0.0)
        except TooOften:
            return False
        return True

    assert [ask("gk_1") for _ in range(40)].count(True) == BURST_MINUTES
    assert ask("gk_2")


def test_a_backlog_is_sent_at_once_and_a_flood_is_not() -> None:
    own = Settings()
    limits = Limits(writes=own.writes_a_minute, reads=own.reads_a_minute, public=own.public_a_minute)

    def send(count: int, secret: str, at: float, is_read: bool = False) -> int:
        for n in range(count):
            try:
                limits.refuse_too_often(path="/api/v1/x", is_read=is_read, address="192.0.2.7", secret=secret, at=at)
            except TooOften:
                return n
        return count

    phones = [f"gk_{n}" for n in range(10)]
    assert [send(BACKLOG, phone, 0.0) for phone in phones] == [BACKLOG] * 10, "one office, ten phones"
    assert send(10_000, "gk_0", 1.0) < 2000
    assert send(1, "gk_1", 1.0) == 1, "others go on"
    assert send(10_000, "", 1.0, is_read=True) == own.public_a_minute * BURST_MINUTES
    assert send(1, "gk_1", 1.0, is_read=True) == 1, "who is signed in does not wait for those who are not"
    assert own.writes_a_minute * SHARED * BURST_MINUTES >= 10 * BACKLOG


@pytest.fixture
def narrow(world: World) -> Iterator[FastAPI]:
    own = Settings(folder=world.folder, database_url=world.url, writes_a_minute=1, reads_a_minute=2, public_a_minute=1)
    app = create_app(own, clock=world.clock)
    yield app
    app.state.database.engine.dispose()


def client(app: FastAPI, world: World, who: str = "", address: str = "192.0.2.7") -> TestClient:
    headers = {"Authorization": world.client(who).headers["authorization"]} if who else {}
    return TestClient(app, headers=headers, client=(address, 5000))


def statuses(asking: TestClient, path: str, count: int) -> list[int]:
    return [asking.get(path).status_code for _ in range(count)]


def test_readers_wait_by_sign_in_and_by_address(narrow: FastAPI, world: World) -> None:
    viewer, manager = client(narrow, world, "viewer"), client(narrow, world, "manager")
    assert statuses(viewer, f"{API}/me", 9) == [200] * 8 + [429]
    answer = viewer.get(f"{API}/me", headers={"Accept-Language": "en"})
    assert answer.json()["code"] == "too_often"
    assert 1 <= int(answer.headers["retry-after"]) <= 31
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert statuses(manager, f"{API}/me", 1) == [200]
    assert statuses(client(narrow, world, "viewer", "192.0.2.8"), f"{API}/me", 1) == [429], "wherever it is used"
    page = manager.get("/static/vendor/none")
    assert page.status_code == 404


def test_writers_wait_before_a_body_is_read(narrow: FastAPI, world: World) -> None:
    inspector = client(narrow, world, "inspector")
    answers = [inspector.put(f"{API}/findings/{new_id()}", json=new_finding("N-1")) for _ in range(5)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert 429 not in [answer.status_code for answer in answers][:4]
    assert inspector.get(f"{API}/me").status_code == 200, "reading is another bucket"


def test_strangers_share_a_small_one(narrow: FastAPI, world: World) -> None:
    stranger = client(narrow, world)
    assert statuses(stranger, "/sign-in", 5) == [200] * 4 + [429]
    refused = stranger.get("/sign-in", headers={"Accept-Language": "en"})
    assert "Too many requests" in refused.text
    assert client(narrow, world, address="192.0.2.9").get("/sign-in").status_code == 200
    assert client(narrow, world, "viewer").get(f"{API}/me").status_code == 200
    six = [client(narrow, world, address=f"2001:db8::{n}").get("/sign-in").status_code for n in range(1, 6)]
    assert six == [200] * 4 + [429], "a household is one"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "testclient"])
def test_the_machine_itself_is_not_counted(narrow: FastAPI, world: World, address: str) -> None:
    assert statuses(client(narrow, world, "viewer", address), f"{API}/me", 12) == [200] * 12


def test_strangers_have_few_places_and_the_signed_in_all_others(narrow: FastAPI, world: World) -> None:
    """Of many strangers few are answered at once; the others wait their turn, and the last are refused."""
    at_once: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        at_once.append(len(busy))
        busy.add(id(scope))
        await asyncio.sleep(0.01)
        busy.remove(id(scope))
        await PlainTextResponse("")(scope, receive, send)

    busy: set[int] = set()
    refuse = add_error_handlers(narrow, lambda *_: PlainTextResponse("", 503))
    guard = Guard(slow, refuse, Limits(writes=0, reads=0, public=0))

    async def ask(headers: list[tuple[bytes, bytes]]) -> int:
        said: list[int] = []

        async def send(message: Message) -> None:
            said.append(message.get("status", 0))

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/x",
            "raw_path": b"/x",
            "query_string": b"",
            "scheme": "http",
        }
        await guard({**scope, "headers": headers, "client": ("192.0.2.7", 1), "app": narrow}, _nothing, send)
        return said[0]

    async def storm(count: int, headers: list[tuple[bytes, bytes]]) -> list[int]:
        return await asyncio.gather(*(ask(headers) for _ in range(count)))

    statuses = asyncio.run(storm(PUBLIC_WAITING + 10, []))
    assert (statuses.count(200), statuses.count(503), max(at_once) + 1) == (PUBLIC_WAITING, 10, PUBLIC_AT_ONCE)
    at_once.clear()
    assert asyncio.run(storm(50, [(b"authorization", b"Bearer gk_x")])) == [200] * 50
    assert max(at_once) + 1 == 50


async def _nothing() -> Message:
    return {"type": "http.request"}
