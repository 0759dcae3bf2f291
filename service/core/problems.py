"""Refusals and failures as application/problem+json, or as a page. The only place that knows status codes."""

import errno
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from service.core.errors import (
    Busy,
    Conflict,
    Forbidden,
    IfMatchNeeded,
    Invalid,
    NotFound,
    Refusal,
    SignInNeeded,
    Stale,
    TooMany,
)
from service.core.guard import DEFAULT_HEADERS, HEADERS, TooLarge, WrongType
from service.core.http import language
from service.core.i18n import N_, translate
from service.core.ids import new_id
from service.core.sentences import INVALID, SENTENCES


class StorageFull(Refusal):
    """The disk or the database takes no more; what was acknowledged before is safe."""

    code, message = "storage_full", N_("The storage is full. Nothing of this request was kept.")


STATUS: dict[type[Refusal], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    SignInNeeded: 401,
    Stale: 412,
    IfMatchNeeded: 428,
    TooLarge: 413,
    WrongType: 415,
    TooMany: 429,
    Busy: 503,
    StorageFull: 507,
}
LOG = logging.getLogger("greenkeep")
FURTHER = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}
UNIQUE_VIOLATION = "23505"


def add_error_handlers(
    app: FastAPI, page: Callable[[Request, int, str], Response]
) -> Callable[[Request, Exception], Response]:
    """Answer every failure as problem details under /api, as a page elsewhere. `page` draws (status, sentence)."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        status = next(STATUS[base] for base in type(error).__mro__ if base in STATUS)
        said = error.details.items()
        details: dict[str, object] = {name: value if isinstance(value, str) else str(value) for name, value in said}
        if issues := error.listed():
            details["issues"] = [
                {"code": i.code, "place": i.place, "detail": _say(request, i.message, i.details)} for i in issues
            ]
        response = answer(request, status, error.code, error.message, details)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.details["seconds"])
        return response

    def invalid(request: Request, error: Exception) -> Response:
        """Say where and why, with the limits, but never what was sent; the framework's own answer dies of NaN."""
        assert isinstance(error, RequestValidationError)
        return answer(request, 422, "invalid_request", N_("The request is not valid."), {"fields": _fields(error)})

    def unrouted(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == HTTPStatus.NOT_FOUND:
            return answer(request, 404, NotFound.code, NotFound.message, {})
        response = answer(request, error.status_code, "http", N_("This request cannot be answered here."), {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(sorted(_methods(app, request.url.path)))
        return response

    def strained(request: Request, error: Exception) -> Response:
        """What the surroundings lack at the moment is no mistake of ours; anything else is."""
        if known := _passing(error):
            return refused(request, known)
        raise error

    def crashed(request: Request, _error: Exception) -> Response:
        """Give a number that the log has too, where the trace follows; never the trace itself."""
        number = str(new_id())
        LOG.error("failure %s", number)
        response = answer(
            request, 500, "internal", N_("Something failed on our side. Number {number}."), {"number": number}
        )
        response.headers.update(DEFAULT_HEADERS | HEADERS)  # it leaves outside of the guard
        return response

    def answer(request: Request, status: int, code: str, message: str, details: dict[str, Any]) -> Response:
        sentence = _say(request, message, details)
        for row in details.get("fields", ()):
            row["detail"] = _say(request, SENTENCES.get(row["code"], INVALID), row.pop("context"))
        if not request.url.path.startswith("/api/"):
            return page(request, status, sentence)
        body = {"status": status, "title": HTTPStatus(status).phrase, "code": code, "detail": sentence}
        return JSONResponse(body | {"details": details}, status, FURTHER.get(status), "application/problem+json")

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, unrouted)
    for kind in (IntegrityError, OperationalError, OSError):
        app.add_exception_handler(kind, strained)
    app.add_exception_handler(Exception, crashed)
    return refused


def _methods(app: FastAPI, path: str) -> set[str]:
    """Return the methods of an address; the framework names those of its first route alone."""
    routes = (route for route in iter_route_contexts(app.routes) if compile_path(str(route.path))[0].match(path))
    return {method for route in routes for method in route.methods or ()}


def _passing(error: Exception) -> Refusal | None:
    """Return what a failure of the surroundings is to the caller: a full disk, or a race on PostgreSQL that is lost."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    full = full or (isinstance(error, OperationalError) and "disk is full" in str(error.orig))
    if full:
        return StorageFull()
    raced = isinstance(error, IntegrityError) and getattr(error.orig, "sqlstate", "") == UNIQUE_VIOLATION
    return Busy() if raced else None


def _fields(error: RequestValidationError) -> list[dict[str, Any]]:
    rows = []
    for e in error.errors():
        loc = e["loc"][:-1] if e["type"] == "extra_forbidden" else e["loc"]  # an unknown name is input too
        rows.append({"loc": loc, "code": e["type"], "context": e.get("ctx", {})})
    return rows


def _say(request: Request, message: str, details: Any) -> str:
    return translate(message, language(request), details)
