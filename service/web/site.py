"""The web site: every page, its static files, and what a failure looks like."""

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from service.core.actor import GATE
from service.core.errors import Refusal
from service.core.guard import credentials
from service.core.http import database_of, language
from service.core.i18n import N_
from service.web import (
    account_page,
    accounts_page,
    assets,
    authority_page,
    changes_page,
    contracts_page,
    finding_form,
    finding_page,
    findings_page,
    jobs_page,
    map_page,
    photos,
    plots_page,
    schemes_page,
    sign_in_page,
    statement_page,
    statements_page,
    tasks_page,
    upload_form,
    uploads_page,
)
from service.web.frame import View, drawn

PAGES = (
    sign_in_page,
    map_page,
    plots_page,
    findings_page,
    finding_form,
    finding_page,
    photos,
    tasks_page,
    contracts_page,
    schemes_page,
    statements_page,
    statement_page,
    upload_form,
    uploads_page,
    changes_page,
    jobs_page,
    authority_page,
    account_page,
    accounts_page,
)
TITLES = {
    401: N_("Sign in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    409: N_("Not possible now"),
    412: N_("Changed meanwhile"),
    422: N_("Not valid"),
    429: N_("Too many attempts"),
    503: N_("Busy"),
}
FAILED = N_("Something failed")


def add_pages(app: FastAPI) -> None:
    """Add every page and the static files to an app that has its database, settings, store and authenticator."""
    assets.add_static(app)
    for page in PAGES:
        app.include_router(page.router, include_in_schema=False)


def error_page(request: Request, status: int, sentence: str) -> Response:
    """Say what went wrong: in the frame to somebody who is signed in, without a word of the authority to others."""
    title = TITLES.get(status, FAILED)
    if status in (401, 429):  # whoever asks too often gets a page that asks nothing of the database
        return _bare(request, status, title, sentence)
    try:
        return _in_the_frame(request, status, title, sentence)
    except (Refusal, SQLAlchemyError):  # nobody is signed in, or the database itself is what failed
        return _bare(request, status, title, sentence)


def _bare(request: Request, status: int, title: str, sentence: str) -> Response:
    asked = f"{request.url.path}?{request.url.query}".rstrip("?")
    to = asked if request.method == "GET" and not asked.startswith("/sign-in") else ""
    context = {"title": title, "sentence": sentence, "status": status, "to": to}
    return drawn(request, "bare_error.html", context, lang=language(request), status=status)


def _in_the_frame(request: Request, status: int, title: str, sentence: str) -> Response:
    database = database_of(request)
    with database.transaction(GATE, write=False) as session:
        actor = request.app.state.authenticate(session, *credentials(request))
    with database.transaction(actor, write=False) as session:
        view = View(request, session, actor)
        context = {"title": title, "sentence": sentence, "status": status}
        return view.page("error.html", None, ((view.say(title), ""),), context, status=status)
