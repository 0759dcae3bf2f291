"""HTTP face of assessment schemes."""

from datetime import date
from typing import Annotated, Self

from fastapi import Path
from pydantic import BaseModel, Field

from service.core.errors import found
from service.core.http import After, Code, Limit, Names, Number, Page, ReadSession, api_router
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
def list_schemes(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[SchemeSummary]:
    """Return every scheme version, by code and version."""
    rows, mark = part_of(sorted(queries.versions(session), key=_key), after, limit, _key)
    return Page(items=[SchemeSummary.of(row) for row in rows], next=mark)


@router.get("/schemes/{code}/{version}")
def read_scheme(session: ReadSession, code: Code, version: Annotated[Number, Path()]) -> SchemeOut:
    """Return one version with its text."""
    rows = (row for row in queries.versions(session) if (row.code, row.version) == (code, version))
    row = found(next(rows, None))
    return SchemeOut.of(row, text=row.text)
