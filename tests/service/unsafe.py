"""A3 and Z6: every change has its event, failures change nothing, other sites change nothing, reads change nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import SQLModel

from tests.conftest import World
from tests.service.calls import COMMON, ITEMS, LISTS, SHEETS, Call, Maker, address_of
from tests.service.full_world import ACTORS, Target
from tests.service.pages import ACTS, OPENING
from tests.service.policy import AT_A_BROWSER, POLICY, Operation

UNSAFE = {operation: make for operation, make in (ITEMS | ACTS).items() if operation[0] != "GET"}
ORIGIN = "http://testserver"
OTHER = "manager-2"
FORM_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b")


def contents(world: World) -> dict[str, str]:
    """Return a digest of every table as it is stored, read past the door."""
    with world.database.engine.connect() as connection:
        stored = {name: connection.exec_driver_sql(f'SELECT * FROM "{name}"') for name in SQLModel.metadata.tables}
        return {name: _digest(rows) for name, rows in stored.items()}


def _digest(rows: Iterable[Any]) -> str:
    return sha256(repr(sorted(repr(tuple(row)) for row in rows)).encode()).hexdigest()


def events(world: World) -> list[tuple[int, str]]:
    """Return the number and the actor of every event."""
    table = SQLModel.metadata.tables["audit_event"]
    with world.database.engine.connect() as connection:
        rows = connection.execute(select(table.c.seq, table.c.actor).order_by(table.c.seq))
        return [(seq, actor) for seq, actor in rows]


def may(operation: Operation) -> str:
    """Return a role that may do it to what is its own."""
    return next(role for role in ("manager", "inspector", "admin") if POLICY[operation][role] in ("ok", "zone"))


def unlogged(world: World, targets: Mapping[str, Target], makers: Mapping[Operation, Maker] = UNSAFE) -> Iterator[str]:
    """Yield the operations that change something without an event, and those that fail and leave something behind."""
    for who in ("", "viewer", OTHER):
        world.client(who)  # a token of its own changes something, too
    for operation, make in makers.items():
        role = may(operation) if operation in POLICY else "manager"
        by = world.browser if operation in AT_A_BROWSER else world.client
        call, client = make(world, targets["own"], role), by(ACTORS[role])
        known, before = events(world), contents(world)
        response = call.send(client)
        new = events(world)[len(known) :]
        if response.status_code >= 400:
            yield f"{operation} fails: {response.text}"
        elif before == contents(world):
            yield f"{operation} changes nothing"
        elif not new or {actor for _, actor in new} != {ACTORS[role]}:
            yield f"{operation} is recorded as {new}"
        for name, failing in _failing(call):
            before = contents(world)
            response = failing(world)
            if response.status_code < 400 or contents(world) != before:
                yield f"{operation} {name}: {response.status_code}, and something has changed"


def _failing(call: Call) -> Iterator[tuple[str, Callable[[World], Any]]]:
    """Yield ways for a call to fail: nobody's, the auditor's or a viewer's, with a bad body, of a stale state."""
    yield "of nobody", lambda world: call.send(world.client())
    yield "of a viewer", lambda world: call.send(world.client("viewer"))
    if call.json is not None:
        bad = Call(call.method, call.path, json=call.json | {"more": 1}, headers=call.headers)
        yield "with an unknown field", lambda world: bad.send(world.client(OTHER))
    if call.content is not None and call.method == "PUT":
        torn = Call(call.method, call.path, content=call.content[:-1], headers=call.headers)
        yield "with other bytes", lambda world: torn.send(world.client(OTHER))
    if "If-Match" in call.headers:
        yield "of a stale state", lambda world: call.send(world.client(OTHER), If_Match='"1"')


def crossing(world: World, targets: Mapping[str, Target], makers: Mapping[Operation, Maker] = UNSAFE) -> Iterator[str]:
    """Yield the operations that a page of another site could do with a person's cookie."""
    for operation, make in makers.items():
        role = may(operation)
        call, browser = make(world, targets["own"], role), world.browser(ACTORS[role])
        before = contents(world)
        for name, forged in _forged(call).items():
            response = forged(browser)
            if response.status_code < 400 or contents(world) != before:
                yield f"{operation} {name}: {response.status_code}"
        if call.send(browser, Origin=ORIGIN, Sec_Fetch_Site="same-origin").status_code >= 400:
            yield f"{operation} is refused to our own pages"


def _forged(call: Call) -> dict[str, Callable[[TestClient], Any]]:
    ways: dict[str, Callable[[TestClient], Any]] = {
        "with another origin": lambda browser: call.send(browser, Origin="http://elsewhere.example"),
        "without an origin's name": lambda browser: call.send(browser, Origin="null"),
        "across sites": lambda browser: call.send(browser, Sec_Fetch_Site="cross-site"),
        "from a neighbour": lambda browser: call.send(browser, Sec_Fetch_Site="same-site"),
        "with a foreign scheme of authorization": lambda browser: call.send(
            browser, Origin="http://elsewhere.example", Authorization="Basic eDp5"
        ),
    }
    if call.content is None:  # not a photo, whose hash is in the address; nor a form, which is one of our own
        for media_type in FORM_TYPES:
            form = Call(call.method, call.path, content=b"act=withdraw", headers=dict(call.headers))
            ways[f"as {media_type}"] = partial(form.send, Content_Type=media_type)
    return ways


def writing_reads(world: World, targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield the reads that change a row."""
    calls = [Call("GET", address_of(operation)) for operation in LISTS | SHEETS]
    calls += [Call("GET", path) for path in COMMON.values()]
    calls += [Call("GET", path) for operation, path in OPENING.items() if operation[0] == "GET"]
    reads = [make for operation, make in (ITEMS | ACTS).items() if operation[0] == "GET"]
    calls += [make(world, targets["own"], "manager") for make in reads]
    clients = [world.client(who) for who in ("", "auditor", "green-1")]
    before = contents(world)
    for call in calls:
        for client in clients:
            call.send(client)
        Call("HEAD", call.path).send(clients[1])
        if contents(world) != before:
            yield f"{call.path} changes something"
            before = contents(world)
