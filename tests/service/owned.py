"""Z3: what the server alone says of a record cannot be sent, and what it answers is what was agreed."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from httpx2 import Response
from sqlalchemy import Column, select
from sqlmodel import SQLModel

from service.core.columns import Word
from tests.conftest import World
from tests.service.calls import COMMON, ITEMS, LISTS, SHEETS, Call, Maker, address_of
from tests.service.full_world import ACTORS, Target
from tests.service.matrix import rows_of_sheet
from tests.service.pages import FORM
from tests.service.policy import API, AT_A_BROWSER, PREFIX, ROLES, Operation
from tests.service.unsafe import contents, may

FREE = ("details", "counts", "indicators", "layout", "root", "children", "facts")  # keys of any name
ANSWERS = Path(__file__).with_name("answers.txt")
BESIDE = {"status": "approved", "amount": "987654.32", "by": "zz-owned", "actor": "zz-owned", "is_admin": "true"}
UNMISTAKABLE: dict[type, Any] = {
    UUID: UUID("01890000-0000-7000-8000-00000000beef"),
    int: 98765432,
    str: "zz-owned",
    date: date(2031, 3, 4),
    datetime: datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC),
    Decimal: Decimal("987654.32"),
    bool: True,
}
# fields that a form or a body has of its own, though a table has a column of this name
OWN = {
    "/findings/new": {"plot", "type", "severity", "quantity", "text", "found_on", "note"},
    "/uploads/new": {"kind", "file", "layout", "from", "zone"},
    "/statements": {"contract", "first"},
    "/account/tokens": {"name", "reach", "days"},
    "/accounts/{code}/role": {"role"},
    f"{PREFIX}/uploads/{{upload_id}}": {"kind", "file", "from", "layout", "set_aside"},
}


def owned() -> dict[str, Any]:
    """Return a value for every column of every table, by the name of the column, and for the words that mean them."""
    made: dict[str, Any] = dict(BESIDE)
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if (value := _value(column)) is not None:
                made[column.name] = value
    return made


def _value(column: Column[Any]) -> Any:
    if isinstance(column.type, Word):
        return list(column.type.enum)[-1].value
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return None
    return str(UNMISTAKABLE[kind]) if kind in UNMISTAKABLE else None


def cells(world: World) -> Counter[tuple[str, str, str]]:
    """Count what stands in the columns that hold words or yes and no, and every value that only we would send."""
    found: Counter[tuple[str, str, str]] = Counter()
    with world.database.engine.connect() as connection:
        for name, table in SQLModel.metadata.tables.items():
            for row in connection.execute(select(table)).mappings():
                for column in table.columns:
                    value = row[column.name]
                    is_word = isinstance(value, bool | StrEnum)
                    if is_word or any(type(value) is type(sent) and value == sent for sent in UNMISTAKABLE.values()):
                        found[name, column.name, str(value)] += 1
    return found


def taken(world: World, targets: Mapping[str, Target], makers: Mapping[Operation, Maker]) -> Iterator[str]:
    """Yield the operations that take what is the server's to say, or do otherwise because it was sent."""
    description = world.app.openapi()
    for operation, make in makers.items():
        role = may(operation)
        client = (world.browser if operation in AT_A_BROWSER else world.client)(ACTORS[role])
        call = make(world, targets["other contract" if "approve" in operation[1] else "own"], role)  # it is done once
        if call.json is not None:
            yield from _refused(world, client, operation, call, description)
            continue
        before = cells(world)
        plainly = call.send(client)
        expected = cells(world) - before
        for names in _portions(operation, call):
            loaded = _loaded(make(world, targets["own"], role), names)
            start = cells(world)
            answer = loaded.send(client)
            if answer.status_code >= 500 or (answer.status_code < 400) != (plainly.status_code < 400):
                yield f"{operation} with more: {answer.status_code}"
            more = cells(world) - start
            if more - expected:
                yield f"{operation} keeps {sorted(more - expected)[:3]}"


def _portions(operation: Operation, call: Call) -> Iterator[dict[str, Any]]:
    """Yield what is sent beside a call's own fields: a few at a time where a form takes only a few."""
    mine = OWN.get(operation[1], set()) | {"seen", "note", "reason", "new", "again", "old", "client_id"}
    every = {name: value for name, value in owned().items() if name not in mine}
    size = 5 if call.content and call.headers.get("Content-Type", "").startswith("multipart") else len(every)
    names = list(every)
    for begin in range(0, len(names), size):
        yield {name: every[name] for name in names[begin : begin + size]}


def _loaded(call: Call, more: Mapping[str, Any]) -> Call:
    """Return a call with further fields, in the body when it is a form, else in the address."""
    kind = call.headers.get("Content-Type", "")
    if kind == FORM["Content-Type"]:
        content = (call.content or b"") + b"&" + urlencode(more).encode()
        return Call(call.method, call.path, content=content, headers=call.headers)
    if boundary := re.fullmatch(r"multipart/form-data; boundary=(\w+)", kind):
        head = f'--{boundary[1]}\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n{{}}\r\n'
        content = "".join(head.format(name, value) for name, value in more.items()).encode() + (call.content or b"")
        return Call(call.method, call.path, content=content, headers=call.headers)
    path = f"{call.path}{'&' if '?' in call.path else '?'}{urlencode(more)}"
    return Call(call.method, path, content=call.content, headers=call.headers)


def _refused(world: World, client: Any, operation: Operation, call: Call, description: dict[str, Any]) -> Iterator[str]:
    """Yield the places of a body that take a field which is none of theirs."""
    described = description["paths"][operation[1]][operation[0].lower()]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    before = contents(world)
    for place, own in _objects(description, schema):
        sent = {name: value for name, value in owned().items() if name not in own}
        body = _with(call.json, place, sent)
        answer = call.__class__(call.method, call.path, json=body, headers=call.headers).send(client)
        fields = answer.json().get("details", {}).get("fields", ()) if answer.status_code == 422 else ()
        refused = sum(field["code"] == "extra_forbidden" for field in fields)
        if refused != len(sent):
            yield f"{operation} {'.'.join(map(str, place))}: {answer.status_code}, {len(sent) - refused} fields taken"
    if contents(world) != before:
        yield f"{operation} changes something"


Place = tuple[str | int, ...]


def _objects(
    description: dict[str, Any], schema: dict[str, Any], place: Place = ()
) -> Iterator[tuple[Place, set[str]]]:
    """Yield the place of each object of a schema, and the names of its own fields."""
    if name := schema.get("$ref"):
        schema = description["components"]["schemas"][name.rpartition("/")[2]]
    for part in schema.get("anyOf", []) + schema.get("oneOf", []):
        yield from _objects(description, part, place)
    if "items" in schema:
        yield from _objects(description, schema["items"], (*place, 0))
    if fields := schema.get("properties"):
        yield place, set(fields)
        for name, field in fields.items():
            yield from _objects(description, field, (*place, name))


def _with(body: dict[str, Any], place: Place, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body with more fields in one of its objects."""
    if not place:
        return {**body, **more}
    inner = body.get(str(place[0]))
    if isinstance(inner, list) and len(place) == 1:  # an object may stand there instead
        return {**body, str(place[0]): dict(more)}
    if isinstance(inner, list):
        return {**body, str(place[0]): [_with(inner[0], place[2:], more), *inner[1:]]}
    known = inner or {"longitude": 118.8005, "latitude": 31.9005}
    return {**body, str(place[0]): _with(known, place[1:], more)}


Shape = dict[str, set[str]]  # by the place of an object, the names of its fields


def answered(
    world: World, targets: Mapping[str, Target], roles: Sequence[str] = ROLES, methods: Sequence[str] = ("GET",)
) -> Iterator[tuple[Operation, str, str, set[str]]]:
    """Yield every object that somebody is answered with: operation, role, place, fields."""
    for operation in (one for one in API if one[0] in methods):
        for role in roles:
            if API[operation][role] not in ("403", "none"):
                answer = _call(world, targets, operation, role).send(world.client(ACTORS[role]))
                yield from ((operation, role, *shape) for shape in _shapes(answer))


def agreed() -> dict[Operation, Shape]:
    """Read what was agreed: the fields of every answer."""
    found: dict[Operation, Shape] = {}
    for line in ANSWERS.read_text("utf-8").splitlines():
        if not line.startswith(" "):
            method, path = line.split()
            shape = found[method, PREFIX + path] = {}
        else:
            place, _, fields = line.strip().partition(": ")
            shape[place.strip(".")] = set(fields.split(", "))
    return found


def written(found: Mapping[Operation, Shape]) -> str:
    """Write fields as the file has them."""
    lines = []
    for (method, path), shape in found.items():
        lines.append(f"{method} {path.removeprefix(PREFIX)}")
        lines += [f"    {place or '.'}: {', '.join(sorted(fields))}" for place, fields in shape.items()]
    return "\n".join(lines) + "\n"


def _call(world: World, targets: Mapping[str, Target], operation: Operation, role: str) -> Call:
    if operation in ITEMS:
        return ITEMS[operation](world, targets["own"], role)
    return Call("GET", address_of(operation) if operation in LISTS | SHEETS else COMMON[operation])


def _shapes(answer: Response) -> Iterator[tuple[str, set[str]]]:
    """Yield each object of an answer: where it stands, and the names of its fields."""
    kind = answer.headers.get("content-type", "")
    if kind.startswith("text/csv"):
        yield from (("", set(row)) for row in rows_of_sheet(answer)[:1])
    elif kind == "application/json" and answer.request.url.path != f"{PREFIX}/openapi.json":
        yield from _walk(answer.json(), "")


def _walk(value: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, path)
    elif isinstance(value, dict):
        yield path, set(value)
        for name, inner in value.items():
            if name not in FREE:
                yield from _walk(inner, f"{path}.{name}".lstrip("."))
