"""What is done to access: the authority, organisations, accounts, sign-in."""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from service.access import queries, rules
from service.access.models import ApiToken, Authority, Organisation, SignedIn, SignInLink, User
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Kind, Role
from service.core.db import insert, now
from service.core.errors import CodeTaken, Conflict, found
from service.core.i18n import N_

LINK_LIVES = timedelta(days=1)
SESSION_LIVES = timedelta(hours=12)
TOKEN_LIVES = timedelta(days=365)


class AlreadyInitialised(Conflict):
    """A database has one authority."""

    code, message = "already_initialised", N_("This database already belongs to an authority.")


class NoTimeTravel(Conflict):
    """A demo's clock goes forward only; a real authority's is the machine's."""

    code, message = "no_time_travel", N_("The clock cannot be moved to {instant}: only a demo's, and only forward.")


def found_authority(session: Session, actor: Actor, authority: Authority) -> Authority:
    """Say whose database this is, once."""
    rules.require(actor, Role.HOST)
    insert(session, authority, taken=AlreadyInitialised())
    target = session.get_one(Organisation, authority.organisation_id)
    audit_log.record(session, actor, "authority.found", target, after=[authority])
    return authority


def move_demo_on(session: Session, actor: Actor, instant: datetime) -> None:
    """Let a demo's clock show a later instant from its next start on, so that the next month can be settled."""
    rules.require(actor, Role.HOST)
    authority, organisation = found(queries.the_authority(session))
    if authority.demo_at is None or instant <= max(authority.demo_at, now(session)):
        raise NoTimeTravel(instant=instant)
    before = authority.model_copy()
    authority.demo_at = instant
    session.add(authority)
    audit_log.record(session, actor, "authority.move_on", organisation, before=[before], after=[authority])


def add_organisation(
    session: Session, actor: Actor, *, code: str, kind: Kind, name_zh: str, name_en: str
) -> Organisation:
    """Enter a party."""
    rules.require(actor, Role.HOST, Role.ADMIN)
    organisation = Organisation(code=code, kind=kind, name_zh=name_zh, name_en=name_en)
    insert(session, organisation, taken=CodeTaken(code=code))
    audit_log.record(session, actor, "organisation.add", organisation, after=[organisation])
    return organisation


def add_user(
    session: Session, actor: Actor, *, code: str, name: str, role: Role, organisation: Organisation, language: str
) -> User:
    """Open an account. Only the host grants roles, until two people can."""
    rules.require(actor, Role.HOST)
    rules.refuse_mismatch(role, organisation.kind)
    user = User(code=code, name=name, role=role, organisation_id=organisation.id, language=language)
    insert(session, user, taken=CodeTaken(code=code))
    audit_log.record(session, actor, "user.add", user, after=[user])
    return user


def issue_link(session: Session, actor: Actor, user: User) -> str:
    """Return a secret that signs in once, within a day; nobody can read it again."""
    rules.require(actor, Role.HOST)
    secret = token_urlsafe(32)
    link = SignInLink(user_id=user.id, sha256=queries.digest(secret), expires_at=now(session) + LINK_LIVES)
    session.add(link)
    audit_log.record(session, actor, "sign_in.link", user, after=[_without_secret(link)])
    return secret


def issue_token(session: Session, actor: Actor, user: User, *, name: str) -> str:
    """Return an API token, valid for a year; nobody can read it again."""
    rules.require(actor, Role.HOST)
    secret = f"gk_{token_urlsafe(32)}"
    instant = now(session)
    token = ApiToken(
        user_id=user.id, name=name, sha256=queries.digest(secret), created_at=instant, expires_at=instant + TOKEN_LIVES
    )
    session.add(token)
    audit_log.record(session, actor, "token.issue", user, after=[_without_secret(token)])
    return secret


def revoke_token(session: Session, actor: Actor, token_id: UUID) -> None:
    """End an API token at once."""
    rules.require(actor, Role.HOST, Role.ADMIN)
    token = found(session.get(ApiToken, token_id))
    token.revoked_at = token.revoked_at or now(session)
    session.add(token)
    audit_log.record(session, actor, "token.revoke", token, after=[_without_secret(token)])


def sign_in(session: Session, actor: Actor, secret: str) -> tuple[User, str]:
    """Use up a link; return its account and the secret of a new browser session."""
    rules.require(actor, Role.GATE)
    query = select(SignInLink).where(col(SignInLink.sha256) == queries.digest(secret)).with_for_update()
    link = session.exec(query).one_or_none()
    instant = now(session)
    if link is None:
        raise rules.AlreadyUsed
    rules.refuse_spent(link.used_at, link.expires_at, instant)
    link.used_at = instant
    user, cookie = session.get_one(User, link.user_id), token_urlsafe(32)
    begun = SignedIn(
        user_id=user.id, sha256=queries.digest(cookie), started_at=instant, expires_at=instant + SESSION_LIVES
    )
    session.add_all([link, begun])
    audit_log.record(session, queries.actor_of(user), "sign_in.begin", user, after=[_without_secret(begun)])
    return user, cookie


def sign_out(session: Session, actor: Actor) -> None:
    """End every browser session of the actor."""
    running = select(SignedIn).where(SignedIn.user_id == actor.user_id, col(SignedIn.ended_at).is_(None))
    ended = list(session.exec(running))
    for begun in ended:
        begun.ended_at = now(session)
        session.add(begun)
    user = queries.user_of(session, actor)
    audit_log.record(session, actor, "sign_in.end", user, after=[_without_secret(begun) for begun in ended])


def _without_secret(row: SignInLink | SignedIn | ApiToken) -> dict[str, Any]:
    """The audit log never holds the digest of a secret."""
    return row.model_dump(mode="json", exclude={"sha256"})
