"""Passwords: how they are kept, how often they may be tried, and what setting one ends."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlmodel import Session, select

from service.access import passwords
from service.access.models import Password, SignInAttempt, User
from service.access.queries import authenticate, kept_password, running_sessions, user_by_code
from service.access.rules import (
    FRESH,
    PER_ACCOUNT,
    PER_ADDRESS,
    WINDOW,
    AlreadyUsed,
    BrowserNeeded,
    NotYours,
    OldPasswordNeeded,
    Reach,
    TooManyAttempts,
    WrongPassword,
)
from service.access.sign_in_actions import (
    end_session,
    issue_link,
    issue_token,
    set_password,
    sign_in,
    sign_in_by_password,
    try_password,
)
from service.audit_log.queries import events
from service.core.actor import GATE, Actor
from service.core.errors import NotFound, Refusal, SignInNeeded
from tests.conftest import World

GOOD = "four green benches"
KEPT = passwords.hashed(GOOD)  # once for all tests: a hash is slow on purpose


def give(world: World, who: str, kept: str = KEPT) -> None:
    """Set a password as the host."""
    world.act("host", lambda session, host: set_password(session, host, user_by_code(session, who), kept))


def try_at(world: World, account: str, address: str = "192.0.2.1") -> str | None:
    with world.database.transaction(GATE) as session:
        return try_password(session, GATE, account, address=address)


def enter(world: World, account: str, kept: str = KEPT) -> Actor:
    """Sign in by password; return the person at the browser."""
    with world.database.transaction(GATE) as session:
        _user, cookie = sign_in_by_password(session, GATE, account, kept)
    return at_browser(world, cookie)


def at_browser(world: World, cookie: str) -> Actor:
    with world.database.transaction(GATE, write=False) as session:
        return authenticate(session, "", cookie)


def by_link(world: World, who: str) -> Actor:
    """Sign in by a link; return the person at the browser."""
    secret = world.act("host", lambda session, host: issue_link(session, host, user_by_code(session, who)))
    with world.database.transaction(GATE) as session:
        cookie = sign_in(session, GATE, secret)[1]
    return at_browser(world, cookie)


def set_as(world: World, actor: Actor, who: str, *, old: str | None = None, new: str = KEPT) -> None:
    with world.database.transaction(actor) as session:
        set_password(session, actor, session.exec(select(User).where(User.code == who)).one(), new, old=old)


def running(world: World, who: str) -> set[UUID]:
    return {b.id for b in world.read("host", lambda s: running_sessions(s, user_by_code(s, who)))}


def test_a_password_is_kept_as_argon2id_and_is_the_same_however_it_is_typed() -> None:
    assert KEPT.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert passwords.hashed(GOOD) != KEPT, "salted"
    assert passwords.fits(KEPT, GOOD)
    assert not passwords.fits(KEPT, GOOD + " ")
    assert not passwords.fits(None, GOOD)
    composed, apart = "cafés of the world", "cafe\u0301s of the world"
    assert passwords.fits(passwords.hashed(composed), apart)


def test_the_right_password_signs_in_and_nothing_else_does(world: World) -> None:
    give(world, "manager")
    assert try_at(world, "manager") == KEPT
    assert enter(world, "manager").code == "manager"
    for account, kept in (("manager", "other"), ("auditor", KEPT), ("nobody", KEPT)):
        with pytest.raises(WrongPassword):
            enter(world, account, kept)
    assert try_at(world, "auditor") is None, "no password"
    assert try_at(world, "nobody") is None
    with world.session("host", write=True) as session:
        user_by_code(session, "manager").active = False
    assert try_at(world, "manager") is None
    with pytest.raises(WrongPassword):
        enter(world, "manager")


@pytest.mark.parametrize("account", ["manager", "nobody"])
def test_an_account_is_tried_ten_times_in_a_quarter_of_an_hour(world: World, account: str) -> None:
    for n in range(PER_ACCOUNT):
        try_at(world, account, f"192.0.2.{n}")
    with pytest.raises(TooManyAttempts) as refused:
        try_at(world, account, "192.0.2.99")
    details = refused.value.details
    assert details["until"] == "09:15", "the first one was tried just after nine"
    assert (details["minutes"], 840 < int(str(details["seconds"])) <= 900) == (15, True)
    try_at(world, "auditor")
    world.instant += WINDOW
    try_at(world, account)


def test_an_address_is_counted_whatever_it_tries(world: World) -> None:
    for n in range(PER_ADDRESS):
        try_at(world, f"name-{n}", f"2001:db8::{n:x}")
    with pytest.raises(TooManyAttempts):
        try_at(world, "manager", "2001:db8::ffff")
    try_at(world, "manager", "2001:db8:0:1::1")


def test_what_was_right_is_not_counted(world: World) -> None:
    give(world, "manager")
    for _ in range(PER_ACCOUNT + 2):
        try_at(world, "manager")
        enter(world, "manager")
    world.instant += WINDOW
    try_at(world, "auditor")
    with world.database.transaction(GATE, write=False) as session:
        assert len(session.exec(select(SignInAttempt)).all()) == 1, "what no longer counts is gone"


def test_attempts_at_the_same_time_are_all_counted(world: World) -> None:
    def one(n: int) -> bool:
        try:
            try_at(world, "manager", f"192.0.2.{n}")
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(30))) == PER_ACCOUNT


def test_setting_a_password_ends_the_other_sessions_and_links(world: World) -> None:
    give(world, "manager")
    first, second, other = enter(world, "manager"), by_link(world, "manager"), enter(world, "manager")
    link = world.act("host", lambda session, host: issue_link(session, host, user_by_code(session, "manager")))
    auditor = by_link(world, "auditor")
    set_as(world, first, "manager", old=KEPT, new=passwords.hashed("another set of words"))
    assert running(world, "manager") == {first.signed_in_id}
    assert other.signed_in_id not in running(world, "manager")
    assert second.signed_in_id not in running(world, "manager")
    assert running(world, "auditor") == {auditor.signed_in_id}
    with pytest.raises(AlreadyUsed), world.database.transaction(GATE) as session:
        sign_in(session, GATE, link)
    with pytest.raises(WrongPassword):
        enter(world, "manager")
    give(world, "manager")
    assert running(world, "manager") == set(), "set by the host it ends all"


def test_without_the_old_password_only_a_fresh_link_sets_one(world: World) -> None:
    fresh = by_link(world, "manager")
    set_as(world, fresh, "manager")
    by_password = enter(world, "manager")
    with pytest.raises(OldPasswordNeeded):
        set_as(world, by_password, "manager")
    with pytest.raises(WrongPassword):
        set_as(world, by_password, "manager", old="not what is kept")
    again = by_link(world, "manager")
    world.instant += FRESH
    with pytest.raises(OldPasswordNeeded):
        set_as(world, again, "manager")


def test_nobody_sets_anothers_password_and_no_program_ones_own(world: World) -> None:
    attempts: tuple[tuple[str, Actor, type[Refusal]], ...] = (
        ("auditor", by_link(world, "manager"), NotYours),
        ("manager", by_link(world, "admin"), NotYours),
        ("manager", world.actors["manager"], BrowserNeeded),
    )
    for who, actor, refusal in attempts:
        with pytest.raises(refusal):
            set_as(world, actor, who)
    assert world.read("host", lambda s: kept_password(s, user_by_code(s, "manager"))) is None


def test_a_session_is_ended_by_its_person_and_by_the_administrator(world: World) -> None:
    own, second = by_link(world, "manager"), by_link(world, "manager")
    assert own.signed_in_id
    assert second.signed_in_id
    for who in ("auditor", "manager-2", "green-1"):
        with pytest.raises(NotFound):
            world.act(who, end_session, own.signed_in_id)
    world.act("manager", end_session, own.signed_in_id)
    assert running(world, "manager") == {second.signed_in_id}
    world.act("admin", end_session, second.signed_in_id)
    assert running(world, "manager") == set()


def test_no_password_and_no_hash_of_one_is_in_the_log(world: World) -> None:
    give(world, "manager")
    try_at(world, GOOD)  # the password typed where the name belongs
    enter(world, "manager")
    with world.session("auditor") as session:
        log = " ".join(f"{e.fields} {c.document if c else ''}" for e, c in events(session, after=0, limit=1000))
        held = session.exec(select(Password)).all()
    assert "password.set" in log
    assert "password.try" in log
    for secret in (GOOD, KEPT, KEPT.rpartition("$")[2]):
        assert secret not in log
    assert list(held) == [], "nobody but oneself, the host and the gate see what is kept"


def test_a_token_to_read_is_known_as_one(world: World) -> None:
    def issue(session: Session, host: Actor, reach: Reach) -> str:
        return issue_token(session, host, user_by_code(session, "manager"), name="x", reach=reach)

    for reach, reads_only in ((Reach.READ, True), (Reach.WRITE, False)):
        token = world.act("host", issue, reach)
        with world.database.transaction(GATE, write=False) as session:
            actor = authenticate(session, token, "")
        assert (actor.reads_only, actor.signed_in_id) == (reads_only, None)
    with world.database.transaction(GATE, write=False) as session, pytest.raises(SignInNeeded):
        authenticate(session, "", "")
