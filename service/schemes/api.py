"""HTTP face of assessment schemes."""

from datetime import date
from typing import Annotated, Self

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field

from service.access.rules import require
from service.core.actor import Role
from service.core.errors import found
from service.core.http import (
    AGAIN,
    ActorDep,
    After,
    Body,
    Code,
    Day,
    Limit,
    Names,
    Number,
    Page,
    ReadSession,
    WriteSession,
    api_router,
)
from service.core.paging import part_of
from service.schemes import actions, queries
from service.schemes.models import SchemeVersion
from service.schemes.reader import MAX_BYTES

router = api_router("schemes")


class SchemeSummary(BaseModel):
    """One version of a scheme; `sha256` is that of its text."""

    code: str
    version: int
    title: Names
    from_: date = Field(serialization_alias="from")
    sha256: str

    @classmethod
    def of(cls, row: SchemeVersion, **more: str) -> Self:
        """Leave out what is the database's own."""
        title = Names(zh=row.title_zh, en=row.title_en)
        same = row.model_dump(include={"code", "version", "sha256"})
        return cls.model_validate(same | {"title": title, "from_": row.valid_from} | more)


class SchemeOut(SchemeSummary):
    """One version of a scheme with the file as it was entered."""

    text: str


class SchemeIn(Body):
    """A scheme's file, word for word."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_BYTES)]


def _key(row: SchemeVersion) -> str:
    return f"{row.code} {row.version:010}"


@router.get("/schemes")
def list_schemes(
    session: ReadSession,
    code: Annotated[Code | None, Query(description="Only the versions of one scheme.")] = None,
    as_of: Annotated[Day | None, Query(description="Only versions that hold on this day already.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[SchemeSummary]:
    """Return every scheme version, by code and version."""
    every = [
        row
        for row in queries.versions(session)
        if (not code or row.code == code) and (as_of is None or row.valid_from <= as_of)
    ]
    rows, mark = part_of(sorted(every, key=_key), after, limit, _key)
    return Page(items=[SchemeSummary.of(row) for row in rows], next=mark)


@router.get("/schemes/{code}/{version}")
def read_scheme(session: ReadSession, code: Code, version: Annotated[Number, Path()]) -> SchemeOut:
    """Return one version with its text."""
    rows = (row for row in queries.versions(session) if (row.code, row.version) == (code, version))
    row = found(next(rows, None))
    return SchemeOut.of(row, text=row.text)


@router.put("/schemes/{code}/{version}", status_code=201, responses=AGAIN)
def enter_scheme(
    session: WriteSession,
    actor: ActorDep,
    code: Code,
    version: Annotated[Number, Path()],
    body: SchemeIn,
    answer: Response,
) -> SchemeOut:
    """Enter a version of a scheme, named as its text names itself: 201. The very same again: 200.

    Refused with all that is wrong with the text, by line.
    """
    require(actor, Role.MANAGER)
    row, is_new = actions.enter_scheme(session, actor, body.text, at=(code, version))
    answer.status_code = 201 if is_new else 200
    return SchemeOut.of(row, text=row.text)
