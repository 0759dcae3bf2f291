"""Sign in by a link or a password, sign out, and the start page."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.access import passwords, sign_in_actions
from service.access.models import User
from service.access.queries import holder_of
from service.access.rules import PasswordTooLong, TooManyAttempts, WrongPassword, refuse_long
from service.core.actor import GATE
from service.core.errors import Refusal
from service.core.http import ActorDep, Code, Note, WriteSession, database_of, language
from service.core.i18n import LANGUAGES, translate
from service.core.readers import CONTROL
from service.web.frame import drawn
from service.web.menu import home
from service.web.small_pool import apart

router = APIRouter()
TWELVE_HOURS = 12 * 3600
SECURE_COOKIE, PLAIN_COOKIE = "__Host-greenkeep", "greenkeep"
STATUS: dict[type[Refusal], int] = {WrongPassword: 401, TooManyAttempts: 429, PasswordTooLong: 422}


@router.get("/")
def start(request: Request, actor: ActorDep) -> Response:
    """Lead to the role's home page in the language asked for; whoever is not signed in is told how to."""
    lang = request.query_params.get("lang", "")
    return RedirectResponse(f"{home(actor.role)}?lang={lang}" if lang in LANGUAGES else home(actor.role), 303)


@router.get("/sign-in")
def ask_for_password(request: Request, to: Annotated[Note, Query()] = "") -> Response:
    """Show the form."""
    return drawn(request, "sign_in.html", {"to": inside(to), "name": "", "sentence": ""}, lang=language(request))


@router.post("/sign-in")
async def sign_in_by_password(
    request: Request,
    name: Annotated[Note, Form(max_length=80)] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[Note, Form()] = "",
) -> Response:
    """Begin a session in this browser, or say in the form that name or password is wrong, or how long to wait."""
    try:
        user, cookie = await apart(partial(_enter, request, name.strip(), password))
    except (WrongPassword, TooManyAttempts, PasswordTooLong) as refusal:
        lang = language(request)
        sentence = translate(refusal.message, lang, refusal.details)
        context = {"to": inside(to), "name": name, "sentence": sentence}
        response = drawn(request, "sign_in.html", context, lang=lang, status=STATUS[type(refusal)])
        if isinstance(refusal, TooManyAttempts):
            response.headers["Retry-After"] = str(refusal.details["seconds"])
        return response
    return _welcome(request, user, cookie, inside(to))


def _enter(request: Request, name: str, password: str) -> tuple[User, str]:
    """Count the attempt, then hash while nothing is held, then begin: whoever has no password costs the same time."""
    refuse_long(password)
    database = database_of(request)
    with database.transaction(GATE) as session:
        kept = sign_in_actions.try_password(session, GATE, name, address=address_of(request))
    if not passwords.fits(kept, password) or kept is None:
        raise WrongPassword
    with database.transaction(GATE) as session:
        return sign_in_actions.sign_in_by_password(
            session, GATE, name, kept, address=address_of(request), browser=browser_of(request)
        )


@router.get("/sign-in/{secret}")
def ask(request: Request, secret: Code) -> Response:
    """Say who signs in and show the button; a look uses nothing up, for mail scanners look at links too."""
    with database_of(request).transaction(GATE, write=False) as session:
        user, organisation = holder_of(session, secret)
        context = {"user": user, "organisation": organisation}
    return drawn(request, "sign_in_link.html", context, lang=language(request))


@router.post("/sign-in/{secret}")
def sign_in(request: Request, secret: Code) -> Response:
    """Use up the link and begin a session in this browser."""
    with database_of(request).transaction(GATE) as session:
        user, cookie = sign_in_actions.sign_in(
            session, GATE, secret, address=address_of(request), browser=browser_of(request)
        )
    return _welcome(request, user, cookie, "")


def _welcome(request: Request, user: User, cookie: str, to: str) -> Response:
    response = RedirectResponse(to or home(user.role), 303)
    is_secure = request.url.scheme == "https"
    name = SECURE_COOKIE if is_secure else PLAIN_COOKIE
    response.set_cookie(name, cookie, max_age=TWELVE_HOURS, path="/", secure=is_secure, httponly=True, samesite="lax")
    if "lang" not in request.cookies:
        response.set_cookie("lang", user.language, max_age=31_536_000, httponly=True, samesite="lax")
    return response


@router.post("/sign-out")
def sign_out(session: WriteSession, actor: ActorDep) -> Response:
    """End the person's browser sessions."""
    sign_in_actions.sign_out(session, actor)
    response = RedirectResponse("/", 303)
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    response.delete_cookie(PLAIN_COOKIE, path="/", httponly=True, samesite="lax")
    return response


def inside(to: str) -> str:
    r"""Return where to go after the sign-in: a path of ours, or nothing.

    >>> inside("/findings?state=all"), inside("//elsewhere.example"), inside("/\\elsewhere.example"), inside("x")
    ('/findings?state=all', '', '', '')
    >>> inside("/\t/elsewhere.example")  # browsers leave out tabs and ends of lines
    ''
    """
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else ""


def address_of(request: Request) -> str:
    """Return the network address that a request comes from, as the server or its proxy knows it."""
    return request.client.host if request.client else ""


def browser_of(request: Request) -> str:
    """Return what the browser calls itself, without what a reader cannot see."""
    return CONTROL.sub("", request.headers.get("user-agent", ""))[:200]
