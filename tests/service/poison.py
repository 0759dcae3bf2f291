"""I2: values that break parsers, in every field of every body and in every parameter, are refused and never kept."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from fastapi import FastAPI
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from tests.conftest import World
from tests.service.calls import COMMON, ITEMS, LISTS, SHEETS, Call, address_of
from tests.service.full_world import ACTORS, Target
from tests.service.pages import ACTS, BOUNDARY, FORM, OPENING
from tests.service.policy import API, PREFIX, SITE, Operation
from tests.service.unsafe import contents, may

HUGE = "1" + "0" * 400
DEEP = "[" * 200_000 + "]" * 200_000
LITERALS = {  # as they stand in a JSON body
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "2^63": "9223372036854775808",
    "-2^63 - 1": "-9223372036854775809",
    "10^400": HUGE,
    "10^5000": "1" + "0" * 5000,
    "true": "true",
    "lone surrogate": '"\\ud800"',
    "NUL": '"a\\u0000b"',
    "mark to turn the line": '"a\\u202eb"',
    "mark of direction": '"a\\u200fb"',
    "control character": '"a\\u001bb"',
    "no character": '"a\\uffffb"',
    "200,000 deep": DEEP,
    "the same key twice": '{"a": 1, "a": 2}',
}
WORDS = {  # as text, where a text is not just kept
    "year 1": '"0001-01-01"',
    "year 9999": '"9999-12-31"',
    "NaN in words": '"NaN"',
    "seconds": "1366000000",
}
PLAIN = (
    "text",
    "note",
    "reason",
    "document",
    "quantity",
    "name",
    "zh",
    "en",
    "reported_by",
    "channel",
)  # fields that may hold the words above
BODIES = {  # in place of the whole body
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "a word": b'"x"',
    "NaN": b"NaN",
    "not UTF-8": b'{"note": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"note": "\xed\xa0\x80"}',
    "UTF-16": '{"act": "withdraw"}'.encode("utf-16"),
    "200,000 deep": DEEP.encode(),
    "torn": b'{"note": "',
}
VALUES = {  # of parameters, percent-encoded already
    "NaN": "NaN",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "2^31": "2147483648",
    "2^63": "9223372036854775808",
    "10^400": HUGE,
    "minus one": "-1",
    "other digits": quote("١٢"),
    "NUL": "a%00b",
    "lone surrogate": "%ED%A0%80",
    "not UTF-8": "%ff%fe",
    "mark to turn the line": quote("a\u202eb"),
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "an instant before all": quote("0001-01-01T00:00:00+14:00"),
    "an instant after all": quote("9999-12-31T23:59:59-14:00"),
    "month 0": "0000-01",
    "month of the year 9999": "9999-12",
    "long": "x" * 5000,
    "brackets": "%5B" * 3000,
    "empty": "",
}
IN_ADDRESSES = ("2^63", "10^400", "NUL", "not UTF-8", "year 1", "an instant after all", "mark to turn the line")
SHARED = ("as_of", "after")  # read alike on every page
TEXTS = ("text", "note", "reason")  # fields of forms that hold any readable text
UNREADABLE = ("NUL", "lone surrogate", "not UTF-8", "mark to turn the line", "long")
NAMING = {("PUT", f"{PREFIX}/{name}/{{code}}") for name in ("zones", "contracts")}  # new ones, by any readable code
FITTING = (("quantity", "2^31"),)
FURTHER = {"/findings/new": {"lon": "118.8005", "lat": "31.9005"}}  # fields that may be left out
HEADERS = ("If-Match", "Accept", "Accept-Language", "Authorization", "Cookie", "Content-Type", "Origin", "Range")
HEADER_VALUES = (
    b"\xff\xfe",
    b"\x00",
    "١٢".encode(),
    b"x" * 5000,
    b"Bearer \xed\xa0\x80",
    b"lang=\x00; greenkeep=\xff",
    b"NaN",
)


def breaking(world: World, targets: Mapping[str, Target], client_app: FastAPI, *, full: bool) -> Iterator[str]:
    """Yield the requests that end in a failure of ours, or that are taken. `full`: parameters at each operation."""
    clients = {who: _client(world, client_app, who) for who in {*ACTORS.values(), "auditor"}}
    calls = {operation: _call(world, targets, operation) for operation in API}
    before = contents(world)
    description = world.app.openapi()
    done: set[str] = set()
    for operation, call in calls.items():
        client = clients[ACTORS[may(operation)] if operation[0] != "GET" else "auditor"]
        described = description["paths"].get(operation[1], {}).get(operation[0].lower(), {})
        for name, bad in _bad_bodies(description, described, call):
            yield from _verdict(client, operation, name, bad, takes=False)
        for parameter in described.get("parameters", ()):
            key = json.dumps([parameter["in"], parameter["name"], parameter["schema"], full and operation])
            if key not in done:
                done.add(key)
                for name, bad in _bad_parameters(operation, call, parameter):
                    yield from _verdict(
                        client, operation, f"{parameter['name']}: {name}", bad, takes=call.method == "GET"
                    )
    reading = Call("GET", COMMON[("GET", "/api/v1/me")])
    for header in HEADERS:
        for value in HEADER_VALUES:
            response = client.request("GET", reading.path, headers={header.encode(): value})
            if response.status_code >= 500:
                yield f"{header} {value[:20]!r}: {response.status_code}"
    if contents(world) != before:
        yield "something was kept"


def lenient(app: FastAPI) -> FastAPI:
    """Break an app that has not answered yet: the framework's own answer to bad input, and nothing before it."""
    app.user_middleware.clear()
    app.exception_handlers[RequestValidationError] = request_validation_exception_handler
    return app


def _client(world: World, app: FastAPI, who: str) -> TestClient:
    token = world.client(who).headers["authorization"]
    return TestClient(app, headers={"Authorization": token}, raise_server_exceptions=False)


def _call(world: World, targets: Mapping[str, Target], operation: Operation) -> Call:
    if operation in ITEMS:
        return ITEMS[operation](world, targets["own"], "manager")
    return Call("GET", address_of(operation) if operation in LISTS | SHEETS else COMMON[operation])


def _verdict(client: TestClient, operation: Operation, name: str, call: Call, takes: bool) -> Iterator[str]:
    status = call.send(client).status_code
    if status >= 500 or (status < 400 and not takes):
        yield f"{' '.join(operation)} {name}: {status}"


def _bad_bodies(description: dict[str, Any], described: dict[str, Any], call: Call) -> Iterator[tuple[str, Call]]:
    if call.json is None:
        return
    headers = {**call.headers, "Content-Type": "application/json"}
    for name, body in BODIES.items():
        yield name, Call(call.method, call.path, content=body, headers=headers)
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    for place in _fields(description, schema):
        literals = LITERALS if place[-1] in PLAIN else LITERALS | WORDS
        for name, literal in literals.items():
            body = _with(call.json, place, literal).encode()
            yield f"{'.'.join(place)}: {name}", Call(call.method, call.path, content=body, headers=headers)


Place = tuple[str, ...]


def _fields(description: dict[str, Any], schema: dict[str, Any], above: Place = ()) -> Iterator[Place]:
    """Yield the places of all fields of a schema."""
    if name := schema.get("$ref"):
        schema = description["components"]["schemas"][name.rpartition("/")[2]]
    for part in schema.get("anyOf", ()):
        yield from _fields(description, part, above)
    if "items" in schema:
        yield from _fields(description, schema["items"], (*above, "0"))
    for name, field in schema.get("properties", {}).items():
        yield (*above, name)
        yield from _fields(description, field, (*above, name))


def _with(body: dict[str, Any], place: tuple[str, ...], literal: str) -> str:
    """Return the body as JSON, with the literal in one place."""
    mark = "put the literal here"
    changed = json.loads(json.dumps(body))
    inner = changed
    for name in place[:-1]:
        if isinstance(inner, list):
            inner = inner[int(name)]
        else:
            inner = inner.setdefault(name, {"longitude": 118.8005, "latitude": 31.9005})
    inner[place[-1]] = mark
    return json.dumps(changed).replace(f'"{mark}"', literal)


def _bad_parameters(operation: Operation, call: Call, parameter: dict[str, Any]) -> Iterator[tuple[str, Call]]:
    name, where = parameter["name"], parameter["in"]
    values = {what: VALUES[what] for what in UNREADABLE} if where == "path" and operation in NAMING else VALUES
    for what, value in values.items():
        if where == "query":
            yield what, Call(call.method, f"{call.path}?{name}={value}", call.json, call.content, call.headers)
        elif where == "path" and value:
            depth = operation[1].partition(f"{{{name}}}")[0].count("/")
            parts = call.path.split("/")
            path = "/".join([*parts[:depth], value, *parts[depth + 1 :]])
            yield what, Call(call.method, path, call.json, call.content, call.headers)


def breaking_pages(world: World, targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield the pages that fail over a value in their address, in a place of the path or behind a name of the query."""
    asked: set[tuple[str, str]] = set()
    for context in iter_route_contexts(world.app.routes):
        path = str(context.path)
        operation = ("GET", path)
        if "GET" not in (context.methods or ()) or path.startswith("/api/"):
            continue
        client, call = _reader(world, operation), _page(world, targets, operation)
        for name, start, end in _places(path):
            for what in IN_ADDRESSES:
                yield from _verdict(client, operation, f"{name}: {what}", Call("GET", start + VALUES[what] + end), True)
        for name in _queried(context.dependant):
            shared = ("shared" if name in SHARED else path, name)
            for what, value in VALUES.items() if shared not in asked else ():
                yield from _verdict(client, operation, f"{name}: {what}", Call("GET", f"{call}?{name}={value}"), True)
            asked.add(shared)


JPEG = b"\xff\xd8\xff"


def breaking_forms(world: World, targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield the forms that fail over a value in a field, or take it, and whether anything was kept of them."""
    forms = {operation: make for operation, make in ACTS.items() if operation[0] == "POST"}
    calls = {operation: make(world, targets["own"], may(operation)) for operation, make in forms.items()}
    clients = {operation: _client(world, world.app, ACTORS[may(operation)]) for operation in forms}
    for client in clients.values():
        client.get("/api/v1/me")
    before = contents(world)
    for operation, call in calls.items():
        for name, bad in (*_bad_forms(call), *_bad_places(operation, call)):
            yield from _verdict(clients[operation], operation, name, bad, takes=False)
    if contents(world) != before:
        yield "something was kept"


def _bad_forms(call: Call) -> Iterator[tuple[str, Call]]:
    """Yield the form with each field poisoned, in both of the encodings that browsers use."""
    if call.headers["Content-Type"] == FORM["Content-Type"]:
        fields = dict(parse_qsl((call.content or b"").decode())) | FURTHER.get(call.path, {})
        for name in fields:
            for what, value in VALUES.items():
                if (name not in TEXTS or what in UNREADABLE) and (name, what) not in FITTING:
                    yield f"{name}: {what}", _encoded(call, fields | {name: unquote_to_bytes(value)})
                    yield f"{name}: {what}, in parts", _in_parts(call, fields | {name: unquote_to_bytes(value)})
            yield f"{name}: a file", _in_parts(call, fields, files=(name,))
    elif call.content and JPEG in call.content:  # what is no picture may be a file to import
        content = call.content.replace(JPEG, b"<html>", 1)
        yield "no picture", Call(call.method, call.path, content=content, headers=call.headers)


def _encoded(call: Call, fields: Mapping[str, str | bytes]) -> Call:
    body = urlencode(fields).encode()
    return Call(call.method, call.path, content=body, headers=FORM)


def _in_parts(call: Call, fields: Mapping[str, str | bytes], files: Sequence[str] = ()) -> Call:
    body = b""
    for name, value in fields.items():
        given = f'; filename="{name}"' if name in files else ""
        content = value if isinstance(value, bytes) else value.encode()
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{given}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return Call(call.method, call.path, content=body + f"--{BOUNDARY}--\r\n".encode(), headers=headers)


def _bad_places(operation: Operation, call: Call) -> Iterator[tuple[str, Call]]:
    """Yield the form, sent as it should be, to addresses with a poisoned place."""
    for name, start, end in _places(operation[1]):
        for what in IN_ADDRESSES:
            path = start + VALUES[what] + end
            yield f"{name}: {what}", Call(call.method, path, content=call.content, headers=call.headers)


def _places(path: str) -> Iterator[tuple[str, str, str]]:
    """Yield the places of an address: the name, what stands before, and what stands behind."""
    for place in re.finditer(r"\{(\w+)(:path)?\}", path):
        start, end = (re.sub(r"\{\w+(:path)?\}", "1", part) for part in (path[: place.start()], path[place.end() :]))
        yield place[1], start, end


def _page(world: World, targets: Mapping[str, Target], operation: Operation) -> str:
    """Return the address of a page that is there."""
    if operation in ACTS:
        return ACTS[operation](world, targets["own"], "manager").path
    return OPENING.get(operation, re.sub(r"\{\w+(:path)?\}", "1", operation[1]))


def _reader(world: World, operation: Operation) -> TestClient:
    """Return the client of somebody to whom a page opens."""
    verdicts = SITE.get(operation, {})
    return _client(world, world.app, next((ACTORS[role] for role in verdicts if verdicts[role] == "ok"), "manager"))


def _queried(dependant: Any) -> set[str]:
    """Return the names of the query's parameters, of a route and of all that it depends on."""
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*(_queried(below) for below in dependant.dependencies))
