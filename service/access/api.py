"""HTTP face of access: whose database this is, the parties, and who is asking."""

from datetime import date
from typing import Any, Self

from pydantic import BaseModel

from service.access import queries
from service.access.models import Organisation
from service.core.actor import Kind, Role
from service.core.db import today
from service.core.errors import found
from service.core.http import ActorDep, After, Figure, Limit, Names, Page, ReadSession, api_router
from service.core.paging import part_of

router = api_router("access")


class OrganisationOut(BaseModel):
    """A party."""

    code: str
    kind: Kind
    name: Names

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Leave out what is the database's own."""
        name = Names(zh=organisation.name_zh, en=organisation.name_en)
        return cls(code=organisation.code, kind=organisation.kind, name=name)


class AuthorityOut(BaseModel):
    """The authority. `extent`: west, south, east, north in degrees. `today`: the business date there.

    `amendment_ceiling_percent`: of a contract's original price, that all its amendments may add; null: no ceiling.
    """

    code: str
    name: Names
    time_zone: str
    locale: str
    currency: str
    amendment_ceiling_percent: Figure | None
    extent: tuple[float, float, float, float]
    indicators: dict[str, Any]
    today: date
    demo: bool


class Me(BaseModel):
    """Whoever asks."""

    code: str
    name: str
    role: Role
    language: str
    organisation: OrganisationOut


@router.get("/authority")
def read_authority(session: ReadSession) -> AuthorityOut:
    """Return whose database this is."""
    authority, organisation = found(queries.the_authority(session))
    return AuthorityOut(
        code=organisation.code,
        name=Names(zh=organisation.name_zh, en=organisation.name_en),
        time_zone=authority.time_zone,
        locale=authority.locale,
        currency=authority.currency,
        amendment_ceiling_percent=authority.amendment_ceiling_percent,
        extent=(authority.west, authority.south, authority.east, authority.north),
        indicators=authority.indicators,
        today=today(session),
        demo=authority.demo_at is not None,
    )


@router.get("/organisations")
def list_organisations(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[OrganisationOut]:
    """Return the parties that you see, by code."""
    rows, mark = part_of(queries.organisations(session), after, limit, lambda row: row.code)
    return Page(items=[OrganisationOut.of(row) for row in rows], next=mark)


@router.get("/me")
def read_me(session: ReadSession, actor: ActorDep) -> Me:
    """Return who you are here."""
    user = queries.user_of(session, actor)
    organisation = found(session.get(Organisation, user.organisation_id))
    return Me(
        code=user.code,
        name=user.name,
        role=user.role,
        language=user.language,
        organisation=OrganisationOut.of(organisation),
    )
