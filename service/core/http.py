"""What every endpoint uses: actor, session, If-Match, and the types of what comes in and goes out."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Self, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError
from sqlmodel import Session

from service.core.actor import GATE, Actor
from service.core.dates import Span, half_open
from service.core.db import Database, queue
from service.core.errors import Forbidden, IfMatchNeeded
from service.core.guard import SAFE, credentials
from service.core.i18n import N_, language_of
from service.core.money import major
from service.core.readers import CONTROL, FIRST_DAY, ISO_DAY, LAST_DAY, PLAIN

T = TypeVar("T")
SAFE_INTEGER = 2**53 - 1  # what a JSON reader that knows only floats still reads exactly
READERS, WRITERS = 8, 1  # requests of a process in a transaction at once: fewer than its connections and threads
ISO_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.*")


def _readable(text_: str) -> str:
    """Refuse what a reader cannot see; the text is kept as sent."""
    if CONTROL.search(text_):
        raise PydanticCustomError("unreadable_text", "unreadable")
    return text_


def _written_day(value: Any) -> Any:
    """Refuse seconds since 1970, which the library takes for days."""
    if isinstance(value, date) or (isinstance(value, str) and ISO_DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("not_a_day", "no day")


def _written_instant(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and ISO_INSTANT.fullmatch(value)):
        return value
    raise PydanticCustomError("not_an_instant", "no instant")


def _plainly_written(value: Any) -> Any:
    """Take whole numbers and decimal numbers as text; refuse binary fractions, exponents, other digits than 0 to 9."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if is_whole or isinstance(value, Decimal) or (isinstance(value, str) and PLAIN.fullmatch(value)):
        return value
    raise PydanticCustomError("plain_number", "no plain number")


def _written_with(places: int, least: int) -> WithJsonSchema:
    pattern = f"^[0-9]{{1,{14 - places}}}(\\.[0-9]{{1,{places}}})?$"
    return WithJsonSchema({"anyOf": [{"type": "integer", "minimum": least}, {"type": "string", "pattern": pattern}]})


def _plain(value: Decimal) -> str:
    """Write a decimal without exponent and without empty places.

    >>> _plain(Decimal("3.550000")), _plain(Decimal("1E+3"))
    ('3.55', '1000')
    """
    return format(value.normalize(), "f")


FIRST_INSTANT = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
LAST_INSTANT = datetime.fromisoformat("2100-01-01T00:00:00+00:00")
Day = Annotated[date, BeforeValidator(_written_day), Field(ge=FIRST_DAY, le=LAST_DAY)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written_instant), Field(ge=FIRST_INSTANT, le=LAST_INSTANT)]
Code = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_readable)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_readable)]
Note = Annotated[str, Field(max_length=2000), AfterValidator(_readable)]
Asked = Annotated[str, Query(max_length=80), AfterValidator(_readable)]  # what a page's address chooses by a code
Moment = Annotated[datetime, AfterValidator(lambda instant: instant.astimezone(UTC))]  # as it goes out
Counted = Annotated[  # what a line, a task or a finding counts, as it comes in
    Decimal, Field(gt=0, max_digits=14, decimal_places=2), BeforeValidator(_plainly_written), _written_with(2, 1)
]
UnitPrice = Annotated[
    Decimal, Field(ge=0, max_digits=14, decimal_places=6), BeforeValidator(_plainly_written), _written_with(6, 0)
]
Share = Annotated[UnitPrice, Field(le=100)]  # of 100
Figure = Annotated[Decimal, PlainSerializer(_plain, return_type=str)]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
Whole = Annotated[Number, BeforeValidator(_plainly_written)]  # as it comes in a body, where true would be 1

AsOf = Annotated[Day | None, Query(description="The day asked about; today when left out.")]
KnownAt = Annotated[Instant | None, Query(description="Answer as was known at this instant; now when left out.")]
FromDay = Annotated[Day | None, Query(alias="from", description="The first day, included.")]
UntilDay = Annotated[Day | None, Query(alias="until", description="The last day, included.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Rows a page.")]
After = Annotated[Note, Query(max_length=400, description="The `next` of the page before.")]


class Body(BaseModel):
    """Base of every body: unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Dated(Body):
    """`from` and `until` are both included, as contracts write them; without `until` it stays open."""

    from_: Day = Field(alias="from")
    until: Day | None = None

    @property
    def span(self) -> Span:
        """The same days, half-open."""
        return half_open(self.from_, self.until)


class Page(BaseModel, Generic[T]):
    """Some rows of a list; ask on with `after=next` until it is null."""

    items: list[T]
    next: str | None


class Names(BaseModel):
    """A name or title in both languages."""

    zh: str
    en: str


class NamesIn(Body):
    """A name or title in both languages, as it comes in."""

    zh: Text
    en: Text


class Money(BaseModel):
    """An amount with all places of its currency, and the same in whole minor units."""

    amount: str
    amount_minor: int
    currency: str

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        """Write an amount."""
        return cls(amount=str(major(amount_minor, currency)), amount_minor=amount_minor, currency=currency)


class Problem(BaseModel):
    """Problem details (RFC 9457): a stable `code`, and a sentence in the reader's language."""

    status: int
    title: str
    code: str
    detail: str
    details: dict[str, Any]


Responses = dict[int | str, dict[str, Any]]  # further answers of an operation, as OpenAPI has them
PROBLEMS: Responses = {
    "4XX": {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
}

AGAIN: Responses = {200: {"description": "The very same again, answered as when it was new"}}  # of an idempotent PUT

BYTES_IN = {  # of an operation whose body is a file, as OpenAPI has it
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def bytes_out(media_types: Iterable[str]) -> Responses:
    """Say of an operation, as OpenAPI has it, that its answer is a file of one of these types."""
    return {200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}}}


def api_router(tag: str) -> APIRouter:
    """Return a router whose operations are known by their functions' names and refuse with problem details."""
    return APIRouter(tags=[tag], responses=PROBLEMS, generate_unique_id_function=lambda route: route.name)


def database_of(request: Request) -> Database:
    """Return the app's database."""
    database: Database = request.app.state.database
    return database


# documents for OpenAPI how one shows who one is; `credentials` reads it
TOKEN = HTTPBearer(auto_error=False, scheme_name="token", description="A token that the host has issued: gk_…")
Token = Annotated[HTTPAuthorizationCredentials | None, Depends(TOKEN)]


class ReadsOnly(Forbidden):
    """The token was issued to read."""

    code, message = "reads_only", N_("This token may read and not write.")


def _actor(request: Request, _token: Token) -> Actor:
    """Ask the authenticator that create_app brought from access."""
    with database_of(request).transaction(GATE, write=False) as session:
        actor: Actor = request.app.state.authenticate(session, *credentials(request))
    if actor.reads_only and request.method not in SAFE:
        raise ReadsOnly
    return actor


ActorDep = Annotated[Actor, Depends(_actor)]


def _read(request: Request, actor: ActorDep) -> Iterator[Session]:
    with database_of(request).transaction(actor, write=False) as session:
        yield session


def _read_one_moment(request: Request, actor: ActorDep) -> Iterator[Session]:
    with database_of(request).transaction(actor, write=False, repeatable=True) as session:
        yield session


def _write(request: Request, actor: ActorDep) -> Iterator[Session]:
    with database_of(request).transaction(actor) as session:
        queue(session, f"{request.method} {request.url.path}")
        yield session


# scope="function" commits before the answer leaves, so that a failed commit is a failed request. Whoever waits for a
# turn holds neither a thread nor a connection, of which those need one who have theirs.
ReadSession = Annotated[Session, Depends(_read, scope="function", max_concurrency=READERS)]
# for what has to fit together though it is read bit by bit
OneMoment = Annotated[Session, Depends(_read_one_moment, scope="function", max_concurrency=READERS)]
WriteSession = Annotated[Session, Depends(_write, scope="function", max_concurrency=WRITERS)]


def _seen(if_match: Annotated[str, Header(description="The ETag of what you have read.")] = "") -> str:
    if not if_match:
        raise IfMatchNeeded
    return if_match.strip('"')


IfMatch = Annotated[str, Depends(_seen)]


def language(request: Request) -> str:
    """Return the language of an answer: asked for by `lang`, kept in a cookie, or preferred by the browser."""
    chosen = request.query_params.get("lang") or request.cookies.get("lang") or ""
    return language_of(chosen or request.headers.get("accept-language", ""))
