"""What the forms share: what was sent, and a draft that keeps it as it was typed beside what is wrong with it."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import UUID7, TypeAdapter, ValidationError
from starlette.datastructures import FormData

from service.core.guard import Unreadable
from service.core.ids import new_id

ID: TypeAdapter[UUID] = TypeAdapter(UUID7)


async def sent_form(request: Request) -> AsyncIterator[FormData]:
    """Yield the fields and files of a form, as they were sent; the files are closed behind the page."""
    async with request.form() as form:
        yield form


FormDep = Annotated[FormData, Depends(sent_form, scope="function")]


@dataclass
class Draft:
    """What somebody typed, as typed, with what is wrong with it: field -> sentence."""

    values: dict[str, str]
    client_id: str
    errors: dict[str, str] = field(default_factory=dict)


def read_draft(form: FormData, names: Iterable[str]) -> Draft:
    """Return what was typed, a browser's line ends aside; in place of an id that is none of ours stands a new one."""
    values: dict[str, str] = {}
    for name in names:
        value = form.get(name, "")
        if not isinstance(value, str):  # a file where a text belongs
            raise Unreadable
        values[name] = value.replace("\r\n", "\n")
    try:
        return Draft(values, str(ID.validate_python(form.get("client_id"))))
    except ValidationError:
        return Draft(values, str(new_id()), {"client_id": ""})


def read_fields(draft: Draft, kinds: dict[str, TypeAdapter[Any]]) -> dict[str, Any]:
    """Return what the fields mean; those that cannot be read are left out, and stand among the draft's errors."""
    read: dict[str, Any] = {}
    for name, kind in kinds.items():
        try:
            read[name] = kind.validate_python(draft.values[name])
        except ValidationError:
            draft.errors.setdefault(name, "")
    return read
