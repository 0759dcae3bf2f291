"""What is done to sign-in: links, passwords, browser sessions, API tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta
from math import ceil
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete, select

from service.access import queries, rules
from service.access.models import (
    ApiToken,
    Password,
    SignedIn,
    SignInAttempt,
    SignInLink,
    User,
)
from service.access.rules import Means, Reach
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import now, queue, today
from service.core.errors import found
from service.core.limits import network_of

LINK_LIVES = timedelta(days=1)
SESSION_LIVES = timedelta(hours=12)
TOKEN_LIVES = timedelta(days=365)


def issue_link(session: Session, actor: Actor, user: User) -> str:
    """Return a secret that signs in once, within a day; nobody can read it again."""
    rules.require(actor, Role.HOST)
    rules.refuse_closed(user.active)
    secret = token_urlsafe(32)
    link = SignInLink(user_id=user.id, sha256=queries.digest(secret), expires_at=now(session) + LINK_LIVES)
    session.add(link)
    audit_log.record(session, actor, "sign_in.link", user, after=[_without_secret(link)])
    return secret


def issue_token(
    session: Session, actor: Actor, user: User, *, name: str, reach: Reach = Reach.WRITE, lives: timedelta = TOKEN_LIVES
) -> str:
    """Return an API token of the person's own, or issued by the host; nobody can read it again."""
    if actor.role is not Role.HOST:
        _require_own_browser(actor, user)
    rules.refuse_closed(user.active)
    secret = f"gk_{token_urlsafe(32)}"
    instant = now(session)
    token = ApiToken(
        user_id=user.id,
        name=name,
        reach=reach,
        sha256=queries.digest(secret),
        created_at=instant,
        expires_at=instant + lives,
    )
    session.add(token)
    audit_log.record(session, actor, "token.issue", user, after=[_without_secret(token)])
    return secret


def note_uses(session: Session, actor: Actor, token_ids: Collection[UUID]) -> None:
    """Note that tokens were used today."""
    rules.require(actor, Role.WORKER)
    for token_id in token_ids:
        token = session.get_one(ApiToken, token_id)
        if token.last_used_on != today(session):
            token.last_used_on = today(session)
            session.add(token)
            audit_log.record(session, actor, "token.use", token, after=[_without_secret(token)])


def revoke_token(session: Session, actor: Actor, token_id: UUID) -> ApiToken:
    """End an API token at once: one's own; the administrator and the host anybody's."""
    token = found(session.get(ApiToken, token_id))
    if token.revoked_at:
        return token
    token.revoked_at = now(session)
    session.add(token)
    audit_log.record(session, actor, "token.revoke", token, after=[_without_secret(token)])
    return token


def sign_in(session: Session, actor: Actor, secret: str, *, address: str = "", browser: str = "") -> tuple[User, str]:
    """Use up a link; return its account and the secret of a new browser session."""
    rules.require(actor, Role.GATE)
    query = select(SignInLink).where(col(SignInLink.sha256) == queries.digest(secret)).with_for_update()
    link = session.exec(query).one_or_none()
    instant = now(session)
    if link is None:
        raise rules.AlreadyUsed
    user = session.get_one(User, link.user_id)
    rules.refuse_spent(link.used_at, link.expires_at, instant, is_active=user.active)
    link.used_at = instant
    session.add(link)
    return user, _begin(session, user, Means.LINK, address=address, browser=browser)


def try_password(session: Session, actor: Actor, account: str, *, address: str) -> str | None:
    """Count a password before it is tried, so that many at once are counted, too; return what is kept of the right one.

    None: there is no such account, or it has no password. Refused when too many were tried lately for the account or
    from the address. What counts is taken back when the password was right.
    """
    rules.require(actor, Role.GATE)
    queue(session, "passwords")
    instant, network = now(session), network_of(address)
    attempt = SignInAttempt(at=instant, account=queries.digest(account), address=network)
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.at) <= instant - rules.WINDOW))
    of_account, of_address = col(SignInAttempt.account) == attempt.account, col(SignInAttempt.address) == network
    for same, limit in ((of_account, rules.PER_ACCOUNT), (of_address, rules.PER_ADDRESS)):
        tried = session.exec(select(SignInAttempt.at).where(same).order_by(col(SignInAttempt.at).desc()).limit(limit))
        if until := rules.free_at(tried.all(), limit):
            raise _too_many(session, until)
    user = session.exec(select(User).where(User.code == account, User.active)).one_or_none()
    session.add(attempt)
    told = {"account": user.code if user else None, "address": network}  # a name that nobody has may be a password
    audit_log.record(session, actor, "password.try", attempt, after=[told])
    return queries.kept_password(session, user) if user else None


def sign_in_by_password(
    session: Session, actor: Actor, account: str, kept: str, *, address: str = "", browser: str = ""
) -> tuple[User, str]:
    """Begin a browser session for whoever gave the password of which `kept` is kept; refused if that changed."""
    rules.require(actor, Role.GATE)
    query = select(User).join(Password).where(User.code == account, User.active, Password.argon2 == kept)
    user = session.exec(query).one_or_none()
    if user is None:
        raise rules.WrongPassword
    _forgive(session, user)
    return user, _begin(session, user, Means.PASSWORD, address=address, browser=browser)


def set_password(session: Session, actor: Actor, user: User, argon2: str, *, old: str | None = None) -> None:
    """Keep another password, end the account's other browser sessions and spend its links.

    `old`: what was kept of the old one, once that was given. Without it only the host sets one, and a person whom a
    link has just signed in.
    """
    held = session.get(Password, user.id)
    if actor.role is not Role.HOST:
        _require_own_browser(actor, user)
        begun = session.get_one(SignedIn, actor.signed_in_id)
        if old is None:
            rules.refuse_without_old(begun.means, begun.started_at, now(session))
        elif held is None or held.argon2 != old:
            raise rules.WrongPassword
    password = held or Password(user_id=user.id, argon2=argon2, set_at=now(session))
    password.argon2, password.set_at = argon2, now(session)
    session.add(password)
    for link in session.exec(
        select(SignInLink).where(SignInLink.user_id == user.id, col(SignInLink.used_at).is_(None))
    ):
        link.used_at = now(session)
        session.add(link)
    ended = _end(session, [b for b in queries.running_sessions(session, user) if b.id != actor.signed_in_id])
    _forgive(session, user)
    audit_log.record(session, actor, "password.set", user, after=ended)


def sign_out(session: Session, actor: Actor) -> None:
    """End every browser session of the actor."""
    user = queries.user_of(session, actor)
    ended = _end(session, queries.running_sessions(session, user))
    audit_log.record(session, actor, "sign_in.end", user, after=ended)


def end_session(session: Session, actor: Actor, session_id: UUID) -> SignedIn:
    """End a browser session at once: one's own; the administrator anybody's."""
    begun = found(session.get(SignedIn, session_id))
    if begun.ended_at:
        return begun
    audit_log.record(session, actor, "sign_in.end", session.get_one(User, begun.user_id), after=_end(session, [begun]))
    return begun


def end_everything(session: Session, actor: Actor, user: User) -> None:
    """End every browser session and API token of an account at once."""
    held = [token for token, _ in queries.tokens(session, user) if token.revoked_at is None]
    for token in held:
        token.revoked_at = now(session)
        session.add(token)
    ended = _end(session, queries.running_sessions(session, user)) + [_without_secret(token) for token in held]
    audit_log.record(session, actor, "sign_in.end", user, after=ended)


def _require_own_browser(actor: Actor, user: User) -> None:
    if actor.user_id != user.id:
        raise rules.NotYours
    rules.require_browser(actor)


def _begin(session: Session, user: User, means: Means, *, address: str, browser: str) -> str:
    cookie, instant = token_urlsafe(32), now(session)
    begun = SignedIn(
        user_id=user.id,
        sha256=queries.digest(cookie),
        means=means,
        address=address,
        browser=browser,
        started_at=instant,
        expires_at=instant + SESSION_LIVES,
    )
    session.add(begun)
    audit_log.record(session, queries.actor_of(user), "sign_in.begin", user, after=[_without_secret(begun)])
    return cookie


def _end(session: Session, running: list[SignedIn]) -> list[dict[str, Any]]:
    for begun in running:
        begun.ended_at = begun.ended_at or now(session)
        session.add(begun)
    return [_without_secret(begun) for begun in running]


def _forgive(session: Session, user: User) -> None:
    session.exec(delete(SignInAttempt).where(col(SignInAttempt.account) == queries.digest(user.code)))


def _too_many(session: Session, until: datetime) -> rules.TooManyAttempts:
    seconds = max(1, ceil((until - now(session)).total_seconds()))
    clock = f"{until.astimezone(session.info['zone']):%H:%M}"
    return rules.TooManyAttempts(until=clock, minutes=ceil(seconds / 60), seconds=seconds)


def _without_secret(row: SignInLink | SignedIn | ApiToken) -> dict[str, Any]:
    """The audit log never holds the digest of a secret."""
    return row.model_dump(mode="json", exclude={"sha256"})
