"""HTTP face of assessment schemes."""

from datetime import date
from typing import Annotated, Self

from fastapi import Path, Query
from pydantic import BaseModel, Field

from service.core.errors import found
from service.core.http import After, Code, Day, Limit, Names, Number, Page, ReadSession, api_router
from service.core.paging import part_of
from service.schemes import queries
from service.schemes.models import SchemeVersion

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
