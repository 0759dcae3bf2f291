"""Z1 and Z2: each role, each operation, each record, against the policy; and every list against what it may show."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.conftest import World
from tests.service.calls import ABSENT, COMMON, ITEMS, LISTS, SHEETS, Call, address_of
from tests.service.full_world import ACTORS, IN_SIGHT, Target
from tests.service.pages import ACTS, OPENING, SHOWN
from tests.service.policy import AT_A_BROWSER, POLICY, ROLES, SITE, Operation

# of a page: its nonce, the minute, new ids in forms
VARYING = re.compile(r'nonce="[^"]*"|<p class="clock">.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
Looks = tuple[int, str, list[tuple[str, str]]]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def operations(app: FastAPI) -> set[Operation]:
    """Return every (method, path) that the app answers, pages included."""
    return {
        (method, str(context.path))
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
        if method in METHODS
    }


def faults(world: World, targets: dict[str, Target], operation: Operation) -> Iterator[str]:
    """Yield where an operation treats a role other than the policy says."""
    if operation in COMMON:
        yield from _common(world, operation)
    elif operation in LISTS | SHEETS:
        yield from _list(world, operation)
    elif operation in OPENING:
        yield from _page(world, targets, operation)
    else:
        yield from _item(world, targets, operation)


def _common(world: World, operation: Operation) -> Iterator[str]:
    call = Call(operation[0], COMMON[operation])
    yield from _anonymous(world, call)
    for role in ROLES:
        verdict, status = POLICY[operation][role], call.send(world.client(ACTORS[role])).status_code
        if status != (200 if verdict == "ok" else 403):
            yield f"{operation} {role}: {status}, but {verdict}"


def _list(world: World, operation: Operation) -> Iterator[str]:
    call, names = Call("GET", address_of(operation)), (LISTS | SHEETS)[operation]
    yield from _anonymous(world, call)
    everything = {name for row in _rows(call.send(world.client("auditor"))) for name in names(row)}
    for role in ROLES:
        verdict, response = POLICY[operation][role], call.send(world.client(ACTORS[role]))
        shown = {name for row in _rows(response) for name in names(row)}
        if response.status_code != 200 or shown != IN_SIGHT[verdict] & everything:
            yield f"{operation} {role}: {response.status_code} {sorted(shown)}, but {verdict}"


def _page(world: World, targets: dict[str, Target], operation: Operation) -> Iterator[str]:
    """Open a page; a page with a list names no plot or contract that its reader does not see."""
    call = Call(operation[0], OPENING[operation])
    yield from _anonymous(world, call)
    for role in ROLES:
        verdict, response = POLICY[operation][role], call.send(world.client(ACTORS[role]))
        if (response.status_code < 400) != (verdict == "ok") or response.status_code >= 500:
            yield f"{operation} {role}: {response.status_code}, but {verdict}"
        fact, sight = SHOWN.get(operation, ("plot", None))
        seen = set(targets) if sight is None else IN_SIGHT[POLICY[sight][role]]
        allowed = {getattr(targets[name], fact) for name in seen}
        for target in targets.values():
            if getattr(target, fact) not in allowed and f">{getattr(target, fact)}<" in response.text:
                yield f"{operation} {role}: shows {getattr(target, fact)}"


def _rows(response: Response) -> list[dict[str, Any]]:
    if response.headers["content-type"].startswith("text/csv"):
        return rows_of_sheet(response)
    rows: list[dict[str, Any]] = response.json().get("items", [])
    return rows


def _item(world: World, targets: dict[str, Target], operation: Operation) -> Iterator[str]:
    make = (ITEMS | ACTS)[operation]
    yield from _anonymous(world, make(world, targets["own"], "manager"))
    for role in ROLES:
        client = (world.browser if operation in AT_A_BROWSER else world.client)(ACTORS[role])
        absent = make(world, ABSENT, role).send(client)
        for name, target in targets.items():
            response = make(world, target, role).send(client)
            yield from _cell(operation, role, name, response, (_looks(response, target), _looks(absent, ABSENT)))


def _cell(operation: Operation, role: str, name: str, response: Response, looks: tuple[Looks, Looks]) -> Iterator[str]:
    verdict, status, place = POLICY[operation][role], response.status_code, f"{operation} {role} {name}"
    if verdict == "403":
        if status != 403 and not (operation in SITE and status == 404):  # a form may miss its record first
            yield f"{place}: {status}, but 403"
    elif name in IN_SIGHT[verdict]:
        if status >= 400 and not (status == 409 and "approve" in operation[1] and name == "same contract"):
            yield f"{place}: {status} {response.text[-200:]}, but {verdict}"
    elif looks[0] != looks[1] or not (status == 404 or (operation in SITE and status == 422)):
        yield f"{place}: {status}, but {verdict}; an absent one: {looks[1][0]}"


def _looks(response: Response, target: Target) -> Looks:
    """Return all that a caller can tell a refusal by; not what the caller has sent, which a page repeats."""
    text = VARYING.sub("", response.text)
    for sent in (response.request.url.path, target.statement, target.plot, target.contract, target.finding_code):
        text = text.replace(sent, "")
    if text == response.text:
        return response.status_code, text, sorted(response.headers.items())
    varying = ("content-security-policy", "content-length")
    return response.status_code, text, sorted(item for item in response.headers.items() if item[0] not in varying)


def _anonymous(world: World, call: Call) -> Iterator[str]:
    response: Response = call.send(world.client())
    if response.status_code != 401 or (call.path.startswith("/api/") and response.json()["details"]):
        yield f"{call.method} {call.path} answers {response.status_code} to nobody"


def rows_of_sheet(response: Response) -> list[dict[str, Any]]:
    """Return the rows of a sheet in CSV, by the titles of its columns."""
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def everything_of(client: TestClient, path: str, **filters: str) -> list[dict[str, Any]]:
    """Return all rows of a list, page after page."""
    rows: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        response = client.get(path, params={"limit": "7", "after": after, **filters})
        assert response.status_code == 200, response.text
        body = response.json()
        rows, after = rows + body["items"], body["next"]
    return rows
