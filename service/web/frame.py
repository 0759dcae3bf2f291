"""What every page shares: the frame with its menu, the language, the clock, the nonce and the policy it stands in."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, partial
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlmodel import Session

from service.access.queries import the_authority
from service.core.actor import Actor
from service.core.dates import Span
from service.core.db import now, today
from service.core.errors import UnknownCode
from service.core.http import ActorDep, Day, ReadSession, language
from service.core.i18n import LANGUAGES, Phrase, gettext, named
from service.web import assets, labels, words
from service.web.menu import MENUS, Entry, home

Crumbs = tuple[tuple[str, str], ...]
COLOURS = ("light", "dark")
WITH_LANGUAGE = (
    "money",
    "unit",
    "one",
    "quantity",
    "unit_price",
    "long_day",
    "short_day",
    "currency_name",
    "in_currency",
    "month",
)
A_YEAR = 31_536_000
PLAIN = ("amount", "area", "day", "days", "number", "percent", "plain", "score", "signed", "square_metres")


@cache
def environment(lang: str) -> Environment:
    """Return the templates in one language; everything they show is escaped."""
    made = Environment(
        loader=PackageLoader("service.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        _=partial(say, lang),
        asset=assets.address,
        named=partial(named, lang),
        labels=labels,
        lang=lang,
        dash=words.DASH,
    )
    with_language = {name: partial(_turned, getattr(words, name), lang) for name in WITH_LANGUAGE}
    plain = {name: getattr(words, name) for name in PLAIN}
    made.filters.update(with_language | plain, span_days=_days_of)
    return made


def _turned(function: Any, lang: str, *arguments: Any) -> str:
    shown: str = function(*arguments, lang)
    return shown


def end_of_past(session: Session, day: date) -> datetime | None:
    """Return the last instant of a day that is over, in the authority's zone; None for today and later."""
    if day >= today(session):
        return None
    return datetime.combine(day, time.max, session.info["zone"])


def _days_of(row: Any) -> str:
    return words.days(Span(row.valid_from, row.valid_to))


def say(lang: str, message: str, **details: object) -> str:
    """Return a sentence in a language, its placeholders filled."""
    return gettext(message, lang).format(**details)


@dataclass
class View:
    """A page being made for somebody: their session, language, and the day they ask about."""

    request: Request
    session: Session
    actor: Actor
    as_of: date | None = None
    lang: str = field(init=False)

    def __post_init__(self) -> None:
        self.lang = language(self.request)

    @property
    def day(self) -> date:
        """The day that the page is about."""
        return self.as_of or today(self.session)

    @property
    def is_past(self) -> bool:
        """Tell whether the page shows another day than today: then nobody acts."""
        return self.day != today(self.session)

    @property
    def known_at(self) -> datetime | None:
        """The end of a past day, for what is asked as it was known then; None today."""
        return end_of_past(self.session, self.day)

    def say(self, message: str, **details: object) -> str:
        """Return a sentence in the page's language."""
        return say(self.lang, message, **details)

    def name(self, row: Any, stem: str = "name") -> str:
        """Return a row's name in the page's language."""
        return named(self.lang, row, stem)

    def chosen(self, kind: str, value: str, among: Container[str]) -> str:
        """Return what the address chooses; refuse a code that names none of these. An empty one chooses nothing."""
        if value and value not in among:
            raise UnknownCode(kind=Phrase(kind), value=value)
        return value

    @property
    def colon(self) -> str:
        """A colon, as the page's language sets it."""
        return "：" if self.lang == "zh" else ": "

    def local(self, at: datetime) -> str:
        """Return an instant as the authority's clock shows it."""
        return words.instant(at, self.session.info["zone"])

    def page(
        self, template: str, entry: Entry | None, crumbs: Crumbs, context: Mapping[str, Any], *, status: int = 200
    ) -> HTMLResponse:
        """Draw a page in the frame. `crumbs`: (word, address) from the menu entry down; the last one is the title."""
        context = {**_frame(self), "entry": entry, "crumbs": crumbs, **context}
        return drawn(self.request, template, context, lang=self.lang, status=status, hosts=context.get("hosts", ""))


def _frame(view: View) -> dict[str, Any]:
    row = the_authority(view.session)
    settings = view.request.app.state.settings
    return {
        "view": view,
        "actor": view.actor,
        "menu": MENUS[view.actor.role],
        "home": home(view.actor.role),
        "authority": row[1] if row else None,
        "is_demo": bool(row and row[0].demo_at),
        "clock": words.instant(now(view.session), view.session.info["zone"]),
        "local": view.local,
        "insecure": settings.insecure_http,
        "languages": {lang: _with_lang(view.request, lang) for lang in LANGUAGES},
        "query": partial(_with, view.request),
    }


def given(asked: Mapping[str, str]) -> dict[str, str]:
    """Return those of an address's questions that have an answer."""
    return {name: value for name, value in asked.items() if value}


def _with_lang(request: Request, lang: str) -> str:
    return _with(request, lang=lang)


def _with(request: Request, **changes: object) -> str:
    """Return the address of this page with some of its questions changed; None takes one away."""
    asked = dict(request.query_params) | changes
    return f"{request.url.path}?{urlencode({k: v for k, v in asked.items() if v not in (None, '')})}".rstrip("?")


def drawn(
    request: Request, template: str, context: Mapping[str, Any], *, lang: str, status: int = 200, hosts: str = ""
) -> HTMLResponse:
    """Draw a template under a policy with a nonce of its own. `hosts`: a configured basemap's, for images."""
    nonce = context.get("nonce") or token_urlsafe(16)
    colours = request.query_params.get("colours", request.cookies.get("colours", ""))
    body = (
        environment(lang)
        .get_template(template)
        .render(
            **{**context, "nonce": nonce, "colours": colours if colours in COLOURS else "", "path": request.url.path}
        )
    )
    response = HTMLResponse(body, status)
    response.headers["Content-Security-Policy"] = policy(nonce, hosts)
    response.headers["Content-Language"] = lang
    response.headers["Vary"] = "Cookie, Accept-Language"
    if (asked := request.query_params.get("lang", "")) in LANGUAGES:
        response.set_cookie("lang", asked, max_age=A_YEAR, httponly=True, samesite="lax")
    if "colours" in request.query_params:
        response.set_cookie("colours", colours, max_age=A_YEAR, httponly=True, samesite="lax")
    return response


def policy(nonce: str, hosts: str = "") -> str:
    """Return the Content-Security-Policy of a page.

    >>> policy("n", "tiles.example").split("; ")[3]
    "img-src 'self' data: tiles.example"
    """
    images = f"'self' data: {hosts}".strip()
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src {images}; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def basemap_host(url: str) -> str:
    """Return the host that a basemap's tiles come from, as a policy names it; nothing when there is none.

    >>> basemap_host("http://localhost:8080/{z}/{x}/{y}.png"), basemap_host("")
    ('http://localhost:8080', '')
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


AsOfDay = Annotated[Day | None, Query(alias="as_of")]


def _view(request: Request, session: ReadSession, actor: ActorDep, as_of: AsOfDay = None) -> View:
    return View(request, session, actor, as_of)


ViewDep = Annotated[View, Depends(_view)]
