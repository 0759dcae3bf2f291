"""Reads of access, and who sees what of it."""

from datetime import date
from hashlib import sha256

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from service.access.models import ApiToken, Authority, Organisation, SignedIn, SignInLink, User
from service.access.rules import AlreadyUsed, refuse_spent
from service.core.actor import PEOPLE, Actor, Kind, Role
from service.core.db import now
from service.core.errors import SignInNeeded, found, known
from service.core.scope import everything, scope_of, unscoped

INSIDE = tuple(role for role in Role if role is not Role.CONTRACTOR)
scope_of(Authority, *Role)(everything)
scope_of(Organisation, *INSIDE)(everything)
scope_of(User, Role.HOST, Role.GATE, Role.ADMIN, Role.AUDITOR, Role.MANAGER)(everything)
scope_of(SignInLink, Role.GATE, Role.HOST)(everything)
scope_of(SignedIn, Role.GATE)(everything)
scope_of(ApiToken, Role.GATE, Role.HOST, Role.ADMIN)(everything)


@scope_of(Organisation, Role.CONTRACTOR)
def _own_and_the_authority(actor: Actor, as_of: date) -> ColumnElement[bool]:
    inside = (Kind.AUTHORITY, Kind.CONSULTANT)
    return or_(col(Organisation.id) == actor.organisation_id, col(Organisation.kind).in_(inside))


@scope_of(User, Role.VIEWER, Role.INSPECTOR, Role.SUPERVISOR, Role.CONTRACTOR)
def _oneself(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(User.id) == actor.user_id


@scope_of(SignedIn, *PEOPLE)
def _own_sessions(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(SignedIn.user_id) == actor.user_id


def authenticate(session: Session, token: str, cookie: str) -> Actor:
    """Return whoever holds this token or cookie, or refuse."""
    held: type[ApiToken] | type[SignedIn] = ApiToken if token else SignedIn
    over = col(ApiToken.revoked_at) if token else col(SignedIn.ended_at)
    query = (
        select(User)
        .join(held, col(held.user_id) == col(User.id))
        .where(
            col(held.sha256) == digest(token or cookie),
            over.is_(None),
            col(held.expires_at) > now(session),
            User.active,
        )
    )
    user = session.exec(query).one_or_none()
    if user is None:
        raise SignInNeeded
    return actor_of(user)


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


def organisations(session: Session) -> list[Organisation]:
    """Return the parties that the actor sees, by code."""
    return list(session.exec(select(Organisation).order_by(col(Organisation.code))))


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
    refuse_spent(link.used_at, link.expires_at, now(session))
    return user, organisation


def users(session: Session) -> list[User]:
    """Return the accounts that the actor sees, by code."""
    return list(session.exec(select(User).order_by(col(User.code))))
