"""What is done to access: the authority, organisations, accounts and their roles."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from service.access import queries, rules, sign_in_actions
from service.access.models import (
    Authority,
    Organisation,
    RoleGrant,
    RoleGrantAnswer,
    User,
)
from service.access.rules import Answer
from service.audit_log import actions as audit_log
from service.core.actor import WEIGHTY, Actor, Kind, Role
from service.core.db import insert, lock, now
from service.core.errors import CodeTaken, Conflict, found
from service.core.i18n import N_


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


def keep_organisation(
    session: Session, actor: Actor, *, code: str, kind: Kind, name_zh: str, name_en: str
) -> tuple[Organisation, bool]:
    """Enter a party, or return the very same that is there, with False."""
    rules.require(actor, Role.HOST, Role.ADMIN)
    told = {"code": code, "kind": kind, "name_zh": name_zh, "name_en": name_en}
    known = session.exec(select(Organisation).where(Organisation.code == code)).one_or_none()
    if known is None:
        return add_organisation(session, actor, code=code, kind=kind, name_zh=name_zh, name_en=name_en), True
    if known.model_dump(include=set(told)) != told:
        raise CodeTaken(code=code)
    return known, False


def keep_user(
    session: Session, actor: Actor, *, code: str, name: str, role: Role, organisation: Organisation, language: str
) -> tuple[User, bool]:
    """Open an account, or return the very same that is there, with False."""
    rules.require(actor, Role.HOST, Role.ADMIN)
    told = {"code": code, "name": name, "role": role, "organisation_id": organisation.id, "language": language}
    known = session.exec(select(User).where(User.code == code)).one_or_none()
    if known is None:
        opened = add_user(session, actor, code=code, name=name, role=role, organisation=organisation, language=language)
        return opened, True
    if known.model_dump(include=set(told)) != told:
        raise CodeTaken(code=code)
    return known, False


def add_user(
    session: Session, actor: Actor, *, code: str, name: str, role: Role, organisation: Organisation, language: str
) -> User:
    """Open an account. Only the host gives it a weighty role at once: everybody else needs two people for that."""
    rules.require(actor, Role.HOST, Role.ADMIN)
    rules.refuse_first_weighty(actor, role)
    rules.refuse_mismatch(role, organisation.kind)
    user = User(code=code, name=name, role=role, organisation_id=organisation.id, language=language)
    insert(session, user, taken=CodeTaken(code=code))
    audit_log.record(session, actor, "user.add", user, after=[user])
    return user


def give_role(session: Session, actor: Actor, user: User, role: Role, *, seen: str | None = None) -> RoleGrant | None:
    """Give an account another role: at once, but a weighty one is only proposed by an administrator, and returned.

    `seen`: what its reader has seen that the account is.
    """
    rules.require(actor, Role.HOST, Role.ADMIN)
    rules.refuse_own(user.id, actor.user_id)
    _hold(session, user, seen)
    rules.refuse_closed(user.active)
    rules.refuse_mismatch(role, session.get_one(Organisation, user.organisation_id).kind)
    if user.role is role:
        raise rules.RoleHeld
    if actor.role is Role.HOST or role not in WEIGHTY:
        _change_role(session, actor, user, role)
        return None
    if any(known.answer is None for known in queries.grants(session, user.id)):
        raise rules.GrantPending
    assert actor.user_id, "an administrator is a person"
    grant = RoleGrant(user_id=user.id, role=role, by=actor.user_id, by_name=actor.name, at=now(session))
    session.add(grant)
    audit_log.record(session, actor, "role.propose", user, after=[grant])
    return grant


def answer_grant(session: Session, actor: Actor, grant_id: UUID, answer: Answer) -> None:
    """Confirm a proposed role as a second administrator, who then gives it; or decline it."""
    rules.require(actor, Role.ADMIN)
    grant = found(session.get(RoleGrant, grant_id))
    user = session.get_one(User, grant.user_id)
    if answer is Answer.CONFIRMED:
        _hold(session, user)
        rules.refuse_closed(user.active)
        rules.refuse_own(grant.user_id, actor.user_id)
        rules.refuse_same(grant.by, actor.user_id)
    assert actor.user_id, "an administrator is a person"
    said = RoleGrantAnswer(grant_id=grant.id, answer=answer, by=actor.user_id, by_name=actor.name, at=now(session))
    insert(session, said, taken=rules.AlreadyAnswered())
    audit_log.record(session, actor, f"role.{answer.value}", user, before=[grant], after=[said])
    if answer is Answer.CONFIRMED:
        _change_role(session, actor, user, grant.role)


def close_account(session: Session, actor: Actor, user: User, *, seen: str | None = None) -> None:
    """Close an account, and end its sessions and tokens at once. What it did stays; only the host opens it again.

    `seen`: what its reader has seen that the account is.
    """
    rules.require(actor, Role.HOST, Role.ADMIN)
    rules.refuse_closing_own(user.id, actor.user_id)
    _hold(session, user, seen)
    rules.refuse_closed(user.active)
    before = user.model_dump()
    user.active = False
    session.add(user)
    audit_log.record(session, actor, "user.close", user, before=[before], after=[user])
    sign_in_actions.end_everything(session, actor, user)


def reopen_account(session: Session, actor: Actor, user: User) -> None:
    """Open a closed account again, with the role that it had: an administrator alone would give a weighty one so."""
    rules.require(actor, Role.HOST)
    _hold(session, user)
    if user.active:
        raise rules.AccountOpen
    before = user.model_dump()
    user.active = True
    session.add(user)
    audit_log.record(session, actor, "user.reopen", user, before=[before], after=[user])


def _hold(session: Session, user: User, seen: str | None = None) -> None:
    """Lock an account and look at it again."""
    lock(session, select(User).where(User.id == user.id))
    session.refresh(user)
    rules.refuse_unless_seen(seen, user.role, user.active)


def _change_role(session: Session, actor: Actor, user: User, role: Role) -> None:
    before = user.model_dump()
    user.role = role
    session.add(user)
    audit_log.record(session, actor, "role.change", user, before=[before], after=[user])
