"""The accounts, for whoever looks after them: sessions and tokens of each, and roles, which two people give."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.access import actions
from service.access.models import User
from service.access.queries import grants, organisations, user_by_code, users
from service.access.rules import Answer
from service.core.actor import PEOPLE, WEIGHTY, Actor, Role
from service.core.errors import NotFound, UnknownCode
from service.core.http import ActorDep, Code, WriteSession
from service.web.account_page import held_by
from service.web.frame import ViewDep
from service.web.menu import ACCOUNTS

router = APIRouter()
READERS = (Role.ADMIN, Role.AUDITOR)


@router.get("/accounts")
def accounts(view: ViewDep) -> Response:
    """List the accounts, and the roles that wait for a second administrator."""
    _require_reader(view.actor)
    parties = {row.id: row for row in organisations(view.session)}
    proposed = grants(view.session)
    context: dict[str, Any] = {
        "rows": [(user, parties[user.organisation_id]) for user in users(view.session)],
        "waiting": [row for row in proposed if row.answer is None],
        "answered": [row for row in proposed if row.answer is not None][:20],
        "acts": view.actor.role is Role.ADMIN,
    }
    return view.page("accounts.html", ACCOUNTS, ((view.say(ACCOUNTS.word), "/accounts"),), context)


@router.get("/accounts/{code}")
def account(view: ViewDep, code: Code) -> Response:
    """Show an account: its role, its sessions, its tokens."""
    _require_reader(view.actor)
    user = _named(view.session, code)
    context: dict[str, Any] = {
        "user": user,
        "roles": [role for role in PEOPLE if (role is Role.CONTRACTOR) == (user.role is Role.CONTRACTOR)],
        "weighty": WEIGHTY,
        "waiting": [row for row in grants(view.session, user.id) if row.answer is None],
        "acts": view.actor.role is Role.ADMIN,
        **held_by(view, user),
    }
    crumbs = ((view.say(ACCOUNTS.word), "/accounts"), (user.code, ""))
    return view.page("account_of.html", ACCOUNTS, crumbs, context)


@router.post("/accounts/{code}/role")
def give_role(session: WriteSession, actor: ActorDep, code: Code, role: Annotated[Role, Form()]) -> Response:
    """Give another role; a weighty one is proposed to a second administrator."""
    actions.give_role(session, actor, _named(session, code), role)
    return RedirectResponse(f"/accounts/{code}", 303)


@router.post("/accounts/{code}/close")
def close(session: WriteSession, actor: ActorDep, code: Code) -> Response:
    """Close an account, and end its sessions and tokens."""
    actions.close_account(session, actor, _named(session, code))
    return RedirectResponse(f"/accounts/{code}", 303)


@router.post("/role-grants/{grant_id}/confirm")
def confirm(session: WriteSession, actor: ActorDep, grant_id: UUID) -> Response:
    """Confirm a proposed role."""
    actions.answer_grant(session, actor, grant_id, Answer.CONFIRMED)
    return RedirectResponse("/accounts", 303)


@router.post("/role-grants/{grant_id}/decline")
def decline(session: WriteSession, actor: ActorDep, grant_id: UUID) -> Response:
    """Decline a proposed role, or take one's own proposal back."""
    actions.answer_grant(session, actor, grant_id, Answer.DECLINED)
    return RedirectResponse("/accounts", 303)


def _require_reader(actor: Actor) -> None:
    if actor.role not in READERS:
        raise NotFound


def _named(session: Session, code: str) -> User:
    """An address that names nobody is an address that is not there."""
    try:
        return user_by_code(session, code)
    except UnknownCode:
        raise NotFound from None
