"""Accounts, links, sessions and tokens: what lets somebody in, until when, and what is kept of it."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from service.access.actions import AlreadyInitialised, add_organisation, add_user, found_authority
from service.access.models import ApiToken, Authority, SignedIn, SignInLink, User
from service.access.queries import authenticate, digest, organisation_by_code, user_by_code
from service.access.rules import AlreadyUsed, BrowserNeeded, FirstRoleWeighty, NotYours, RoleNeedsContractor
from service.access.sign_in_actions import (
    LINK_LIVES,
    SESSION_LIVES,
    TOKEN_LIVES,
    issue_link,
    issue_token,
    revoke_token,
    sign_in,
    sign_out,
)
from service.core.actor import GATE, Actor, Kind, Role
from service.core.errors import CodeTaken, SignInNeeded
from tests.conftest import World

ME = "/api/v1/me"


def link(world: World, who: str = "manager") -> str:
    return world.act("host", lambda session, host: issue_link(session, host, user_by_code(session, who)))


def token(world: World, who: str = "manager") -> str:
    return world.act("host", lambda session, host: issue_token(session, host, user_by_code(session, who), name="test"))


def enter(world: World, secret: str) -> str:
    with world.database.transaction(GATE) as session:
        return sign_in(session, GATE, secret)[1]


def who_is(world: World, *, token: str = "", cookie: str = "") -> str:
    """Return whom the gate takes somebody for; nobody when it refuses."""
    with world.database.transaction(GATE, write=False) as session:
        try:
            return authenticate(session, token, cookie).code
        except SignInNeeded:
            return "nobody"


def later(world: World, by: timedelta) -> None:
    world.instant += by


def test_a_link_signs_in_once(world: World) -> None:
    secret = link(world)
    cookie = enter(world, secret)
    assert who_is(world, cookie=cookie) == "manager"
    for spent in (secret, secret[:-1], "", cookie):
        with pytest.raises(AlreadyUsed):
            enter(world, spent)


def test_everything_ends_on_time(world: World) -> None:
    stale, secret, program = link(world), link(world), token(world)
    cookie = enter(world, secret)
    later(world, SESSION_LIVES - timedelta(minutes=1))
    assert who_is(world, cookie=cookie) == "manager"
    later(world, timedelta(minutes=1))
    assert who_is(world, cookie=cookie) == "nobody"
    later(world, LINK_LIVES)
    with pytest.raises(AlreadyUsed):
        enter(world, stale)
    assert who_is(world, token=program) == "manager"
    later(world, TOKEN_LIVES)
    assert who_is(world, token=program) == "nobody"


def test_signing_out_ends_every_session_of_oneself_alone(world: World) -> None:
    first, second, other = (enter(world, link(world, who)) for who in ("manager", "manager", "auditor"))
    program = token(world)
    world.act("manager", sign_out)
    assert [who_is(world, cookie=cookie) for cookie in (first, second, other)] == ["nobody", "nobody", "auditor"]
    assert who_is(world, token=program) == "manager", "a program is not a browser"


def test_a_revoked_token_and_a_closed_account_are_out_at_once(world: World) -> None:
    program, other = token(world), token(world, "auditor")
    headers = {"Authorization": f"Bearer {program}"}
    assert TestClient(world.app, headers=headers).get(ME).json()["code"] == "manager"
    with world.session("admin", write=True) as session:
        held = session.exec(select(ApiToken).where(ApiToken.sha256 == digest(program))).one()
        revoke_token(session, world.actors["admin"], held.id)
    assert TestClient(world.app, headers=headers).get(ME).status_code == 401
    with world.session("host", write=True) as session:
        user_by_code(session, "auditor").active = False
    assert who_is(world, token=other) == "nobody"


def test_neither_kind_of_secret_serves_as_the_other(world: World) -> None:
    program, cookie, secret = token(world), enter(world, link(world)), link(world)
    assert who_is(world, cookie=program) == "nobody"
    assert who_is(world, token=cookie) == "nobody"
    assert who_is(world, token=secret) == who_is(world, cookie=secret) == "nobody"
    assert who_is(world, token="gk_wrong", cookie=cookie) == "nobody", "a wrong token is not made good by a cookie"
    assert who_is(world) == "nobody"


def _flips(secret: str) -> Iterator[str]:
    for place in range(len(secret)):
        yield secret[:place] + ("A" if secret[place] != "A" else "B") + secret[place + 1 :]


def test_a_secret_that_is_off_by_one_letter_opens_nothing(world: World) -> None:
    program = token(world)
    assert {who_is(world, token=wrong) for wrong in (*_flips(program), program + "A", program.upper())} == {"nobody"}


def test_no_secret_is_kept(world: World) -> None:
    secrets = [token(world), link(world)]
    secrets.append(enter(world, secrets[1]))
    assert len(set(secrets)) == 3
    assert all(len(secret) >= 43 for secret in secrets), "256 bits"
    with world.database.transaction(GATE, write=False) as session:
        kept = [*session.exec(select(ApiToken)), *session.exec(select(SignInLink)), *session.exec(select(SignedIn))]
        text = " ".join(str(row.model_dump()) for row in kept)
    assert not any(secret in text for secret in secrets)
    assert all(digest(secret) in text for secret in secrets)


@pytest.mark.parametrize("who", ["admin", "manager", "auditor", "viewer", "green-1"])
def test_only_the_host_gives_a_first_weighty_role_and_issues_secrets(world: World, who: str) -> None:
    def try_all(session: Session, actor: Actor) -> None:
        organisation = organisation_by_code(session, "green" if who == "green-1" else "park")
        user = session.exec(select(User).where(col(User.code) == who)).one()
        with pytest.raises((NotYours, FirstRoleWeighty)):
            add_user(session, actor, code="x", name="X", role=Role.ADMIN, organisation=organisation, language="en")
        with pytest.raises(BrowserNeeded):
            issue_token(session, actor, user, name="x")
        with pytest.raises(NotYours):
            issue_link(session, actor, user)

    world.act(who, try_all)


def test_a_role_fits_its_organisation_and_codes_are_given_once(world: World) -> None:
    def add(session: Session, host: Actor, code: str, role: Role, organisation: str) -> User:
        party = organisation_by_code(session, organisation)
        return add_user(session, host, code=code, name="X", role=role, organisation=party, language="en")

    for role, organisation in ((Role.CONTRACTOR, "park"), (Role.MANAGER, "green"), (Role.AUDITOR, "river")):
        with pytest.raises(RoleNeedsContractor):
            world.act("host", add, "x", role, organisation)
    with pytest.raises(CodeTaken):
        world.act("host", add, "manager", Role.MANAGER, "park")
    with pytest.raises(CodeTaken):
        world.act("host", add_organisation, code="green", kind=Kind.BUILDER, name_zh="绿", name_en="Green")


def test_a_database_has_one_authority(world: World) -> None:
    with world.session("host") as session:
        known = session.exec(select(Authority)).one()
    again = Authority.model_validate(known.model_dump())
    with pytest.raises(AlreadyInitialised):
        world.act("host", found_authority, again)


def test_two_sign_ins_with_one_link_are_one(world: World) -> None:
    world.on(date(2013, 1, 2))
    secret = link(world)
    answers = [TestClient(world.app, follow_redirects=False).post(f"/sign-in/{secret}").status_code for _ in range(2)]
    assert answers == [303, 401]
