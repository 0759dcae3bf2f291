"""Sign in by a link, sign out, and the start page."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.access import actions
from service.core.actor import GATE
from service.core.http import ActorDep, Code, WriteSession, database_of, language
from service.web.frame import drawn
from service.web.menu import home

router = APIRouter()
TWELVE_HOURS = 12 * 3600
SECURE_COOKIE, PLAIN_COOKIE = "__Host-greenkeep", "greenkeep"


@router.get("/")
def start(actor: ActorDep) -> Response:
    """Lead to the role's home page; whoever is not signed in is told how to."""
    return RedirectResponse(home(actor.role), 303)


@router.get("/sign-in/{secret}")
def ask(request: Request, secret: Code) -> Response:
    """Show the button; a look at the link uses nothing up, for mail scanners look at links too."""
    return drawn(request, "sign_in.html", {}, lang=language(request))


@router.post("/sign-in/{secret}")
def sign_in(request: Request, secret: Code) -> Response:
    """Use up the link and begin a session in this browser."""
    with database_of(request).transaction(GATE) as session:
        user, cookie = actions.sign_in(session, GATE, secret)
    response = RedirectResponse(home(user.role), 303)
    is_secure = request.url.scheme == "https"
    name = SECURE_COOKIE if is_secure else PLAIN_COOKIE
    response.set_cookie(name, cookie, max_age=TWELVE_HOURS, path="/", secure=is_secure, httponly=True, samesite="lax")
    if "lang" not in request.cookies:
        response.set_cookie("lang", user.language, max_age=31_536_000, httponly=True, samesite="lax")
    return response


@router.post("/sign-out")
def sign_out(session: WriteSession, actor: ActorDep) -> Response:
    """End the person's browser sessions."""
    actions.sign_out(session, actor)
    response = RedirectResponse("/", 303)
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    response.delete_cookie(PLAIN_COOKIE, path="/", httponly=True, samesite="lax")
    return response
