"""What stands before the framework: limits, size and form of bodies, cross-site requests, headers of every answer."""

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.core.errors import Busy, Forbidden, Invalid, Refusal
from service.core.i18n import N_
from service.core.limits import Limits, is_here

JSON_BYTES, FORM_BYTES, FILE_BYTES = 1_000_000, 16_000_000, 50_000_000
DOOR, DOOR_BYTES = ("/sign-in", "/account/"), 10_000  # whoever knocks has little to say
FIELDS_BYTES = 100_000  # what a form sends around its one file
FILES = re.compile(r"(?:/api/v[0-9]+)?/uploads/[^/]+")  # where a file comes in, too large to be held in memory
SAFE = ("GET", "HEAD", "OPTIONS")
DEPTH = 40
PUBLIC_AT_ONCE, PUBLIC_WAITING = 8, 256  # requests without a sign-in, from other machines
NOBODY = ("", "")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONLY_TLS = "max-age=31536000"  # a browser that came by https comes by nothing else for a year
DEFAULT_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}


class TooLarge(Invalid):
    """The body is longer than we read."""

    code, message = "too_large", N_("At most {limit} bytes.")


class CrossSite(Forbidden):
    """Another site's page sent this with our cookie."""

    code, message = "cross_site", N_("This request came from another site.")


class WrongType(Invalid):
    """The route wants JSON."""

    code, message = "wrong_content_type", N_("The body must be application/json.")


class NotJson(Invalid):
    """NaN, a duplicate key, a lone surrogate, too deep, or no JSON at all."""

    code, message = "not_json", N_("The body is not strict JSON: no NaN, no duplicate keys, at most {depth} deep.")


class Unreadable(Invalid):
    """The address or a form holds NUL, which PostgreSQL does not take, or bytes that are not UTF-8; nobody means them.

    What reads them behind us would put other characters in their place in silence.
    """

    code = "unreadable_text"
    message = N_("The text holds characters that are not allowed, such as control characters.")


class Guard:
    """ASGI middleware. `refuse` turns a refusal into an answer the way the app does."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request, Refusal], Any], limits: Limits) -> None:
        self.app, self.refuse, self.limits = app, refuse, limits
        self.public_places, self.public_waiting = asyncio.Semaphore(PUBLIC_AT_ONCE), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, then let the app answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            self._count(request)
            if credentials(request) == NOBODY and self.public_waiting >= PUBLIC_WAITING:
                raise Busy
            refuse_unreadable(unquote_to_bytes(scope["raw_path"]), unquote_to_bytes(scope["query_string"]))
            if scope["method"] not in SAFE:
                refuse_cross_site(request.headers, request.url.netloc)
                receive = await _checked(request, receive)
        except Refusal as refusal:
            response = self.refuse(request, refusal)
            await response(scope, receive, _with_headers(scope, send))
            return
        if credentials(request) != NOBODY or is_here(_address(request)):
            await self.app(scope, receive, _with_headers(scope, send))
            return
        self.public_waiting += 1
        try:
            async with self.public_places:  # whoever is signed in finds the other threads free
                await self.app(scope, receive, _with_headers(scope, send))
        finally:
            self.public_waiting -= 1

    def _count(self, request: Request) -> None:
        """Count a request by the bearer's secret or the cookie, known or not, and by the address it came from."""
        self.limits.refuse_too_often(
            path=request.url.path,
            is_read=request.method in SAFE,
            address=_address(request),
            secret="".join(credentials(request)),
            at=asyncio.get_running_loop().time(),
        )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def credentials(request: Request) -> tuple[str, str]:
    """Return the bearer token and the session cookie of a request; empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    cookie = request.cookies.get("__Host-greenkeep") or request.cookies.get("greenkeep") or ""
    return (token if scheme.lower() == "bearer" else ""), cookie


def refuse_unreadable(*texts: bytes) -> None:
    """Refuse bytes with NUL in them, or that are not UTF-8.

    >>> refuse_unreadable(b"/plots/J2-017", "as_of=2013-08-01&zone=组团".encode())
    """
    try:
        if any("\0" in text.decode() for text in texts):
            raise Unreadable
    except UnicodeDecodeError:
        raise Unreadable from None


def refuse_unreadable_form(content_type: str, body: bytes) -> None:
    """Refuse a form whose names or texts are unreadable; the bytes of its files are whatever they are.

    >>> refuse_unreadable_form("application/x-www-form-urlencoded", b"text=%E6%A0%91")
    """
    kind, options = parse_options_header(content_type)
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise Unreadable
    if kind == b"application/x-www-form-urlencoded":
        refuse_unreadable(unquote_to_bytes(body))
    elif kind == b"multipart/form-data" and (boundary := options.get(b"boundary")):
        for part in (b"\r\n" + body).split(b"\r\n--" + boundary):
            head = part.partition(b"\r\n\r\n")[0]
            refuse_unreadable(head if b"filename" in head.lower() else part)


def refuse_cross_site(headers: Headers, host: str) -> None:
    """Refuse an unsafe request that a browser sent from elsewhere. Tokens are never sent by a browser by itself."""
    if headers.get("authorization", "").lower().startswith("bearer "):
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site not in (None, "same-origin", "none") or (origin is not None and urlsplit(origin).netloc != host):
        raise CrossSite


async def _checked(request: Request, receive: Receive) -> Receive:
    """Read the body up to its limit; JSON is read strictly. Return a receive that plays it again.

    A file is not read here, but counted while the route reads it.
    """
    if FILES.fullmatch(request.url.path):
        return _counted(request, receive)
    is_json = request.headers.get("content-type", "").split(";")[0].strip() == "application/json"
    at_the_door = request.url.path.startswith(DOOR)
    limit = DOOR_BYTES if at_the_door else JSON_BYTES if is_json else FORM_BYTES
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise TooLarge(limit=limit)
    if request.url.path.startswith("/api/") and body and not is_json and not _is_bytes(request):
        raise WrongType
    if is_json:
        refuse_loose_json(bytes(body))
    else:
        refuse_unreadable_form(request.headers.get("content-type", ""), bytes(body))
    return _again(bytes(body), receive)


def _counted(request: Request, receive: Receive) -> Receive:
    limit, got = FILE_BYTES + FIELDS_BYTES, 0
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge(limit=FILE_BYTES)

    async def counting() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > limit:
            raise TooLarge(limit=FILE_BYTES)
        return message

    return counting


def _is_bytes(request: Request) -> bool:
    """A photo or a document is sent as it is."""
    return request.method == "PUT" and any(name in request.url.path for name in ("/photos/", "/documents/"))


def refuse_loose_json(body: bytes) -> None:
    """Refuse what lenient parsers let through: NaN, duplicate keys, lone surrogates, UTF-16, nesting without end.

    >>> refuse_loose_json(b'{"a": [1, "x"]}')
    """
    if body.count(b"[") + body.count(b"{") > DEPTH and _depth(body) > DEPTH:
        raise NotJson(depth=DEPTH)
    try:
        parsed = json.loads(
            body.decode(), parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_duplicates
        )
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise NotJson(depth=DEPTH) from None


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for byte in body:
        depth += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(literal: str) -> float:
    """Read a number; 1e999 would become infinite."""
    if math.isinf(value := float(literal)):
        raise ValueError(literal)
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key")
    return dict(pairs)


def _again(body: bytes, receive: Receive) -> Receive:
    played = False

    async def replay() -> Message:
        nonlocal played
        if played:
            return await receive()
        played = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _with_headers(scope: Scope, send: Send) -> Callable[[Message], Awaitable[None]]:
    """Add to every answer what no route may forget; a page sets its own policy with its nonce."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in DEFAULT_HEADERS.items():
                headers.setdefault(name, value)
            headers.update(HEADERS)
            if scope["scheme"] == "https":
                headers["Strict-Transport-Security"] = ONLY_TLS
        await send(message)

    return sending
