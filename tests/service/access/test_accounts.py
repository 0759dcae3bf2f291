"""Accounts over the API: opened, given roles by two, closed at once, opened again by the operator alone."""

from datetime import date
from typing import Any

import pytest

from service.access.actions import close_account, reopen_account
from service.access.queries import user_by_code
from service.access.rules import AccountClosed, AccountOpen, AlreadyUsed, NotYours, OwnAccount
from service.access.sign_in_actions import issue_link, issue_token, sign_in
from service.core.actor import GATE, Role
from tests.conftest import World
from tests.service.full_world import add_user_like

API = "/api/v1"
NEW = {"name": "新巡查员", "role": "inspector", "organisation": "park", "language": "zh"}


@pytest.fixture
def two(world: World) -> World:
    """Return the park with two administrators."""
    world.act("host", add_user_like, "admin-2", Role.ADMIN)
    return world


def ask(world: World, method: str, path: str, who: str = "admin", **more: Any) -> Any:
    return world.client(who).request(method, API + path, **more)


def etag(world: World, who: str) -> dict[str, str]:
    return {"If-Match": ask(world, "GET", f"/users/{who}").headers["etag"]}


def test_an_account_is_opened_once(world: World) -> None:
    opened = ask(world, "PUT", "/users/lin", json=NEW)
    assert (opened.status_code, opened.json()) == (201, NEW | {"code": "lin", "active": True})
    again = ask(world, "PUT", "/users/lin", json=NEW)
    assert (again.status_code, again.json()) == (200, opened.json())
    assert ask(world, "PUT", "/users/lin", json=NEW | {"role": "viewer"}).json()["code"] == "code_taken"
    assert ask(world, "PUT", "/users/lin2", json=NEW | {"organisation": "nobody"}).json()["code"] == "unknown_code"
    assert (
        ask(world, "PUT", "/users/lin2", json=NEW | {"organisation": "green"}).json()["code"] == "role_needs_contractor"
    )
    assert ask(world, "PUT", "/users/Lin", json=NEW).status_code == 422


@pytest.mark.parametrize("role", ["manager", "auditor", "admin"])
def test_no_account_is_opened_with_a_weighty_role_by_one_person(world: World, role: str) -> None:
    assert ask(world, "PUT", "/users/lin", json=NEW | {"role": role}).json()["code"] == "first_role_weighty"
    assert ask(world, "GET", "/users/lin").status_code == 404


@pytest.mark.parametrize("role", ["host", "gate", "worker"])
def test_what_is_no_persons_role_is_nobodys(world: World, role: str) -> None:
    """By no door: neither opening an account, nor giving a role over the API or on the page."""
    assert ask(world, "PUT", "/users/lin", json=NEW | {"role": role}).json()["code"] == "no_persons_role"
    given = ask(world, "POST", "/users/viewer/role", json={"role": role}, headers=etag(world, "viewer"))
    assert given.json()["code"] == "no_persons_role"
    assert world.client("admin").post("/accounts/viewer/role", data={"role": role}).status_code == 422
    assert ask(world, "GET", "/users/viewer").json()["role"] == "viewer"


def test_an_organisation_is_entered_once(world: World) -> None:
    body = {"kind": "contractor", "name": {"zh": "新绿", "en": "New Green"}}
    assert ask(world, "PUT", "/organisations/new-green", json=body).status_code == 201
    assert ask(world, "PUT", "/organisations/new-green", json=body).status_code == 200
    other = body | {"kind": "builder"}
    assert ask(world, "PUT", "/organisations/new-green", json=other).json()["code"] == "code_taken"


def test_a_role_over_the_api_takes_the_same_two_people(two: World) -> None:
    seen = etag(two, "viewer")
    given = ask(two, "POST", "/users/viewer/role", json={"role": "manager"}, headers=seen).json()
    assert given["user"]["role"] == "viewer"
    assert (given["proposal"]["role"], given["proposal"]["answer"]) == ("manager", None)
    path = f"/role-grants/{given['proposal']['id']}/answer"
    assert ask(two, "POST", path, json={"answer": "confirmed"}).json()["code"] == "other_person_needed"
    said = ask(two, "POST", path, "admin-2", json={"answer": "confirmed"}).json()
    assert (said["answer"], said["answered_by"]) == ("confirmed", "Admin-2")
    assert ask(two, "GET", "/users/viewer").json()["role"] == "manager"
    assert ask(two, "POST", path, "admin-2", json={"answer": "declined"}).json()["code"] == "already_answered"
    stale = ask(two, "POST", "/users/viewer/role", json={"role": "inspector"}, headers=seen)
    assert stale.status_code == 412
    rows = ask(two, "GET", "/role-grants", params={"user": "viewer"}).json()["items"]
    assert [row["id"] for row in rows] == [given["proposal"]["id"]]
    for asked, count in (("waiting=true", 0), ("waiting=false", 1), ("answer=declined", 0), ("answer=confirmed", 1)):
        assert len(ask(two, "GET", f"/role-grants?{asked}").json()["items"]) == count


def test_a_light_role_is_given_at_once(world: World) -> None:
    given = ask(world, "POST", "/users/viewer/role", json={"role": "inspector"}, headers=etag(world, "viewer"))
    assert (given.json()["user"]["role"], given.json()["proposal"]) == ("inspector", None)
    assert given.headers["etag"] == '"inspector"'
    assert ask(world, "POST", "/users/viewer/role", json={"role": "viewer"}).status_code == 428


def test_a_closed_account_is_out_at_once_and_what_it_did_stays(world: World) -> None:
    world.on(date(2013, 1, 5))
    world.file("N-1")
    client, browser, link = world.client("inspector"), world.browser("inspector"), world.link("inspector")
    assert [c.get(f"{API}/me").status_code for c in (client, browser)] == [200, 200]
    before = ask(world, "GET", "/audit-events", "auditor", params={"actor": "inspector"}).json()["items"]
    closed = ask(world, "POST", "/users/inspector/closure", headers=etag(world, "inspector"))
    assert (closed.status_code, closed.json()["active"]) == (200, False)
    assert [c.get(f"{API}/me").status_code for c in (client, browser)] == [401, 401]
    assert ask(world, "GET", "/sessions", params={"user": "inspector"}).json()["items"] == []
    tokens = ask(world, "GET", "/tokens", params={"user": "inspector"}).json()["items"]
    assert [row["revoked_at"] is None for row in tokens] == [False]
    assert world.client().get(f"/sign-in/{link}").status_code in (401, 404)
    with pytest.raises(AlreadyUsed), world.database.transaction(GATE) as session:
        sign_in(session, GATE, link)
    kept = ask(world, "GET", "/audit-events", "auditor", params={"actor": "inspector"}).json()["items"]
    assert kept == before
    again = ask(world, "POST", "/users/inspector/closure", headers=etag(world, "inspector"))
    assert again.json()["code"] == "account_closed"
    role = ask(world, "POST", "/users/inspector/role", json={"role": "viewer"}, headers=etag(world, "inspector"))
    assert role.json()["code"] == "account_closed"


def test_only_the_operator_opens_it_again(world: World) -> None:
    def run(who: str, action: Any, **more: Any) -> None:
        world.act(who, lambda session, actor: action(session, actor, user_by_code(session, "viewer"), **more))

    with pytest.raises(AccountOpen):
        run("host", reopen_account)
    run("host", close_account)
    for action, more in ((issue_link, {}), (issue_token, {"name": "x"}), (close_account, {})):
        with pytest.raises(AccountClosed):
            run("host", action, **more)
    with pytest.raises(NotYours):
        run("admin", reopen_account)
    run("host", reopen_account)
    assert world.client("viewer").get(f"{API}/me").status_code == 200


def test_nobody_closes_their_own_account(world: World) -> None:
    with pytest.raises(OwnAccount):
        world.act("admin", lambda session, actor: close_account(session, actor, user_by_code(session, "admin")))


def test_a_proposal_for_a_closed_account_cannot_be_confirmed(two: World) -> None:
    given = ask(two, "POST", "/users/viewer/role", json={"role": "auditor"}, headers=etag(two, "viewer")).json()
    ask(two, "POST", "/users/viewer/closure", headers=etag(two, "viewer"))
    path = f"/role-grants/{given['proposal']['id']}/answer"
    assert ask(two, "POST", path, "admin-2", json={"answer": "confirmed"}).json()["code"] == "account_closed"
    assert ask(two, "POST", path, "admin-2", json={"answer": "declined"}).status_code == 200


def test_sessions_are_listed_and_ended(world: World) -> None:
    browser = world.browser("manager")
    [own] = ask(world, "GET", "/sessions", "manager").json()["items"]
    assert (own["user"], own["means"], own["ended_at"]) == ("manager", "link", None)
    assert ask(world, "GET", "/sessions", "viewer").json()["items"] == []
    path = f"/sessions/{own['id']}/revocation"
    assert ask(world, "POST", path, "viewer").status_code == 404
    assert ask(world, "POST", path, "admin").json()["ended_at"]
    assert ask(world, "POST", path, "manager").status_code == 200
    assert browser.get(f"{API}/me").status_code == 401
    assert ask(world, "GET", "/sessions", "viewer", params={"user": "manager"}).status_code == 404
