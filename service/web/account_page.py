"""One's own account: password, browser sessions, tokens."""

import re
from datetime import timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.access import passwords, sign_in_actions
from service.access.models import User
from service.access.queries import kept_password, running_sessions, tokens, user_of
from service.access.rules import (
    SHORTEST,
    OldPasswordNeeded,
    PasswordGuessable,
    PasswordTooLong,
    PasswordTooShort,
    Reach,
    TooManyAttempts,
    WrongPassword,
    refuse_long,
    refuse_weak,
    require_browser,
)
from service.core.actor import GATE, Actor
from service.core.errors import Invalid
from service.core.http import ActorDep, Code, WriteSession, database_of
from service.core.i18n import N_
from service.web.frame import View, ViewDep
from service.web.sign_in_page import address_of
from service.web.small_pool import apart

router = APIRouter()
LIVES = (30, 90, 365)  # days
WORDS = {Reach.READ: N_("may read"), Reach.WRITE: N_("may read and write")}
PROGRAMS = re.compile(r"MicroMessenger|Edg|OPR|Firefox|Chrome|Safari")
SYSTEMS = re.compile(r"Android|iPhone|iPad|Windows|Mac OS X|Linux")


class PasswordsDiffer(Invalid):
    """Typed blindly, and not twice the same."""

    code, message = "passwords_differ", N_("The two passwords are not the same.")


WRONG = (WrongPassword, OldPasswordNeeded, PasswordTooShort, PasswordTooLong, PasswordGuessable, PasswordsDiffer)


@router.get("/account")
def account(view: ViewDep) -> Response:
    """Show one's own account."""
    return _page(view)


@router.post("/account/password")
async def set_password(
    request: Request,
    actor: ActorDep,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Set a password and end the other sessions, or say in the form what is wrong with it."""
    return await apart(partial(_set, request, actor, old, new, again))


def _set(request: Request, actor: Actor, old: str, new: str, again: str) -> Response:
    require_browser(actor)
    database = database_of(request)
    try:
        with database.transaction(actor, write=False) as session:
            user = user_of(session, actor)
        refuse_long(old)
        refuse_weak(new, user.code, user.name)
        if new != again:
            raise PasswordsDiffer
        kept = _given(request, user, old) if old else None
        argon2 = passwords.hashed(new)
        with database.transaction(actor) as session:
            sign_in_actions.set_password(session, actor, user_of(session, actor), argon2, old=kept)
    except (*WRONG, TooManyAttempts) as refusal:
        with database.transaction(actor, write=False) as session:
            view = View(request, session, actor)
            return _page(view, wrong=view.say(refusal.message, **refusal.details), status=422)
    return RedirectResponse("/account?done=password", 303)


def _given(request: Request, user: User, old: str) -> str | None:
    """Try the old password: it counts as at the door, for a browser may be left alone."""
    with database_of(request).transaction(GATE) as session:
        kept = sign_in_actions.try_password(session, GATE, user.code, address=address_of(request))
    if not passwords.fits(kept, old):
        raise WrongPassword
    return kept


@router.post("/account/tokens")
def issue_token(
    session: WriteSession,
    request: Request,
    actor: ActorDep,
    name: Annotated[Code, Form()],
    reach: Annotated[Reach, Form()] = Reach.READ,
    days: Annotated[int, Form(ge=1, le=365)] = 90,
) -> Response:
    """Issue a token of one's own and show it, this once."""
    user, lives = user_of(session, actor), timedelta(days=days)
    secret = sign_in_actions.issue_token(session, actor, user, name=name, reach=reach, lives=lives)
    return _page(View(request, session, actor), secret=secret)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(session: WriteSession, actor: ActorDep, token_id: UUID) -> Response:
    """End a token at once."""
    return _back(session, actor, sign_in_actions.revoke_token(session, actor, token_id).user_id)


@router.post("/sessions/{session_id}/end")
def end_session(session: WriteSession, actor: ActorDep, session_id: UUID) -> Response:
    """End a browser session at once."""
    return _back(session, actor, sign_in_actions.end_session(session, actor, session_id).user_id)


def _back(session: Session, actor: Actor, user_id: UUID) -> Response:
    own = user_id == actor.user_id
    return RedirectResponse("/account" if own else f"/accounts/{session.get_one(User, user_id).code}", 303)


def _page(view: View, *, wrong: str = "", secret: str = "", status: int = 200) -> Response:
    user = user_of(view.session, view.actor)
    context: dict[str, Any] = {
        "user": user,
        "wrong": wrong,
        "secret": secret,
        "is_done": view.request.query_params.get("done") == "password",
        "has_password": kept_password(view.session, user) is not None,
        "shortest": SHORTEST,
        "reaches": WORDS,
        "lives": LIVES,
        **held_by(view, user),
    }
    return view.page("account.html", None, ((view.say(N_("My account")), ""),), context, status=status)


def held_by(view: View, user: User) -> dict[str, Any]:
    """Return what an account's tables show: the sessions that run, and the tokens."""
    return {
        "sessions": [(begun, device(begun.browser)) for begun in running_sessions(view.session, user)],
        "tokens": [token for token, _ in tokens(view.session, user)],
        "means": MEANS,
        "words": WORDS,
    }


MEANS = {"link": N_("by a link"), "password": N_("by password")}


def device(browser: str) -> str:
    """Name the program and the system that a browser says it is.

    >>> device("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36")
    'Chrome, Android'
    >>> device("curl/8.5")
    'curl/8.5'
    """
    named = [found.group() for found in (PROGRAMS.search(browser), _system(browser)) if found]
    return ", ".join(named) or browser[:40]


def _system(browser: str) -> re.Match[str] | None:
    found = SYSTEMS.search(browser)
    return re.search("Android", browser) or found
