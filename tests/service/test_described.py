"""What the description of the API promises of every operation: paging, versions asked by day and instant, PUT twice."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import World
from tests.service.calls import ITEMS
from tests.service.full_world import ACTORS, Target
from tests.service.policy import PREFIX
from tests.service.unsafe import contents, may

# two times: what answers with versions, or with what was known
VERSIONED = {
    "/plots": {"as_of", "known_at"},
    "/plots/{code}": {"as_of", "known_at"},
    "/plots/{code}/versions": {"as_of", "known_at"},
    "/contracts/{code}": {"as_of", "known_at"},
    "/contracts/{code}/lines": {"as_of", "known_at"},
    "/contracts/{code}/lines/{number}/versions": {"known_at"},
    "/contracts/{code}/amendments": {"known_at"},
    "/scores": {"known_at"},
    "/findings": {"known_at"},
    "/findings/{finding_id}": {"known_at"},
    "/documents": {"known_at"},
    "/statements": {"known_at"},
    "/statements/{code}": {"known_at"},
}
PUTS = sorted(path for method, path in ITEMS if method == "PUT")


def described(world: World) -> Iterator[tuple[str, str, dict[str, Any], set[str]]]:
    """Yield (method, path, description, names of its parameters)."""
    for path, verbs in world.app.openapi()["paths"].items():
        for method, operation in verbs.items():
            yield method, path, operation, {parameter["name"] for parameter in operation.get("parameters", ())}


def answers_with(operation: dict[str, Any]) -> str:
    schema = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", ""))


def test_every_list_is_paged_by_key(world: World) -> None:
    lists = {path: names for _, path, op, names in described(world) if re.search(r"/Page_", answers_with(op))}
    assert len(lists) > 15
    assert {path for path, names in lists.items() if not {"after", "limit"} <= names} == set()


def test_every_list_refuses_a_page_of_nothing_or_too_much(full: World) -> None:
    client = full.client("auditor")
    for _, path, operation, _names in described(full):
        if "/Page_" in answers_with(operation) and "{" not in path:
            for limit in ("0", "1001", "x"):
                assert client.get(path, params={"limit": limit}).status_code == 422, path
            if path != f"{PREFIX}/audit-events":  # whose marks are numbers
                assert client.get(path, params={"after": "not ours"}).json()["code"] == "bad_cursor", path


def test_what_has_versions_is_asked_by_day_and_instant(world: World) -> None:
    names = {path.removeprefix(PREFIX): known for method, path, _, known in described(world) if method == "get"}
    assert {path: wanted - names[path] for path, wanted in VERSIONED.items() if wanted - names[path]} == {}


def test_every_edit_of_what_was_read_needs_if_match(world: World) -> None:
    """What changes a record that others change, too, names the state that it starts from."""
    edits = {path: names for method, path, op, names in described(world) if method != "put" and "requestBody" in op}
    unnamed = {path for path, names in edits.items() if "if-match" not in names}
    # decided once, whatever was seen: the second is refused as already decided
    assert unnamed == {f"{PREFIX}/statements/{{code}}/decision", f"{PREFIX}/role-grants/{{grant_id}}/answer"}


@pytest.mark.parametrize("path", PUTS)
def test_put_twice_is_put_once(full: World, targets: dict[str, Target], path: str) -> None:
    call = ITEMS[("PUT", path)](full, targets["own"], "manager")
    client = full.client(ACTORS[may(("PUT", path))])
    first = call.send(client)
    after = contents(full)
    again = call.send(client)
    assert first.status_code == 201, first.text
    assert (again.status_code, again.json()) == (200, first.json())
    changed = {name for name, digest in contents(full).items() if digest != after[name]}
    assert changed <= {"audit_event", "audit_content", "audit_head"}, "nothing but a note that it was sent again"
