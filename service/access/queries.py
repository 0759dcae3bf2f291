"""Reads of access, and who sees what of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from service.access.models import (
    ApiToken,
    Authority,
    Organisation,
    Password,
    RoleGrant,
    RoleGrantAnswer,
    SignedIn,
    SignInAttempt,
    SignInLink,
    User,
)
from service.access.rules import AlreadyUsed, Reach, refuse_spent
from service.core.actor import PEOPLE, Actor, Kind, Role
from service.core.db import now, today
from service.core.errors import SignInNeeded, found, known
from service.core.scope import everything, scope_of, unscoped

INSIDE = tuple(role for role in Role if role is not Role.CONTRACTOR)
scope_of(Authority, *Role)(everything)
scope_of(Organisation, *INSIDE)(everything)
scope_of(User, Role.HOST, Role.GATE, Role.ADMIN, Role.AUDITOR, Role.MANAGER)(everything)
scope_of(SignInLink, Role.GATE, Role.HOST)(everything)
scope_of(SignedIn, Role.GATE, Role.HOST, Role.ADMIN)(everything)
scope_of(ApiToken, Role.GATE, Role.HOST, Role.ADMIN, Role.WORKER)(everything)
scope_of(Password, Role.GATE, Role.HOST)(everything)
scope_of(SignInAttempt, Role.GATE, Role.HOST)(everything)
scope_of(RoleGrant, Role.HOST, Role.ADMIN, Role.AUDITOR)(everything)
scope_of(RoleGrantAnswer, Role.HOST, Role.ADMIN, Role.AUDITOR)(everything)
BUT_ADMIN = tuple(role for role in PEOPLE if role is not Role.ADMIN)


@scope_of(Organisation, Role.CONTRACTOR)
def _own_and_the_authority(actor: Actor, as_of: date) -> ColumnElement[bool]:
    inside = (Kind.AUTHORITY, Kind.CONSULTANT)
    return or_(col(Organisation.id) == actor.organisation_id, col(Organisation.kind).in_(inside))


@scope_of(User, Role.VIEWER, Role.INSPECTOR, Role.SUPERVISOR, Role.CONTRACTOR)
def _oneself(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(User.id) == actor.user_id


@scope_of(SignedIn, *BUT_ADMIN)
def _own_sessions(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(SignedIn.user_id) == actor.user_id


@scope_of(ApiToken, *BUT_ADMIN)
def _own_tokens(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(ApiToken.user_id) == actor.user_id


@scope_of(SignInLink, *PEOPLE)
def _own_links(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(SignInLink.user_id) == actor.user_id


@scope_of(Password, *PEOPLE)
def _own_password(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(Password.user_id) == actor.user_id


@scope_of(SignInAttempt, *PEOPLE)
def _attempts_on_oneself(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(SignInAttempt.account) == digest(actor.code)


def authenticate(session: Session, token: str, cookie: str, *, used: set[UUID] | None = None) -> Actor:
    """Return whoever holds this token or cookie, or refuse. `used` gets a token's id at its first use of a day."""
    if not token:
        return _at_a_browser(session, cookie)
    query = (
        select(User, ApiToken)
        .join(ApiToken, col(ApiToken.user_id) == col(User.id))
        .where(
            ApiToken.sha256 == digest(token),
            still(ApiToken.revoked_at, ApiToken.expires_at, now(session)),
            User.active,
        )
    )
    row = session.exec(query).one_or_none()
    if row is None:
        raise SignInNeeded
    user, held = row
    if used is not None and held.last_used_on != today(session):
        used.add(held.id)
    return replace(actor_of(user), reads_only=held.reach is Reach.READ)


def _at_a_browser(session: Session, cookie: str) -> Actor:
    query = (
        select(User, SignedIn)
        .join(SignedIn, col(SignedIn.user_id) == col(User.id))
        .where(
            SignedIn.sha256 == digest(cookie),
            still(SignedIn.ended_at, SignedIn.expires_at, now(session)),
            User.active,
        )
    )
    row = session.exec(query).one_or_none()
    if row is None:
        raise SignInNeeded
    user, begun = row
    return replace(actor_of(user), signed_in_id=begun.id)


def still(ended_at: Any, expires_at: Any, instant: datetime) -> ColumnElement[bool]:
    """Keep what was neither ended nor has run out at an instant."""
    return and_(col(ended_at).is_(None), col(expires_at) > instant)


def actor_of(user: User) -> Actor:
    """Return the actor that an account acts as."""
    return Actor(user.code, user.role, user.id, user.organisation_id, user.name)


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


def the_authority(session: Session) -> tuple[Authority, Organisation] | None:
    """Return whose database this is; None before `greenkeep init`."""
    query = select(Authority, Organisation).join(Organisation)
    return session.exec(query).one_or_none()


def organisation_by_code(session: Session, code: str) -> Organisation:
    """Return the organisation that a code names."""
    return known(
        session.exec(select(Organisation).where(Organisation.code == code)).one_or_none(), "organisation", code
    )


def user_by_code(session: Session, code: str) -> User:
    """Return the account that a code names."""
    return known(session.exec(select(User).where(User.code == code)).one_or_none(), "user", code)


def user_of(session: Session, actor: Actor) -> User:
    """Return the actor's own account."""
    return found(session.exec(select(User).where(User.id == actor.user_id)).one_or_none())


def organisations(session: Session, *, kind: Kind | None = None) -> list[Organisation]:
    """Return the parties that the actor sees, by code."""
    query = select(Organisation).order_by(col(Organisation.code))
    return list(session.exec(query.where(Organisation.kind == kind) if kind else query))


def contractor_places(session: Session) -> dict[str, int]:
    """Return the place of each contractor that the actor sees, counted from 0 among all contractors by their codes."""
    other = unscoped(Organisation, "counted")
    before = (
        select(func.count())
        .select_from(other)
        .where(other.c.kind == Kind.CONTRACTOR, other.c.code < col(Organisation.code))
        .scalar_subquery()
    )
    query = select(Organisation.code, before).where(Organisation.kind == Kind.CONTRACTOR)
    return dict(session.exec(query).all())


def holder_of(session: Session, secret: str) -> tuple[User, Organisation]:
    """Return whom a sign-in link signs in, and for whom they work; nothing is used up. A spent link is refused."""
    query = select(SignInLink, User, Organisation).where(
        col(SignInLink.sha256) == digest(secret),
        col(User.id) == col(SignInLink.user_id),
        col(Organisation.id) == col(User.organisation_id),
    )
    held = session.exec(query).one_or_none()
    if held is None:
        raise AlreadyUsed
    link, user, organisation = held
    refuse_spent(link.used_at, link.expires_at, now(session), is_active=user.active)
    return user, organisation


def users(session: Session) -> list[User]:
    """Return the accounts that the actor sees, by code."""
    return list(session.exec(select(User).order_by(col(User.code))))


def kept_password(session: Session, user: User) -> str | None:
    """Return the hash that is kept of an account's password; None when it has none."""
    row = session.get(Password, user.id)
    return row.argon2 if row else None


def running_sessions(session: Session, user: User) -> list[SignedIn]:
    """Return the browser sessions of an account that still run, the newest first."""
    return [begun for begun, _ in sessions(session, user)][::-1]


def sessions(session: Session, user: User | None = None) -> list[tuple[SignedIn, User]]:
    """Return the browser sessions that run and that the actor sees, of one account or all, the oldest first."""
    running = still(SignedIn.ended_at, SignedIn.expires_at, now(session))
    query = select(SignedIn, User).join(User, col(SignedIn.user_id) == col(User.id)).where(running)
    if user:
        query = query.where(SignedIn.user_id == user.id)
    return [(begun, holder) for begun, holder in session.exec(query.order_by(col(SignedIn.id)))]


def tokens(session: Session, user: User | None = None) -> list[tuple[ApiToken, User]]:
    """Return the API tokens that the actor sees, of one account or of all, in the order in which they were issued."""
    query = select(ApiToken, User).join(User, col(ApiToken.user_id) == col(User.id)).order_by(col(ApiToken.id))
    if user:
        query = query.where(ApiToken.user_id == user.id)
    return [(token, holder) for token, holder in session.exec(query)]


@dataclass(frozen=True)
class Grant:
    """A proposed role, for whom, and its answer if there is one."""

    grant: RoleGrant
    user: User
    answer: RoleGrantAnswer | None


def grants(session: Session, user_id: UUID | None = None) -> list[Grant]:
    """Return the roles that were proposed, for one account or all, the newest first."""
    query = (
        select(RoleGrant, User, RoleGrantAnswer)
        .join(User, col(RoleGrant.user_id) == col(User.id))
        .join(RoleGrantAnswer, col(RoleGrantAnswer.grant_id) == col(RoleGrant.id), isouter=True)
        .order_by(col(RoleGrant.id).desc())
    )
    if user_id:
        query = query.where(RoleGrant.user_id == user_id)
    return [Grant(*row) for row in session.exec(query)]


def grant_by_id(session: Session, grant_id: UUID) -> Grant:
    """Return a proposed role, or refuse."""
    return found(next((row for row in grants(session) if row.grant.id == grant_id), None))


def accounts(
    session: Session,
    *,
    role: Role | None = None,
    organisation: str = "",
    active: bool | None = None,
    code: str = "",
    after: str = "",
    limit: int | None = None,
) -> list[tuple[User, Organisation]]:
    """Return some accounts that the actor sees, by code, with their organisations. `after`: behind this code."""
    query = select(User, Organisation).join(Organisation).where(col(User.code) > after)
    if role:
        query = query.where(User.role == role)
    if organisation:
        query = query.where(Organisation.code == organisation)
    if active is not None:
        query = query.where(col(User.active).is_(active))
    if code:
        query = query.where(User.code == code)
    query = query.order_by(col(User.code)).limit(limit)
    return [(user, organisation_) for user, organisation_ in session.exec(query)]
