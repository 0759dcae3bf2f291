"""At the door: the form, what it says when it does not open, one's own account, and the administrators' pages."""

import re
from datetime import date
from threading import BoundedSemaphore

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from service.access.models import ApiToken
from service.access.queries import tokens, user_by_code
from service.access.rules import PER_ACCOUNT, Reach
from service.access.sign_in_actions import issue_token, set_password
from service.core.actor import Role
from service.core.i18n import catalogue
from service.web import small_pool
from tests.conftest import World
from tests.service.access.test_passwords import GOOD, KEPT
from tests.service.full_world import Target, add_user_like
from tests.service.policy import PREFIX
from tests.service.unsafe import UNSAFE, contents
from tests.service.web.visitor import link_for, read, signed_in

NEW = "seven lime trees in a row"


@pytest.fixture
def door(world: World) -> World:
    """Return the park in which the manager has a password; it is 2 January 2013."""
    world.on(date(2013, 1, 2))
    world.act("host", lambda session, host: set_password(session, host, user_by_code(session, "manager"), KEPT))
    return world


def knock(browser: TestClient, name: str = "manager", password: str = GOOD, **more: str) -> Response:
    return browser.post("/sign-in", data={"name": name, "password": password, **more}, follow_redirects=False)


def stranger(world: World, lang: str = "en") -> TestClient:
    return TestClient(world.app, cookies={"lang": lang}, follow_redirects=False)


def test_a_password_signs_in_and_leads_where_one_was_going(door: World) -> None:
    browser = stranger(door)
    asked = browser.get("/findings?state=all")
    assert asked.status_code == 401
    [address] = re.findall(r'href="(/sign-in\?to=[^"]+)"', asked.text)
    form = browser.get(address)
    assert 'name="to" value="/findings?state=all"' in form.text
    answer = knock(browser, to="/findings?state=all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/findings?state=all")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("greenkeep="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/findings?state=all").status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(door: World) -> None:
    browser = TestClient(door.app, base_url="https://testserver", follow_redirects=False)
    answer = knock(browser)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-greenkeep="))
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in stranger(door).get("/sign-in").headers


@pytest.mark.parametrize("to", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "x"])
def test_nobody_is_led_elsewhere(door: World, to: str) -> None:
    assert knock(stranger(door), to=to).headers["location"] == "/map"


def test_wrong_name_and_wrong_password_look_alike(door: World) -> None:
    answers = [
        knock(stranger(door), *pair)
        for pair in (("manager", "x" * 20), ("nobody!", GOOD), ("auditor", GOOD), ("manager", ""))
    ]
    assert {answer.status_code for answer in answers} == {401}
    pages = {re.sub(r'nonce="[^"]*"|value="[^"]*"', "", answer.text) for answer in answers}
    assert len(pages) == 1
    assert "The name or the password is wrong." in pages.pop()
    assert all("set-cookie" not in answer.headers for answer in answers)
    assert not any(GOOD in answer.text or "x" * 20 in answer.text for answer in answers), "what was typed is not shown"


@pytest.mark.parametrize(("lang", "words"), [("en", "Try again at 09:15, in 15 minutes"), ("zh", "请于 09:15")])
def test_after_ten_attempts_one_is_told_how_long_to_wait(door: World, lang: str, words: str) -> None:
    browser = stranger(door, lang)
    for _ in range(PER_ACCOUNT):
        assert knock(browser, "nobody").status_code == 401
    answer = knock(browser, "nobody")
    assert answer.status_code == 429
    assert 840 < int(answer.headers["retry-after"]) <= 900
    assert words in answer.text
    assert knock(browser).status_code == 303, "another account is not held up"
    browser.cookies.clear()
    assert browser.post(link_for(door, "manager")).status_code == 303, "a link is never guessed"


def test_what_nobody_types_is_not_hashed(door: World) -> None:
    before = contents(door)
    assert knock(stranger(door), password="锄" * 86).status_code == 422
    assert knock(stranger(door), password="x" * 1_000_000).status_code == 413
    assert contents(door) == before, "nor counted"
    assert knock(stranger(door), name="a\x00b").status_code == 422


def test_when_too_many_wait_the_next_one_is_sent_away(door: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_pool, "_PLACES", BoundedSemaphore(1))
    with small_pool._PLACES:
        assert knock(stranger(door)).status_code == 503
    assert knock(stranger(door)).status_code == 303


def test_a_link_leads_to_a_password_of_ones_own(door: World) -> None:
    browser, other = signed_in(door, "auditor"), signed_in(door, "auditor")
    assert 'name="old"' not in browser.get("/account").text
    form = {"new": NEW, "again": NEW}
    answer = browser.post("/account/password", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
    assert "Your other sessions have ended" in browser.get("/account?done=password").text
    assert other.get("/account").status_code == 401, "at once"
    assert knock(stranger(door), "auditor", NEW).status_code == 303


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"old": GOOD, "new": "short", "again": "short"}, "at least 12 characters"),
        ({"old": GOOD, "new": NEW, "again": NEW + "."}, "not the same"),
        ({"old": GOOD, "new": "managermanager", "again": "managermanager"}, "easy to guess"),
        ({"old": GOOD, "new": "1212121212121212", "again": "1212121212121212"}, "easy to guess"),
        ({"old": GOOD, "new": "x" * 257, "again": "x" * 257}, "at most 256 bytes"),
        ({"old": "not it, not it", "new": NEW, "again": NEW}, "name or the password is wrong"),
        ({"new": NEW, "again": NEW}, "Give your old password"),
    ],
)
def test_what_is_wrong_with_a_password_is_said(door: World, form: dict[str, str], words: str) -> None:
    browser = stranger(door)
    assert knock(browser).status_code == 303
    answer = browser.post("/account/password", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert not any(secret in answer.text for secret in form.values()), "nothing typed is shown"
    assert knock(stranger(door)).status_code == 303, "the old one still opens"


def test_a_stolen_session_does_not_guess_the_old_password(door: World) -> None:
    browser = stranger(door)
    knock(browser)
    for _ in range(PER_ACCOUNT):
        browser.post("/account/password", data={"old": "a guess, a guess", "new": NEW, "again": NEW})
    answer = browser.post("/account/password", data={"old": GOOD, "new": NEW, "again": NEW})
    assert answer.status_code == 422
    assert "Too many passwords were tried" in answer.text


def test_sessions_are_listed_and_ended(door: World) -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Safari/604.1\x1b[2J"
    phone = TestClient(door.app, headers={"User-Agent": agent.encode()}, follow_redirects=False)  # type: ignore[dict-item]
    knock(phone)
    browser = signed_in(door, "manager")
    page = browser.get("/account").text
    assert "Safari, iPhone" in page
    assert "testclient" in page
    assert page.count("this one") == 1
    for address in re.findall(r'action="(/sessions/[^"]+/end)"', page)[1:]:
        assert browser.post(address).headers["location"] == "/account"
    assert phone.get("/account").status_code == 401
    assert browser.get("/account").status_code == 200


def test_a_token_is_shown_once_and_does_what_its_scope_says(door: World) -> None:
    browser = signed_in(door, "manager")
    answer = browser.post("/account/tokens", data={"name": "nightly <b>export</b>", "reach": "read", "days": "30"})
    [secret] = re.findall(r"gk_[\w-]{43}", answer.text)
    page = browser.get("/account").text
    assert secret not in page
    assert "nightly &lt;b&gt;export" in page
    program = TestClient(door.app, headers={"Authorization": f"Bearer {secret}"})
    [row] = program.get(f"{PREFIX}/tokens").json()["items"]
    assert (row["user"], row["name"], row["scope"]) == ("manager", "nightly <b>export</b>", "read")
    assert program.post(f"{PREFIX}/tokens/{row['id']}/revocation").status_code == 403, "it may only read"
    [address] = re.findall(r'action="(/tokens/[^"]+/revoke)"', page)
    assert browser.post(address).status_code == 303
    assert program.get(f"{PREFIX}/tokens").status_code == 401


def test_a_token_to_read_writes_nothing(full: World, targets: dict[str, Target]) -> None:
    wrong: list[str] = []
    for operation, make in UNSAFE.items():
        call = make(full, targets["own"], "manager")
        secret = full.act(
            "host", lambda s, host: issue_token(s, host, user_by_code(s, "manager"), name="r", reach=Reach.READ)
        )
        before = contents(full)
        answer = call.send(TestClient(full.app, headers={"Authorization": f"Bearer {secret}"}))
        if answer.status_code != 403 or contents(full) != before:
            wrong.append(f"{operation}: {answer.status_code}")
    assert wrong == []


def test_everybody_sees_their_own_tokens_and_the_administrator_all(door: World) -> None:
    seen = {
        who: {row["user"] for row in door.client(who).get(f"{PREFIX}/tokens").json()["items"]}
        for who in ("manager", "green-1", "admin")
    }
    assert seen == {"manager": {"manager"}, "green-1": {"green-1"}, "admin": {"manager", "green-1", "admin"}}
    other = door.read("host", lambda s: tokens(s, user_by_code(s, "green-1")))[0][0]
    assert door.client("manager").post(f"{PREFIX}/tokens/{other.id}/revocation").status_code == 404
    assert door.client("admin").post(f"{PREFIX}/tokens/{other.id}/revocation").json()["revoked_at"]
    assert door.client("green-1").get(f"{PREFIX}/me").status_code == 401


def test_the_last_day_of_use_is_noted_beside_the_requests(door: World) -> None:
    with TestClient(door.app, headers={"Authorization": door.client("manager").headers["authorization"]}) as program:
        before = contents(door)
        assert program.get(f"{PREFIX}/tokens").json()["items"][0]["last_used_on"] is None
        assert contents(door) == before, "a read writes nothing"
    [row] = door.client("manager").get(f"{PREFIX}/tokens").json()["items"]
    assert row["last_used_on"] == "2013-01-02"
    assert "2013-01-02" in signed_in(door, "manager").get("/account").text.partition('id="tokens"')[2]


def test_no_program_makes_more_of_itself(door: World) -> None:
    program = door.client("manager")
    assert program.post("/account/tokens", data={"name": "x", "reach": "write"}).status_code == 403
    assert program.post("/account/password", data={"new": NEW, "again": NEW}).status_code == 403
    with door.session("host") as session:
        assert [type(token) for token, _ in tokens(session)] == [ApiToken]


def test_two_administrators_give_a_role_on_pages(door: World) -> None:
    door.act("host", add_user_like, "admin-2", Role.ADMIN)
    first, second = signed_in(door, "admin"), signed_in(door, "admin-2")
    assert first.post("/accounts/viewer/role", data={"role": "manager"}).headers["location"] == "/accounts/viewer"
    assert "Admin proposes the role Manager" in first.get("/accounts/viewer").text
    assert "/confirm" not in first.get("/accounts").text, "one's own proposal"
    [address] = re.findall(r'action="(/role-grants/[^"]+/confirm)"', second.get("/accounts").text)
    assert first.post(address).status_code == 403
    assert second.post(address).headers["location"] == "/accounts"
    assert second.post(address).status_code == 409
    assert door.client("viewer").get(f"{PREFIX}/me").json()["role"] == "manager"
    assert "Roles that were answered" in signed_in(door, "auditor").get("/accounts").text
    assert 'action="/accounts/admin/role"' not in first.get("/accounts/admin").text
    assert first.get("/accounts/nobody").status_code == 404


def test_an_administrator_ends_anothers_session(door: World) -> None:
    person, admin, auditor = signed_in(door, "manager"), signed_in(door, "admin"), signed_in(door, "auditor")
    [address] = re.findall(r'action="(/sessions/[^"]+/end)"', admin.get("/accounts/manager").text)
    assert "/end" not in auditor.get("/accounts/manager").text, "an auditor only reads"
    assert auditor.post(address).status_code == 404
    assert admin.post(address).headers["location"] == "/accounts/manager"
    assert person.get("/account").status_code == 401


def test_the_door_and_the_accounts_speak_chinese(door: World) -> None:
    english = {str(m.id) for m in catalogue("zh") if m.id and m.id != m.string and "{" not in m.id and len(m.id) > 1}
    door.act("host", add_user_like, "admin-2", Role.ADMIN)
    admin = signed_in(door, "admin", lang="zh")
    admin.post("/accounts/viewer/role", data={"role": "manager"})
    pages = [stranger(door, "zh").get("/sign-in"), stranger(door, "zh").get("/"), knock(stranger(door, "zh"), "x")]
    pages += [admin.get(path) for path in ("/account", "/accounts", "/accounts/viewer", "/accounts/manager")]
    names = {person.name for person in door.actors.values()} | {"Greenkeep", "Admin-2"}
    for page in pages:
        assert set(read(page.text).texts) & english - names == set(), page.url
        assert read(page.text).handlers == []
