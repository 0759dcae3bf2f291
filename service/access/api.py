"""HTTP face of access: whose database this is, the parties, who is asking, and tokens.

A token is issued to a person at a browser or by the host, never by way of another token.
"""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from service.access import actions, queries
from service.access.models import ApiToken, Organisation, User
from service.access.rules import Reach, require
from service.core.actor import Kind, Role
from service.core.db import today
from service.core.errors import found
from service.core.http import (
    ActorDep,
    After,
    Code,
    Figure,
    Limit,
    Moment,
    Names,
    Page,
    ReadSession,
    WriteSession,
    api_router,
)
from service.core.paging import page_of, part_of, uncursor

router = api_router("access")
KEEPERS = (Role.ADMIN, Role.AUDITOR)  # read who has which account


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


class UserOut(BaseModel):
    """A person's account: one role in one organisation."""

    code: str
    name: str
    role: Role
    organisation: str
    language: str
    active: bool

    @classmethod
    def of(cls, user: User, organisation: Organisation) -> Self:
        """Name the organisation."""
        same = user.model_dump(include={"code", "name", "role", "language", "active"})
        return cls(organisation=organisation.code, **same)


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


class TokenOut(BaseModel):
    """An API token: whose, for what, and what it may. The secret itself is shown once, to whom it is issued."""

    id: UUID
    user: str
    name: str
    scope: Reach
    created_at: Moment
    expires_at: Moment
    last_used_on: date | None
    revoked_at: Moment | None

    @classmethod
    def of(cls, token: ApiToken, holder: User) -> Self:
        """Leave out what is kept of the secret."""
        kept = token.model_dump(include={"id", "name", "created_at", "expires_at", "last_used_on", "revoked_at"})
        return cls(user=holder.code, scope=token.reach, **kept)


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
def list_organisations(
    session: ReadSession,
    kind: Annotated[Kind | None, Query(description="Only those of a kind, such as contractor.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[OrganisationOut]:
    """Return the parties that you see, by code."""
    rows, mark = part_of(queries.organisations(session, kind=kind), after, limit, lambda row: row.code)
    return Page(items=[OrganisationOut.of(row) for row in rows], next=mark)


@router.get("/organisations/{code}")
def read_organisation(session: ReadSession, code: Code) -> OrganisationOut:
    """Return a party."""
    rows = {row.code: row for row in queries.organisations(session)}
    return OrganisationOut.of(found(rows.get(code)))


@router.get("/users")
def list_users(
    session: ReadSession,
    actor: ActorDep,
    role: Annotated[Role | None, Query(description="Only those with a role.")] = None,
    organisation: Annotated[Code | None, Query(description="An organisation's code.")] = None,
    active: Annotated[bool | None, Query(description="Only those that may sign in, or only the others.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[UserOut]:
    """Return the accounts, by code."""
    require(actor, *KEEPERS)
    every = queries.accounts(
        session,
        role=role,
        organisation=organisation or "",
        active=active,
        after=uncursor(after),
        limit=limit + 1,
    )
    rows, mark = page_of(every, limit, lambda row: row[0].code)
    return Page(items=[UserOut.of(*row) for row in rows], next=mark)


@router.get("/users/{code}")
def read_user(session: ReadSession, actor: ActorDep, code: Code) -> UserOut:
    """Return an account."""
    require(actor, *KEEPERS)
    rows = queries.accounts(session, code=code)
    return UserOut.of(*found(rows[0] if rows else None))


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


@router.get("/tokens")
def list_tokens(session: ReadSession, after: After = "", limit: Limit = 100) -> Page[TokenOut]:
    """Return your tokens, in the order in which they were issued; the administrator sees everybody's."""
    rows, mark = part_of(queries.tokens(session), after, limit, lambda row: str(row[0].id))
    return Page(items=[TokenOut.of(*row) for row in rows], next=mark)


@router.post("/tokens/{token_id}/revocation")
def revoke_token(session: WriteSession, actor: ActorDep, token_id: UUID) -> TokenOut:
    """End a token at once; a second time changes nothing."""
    token = actions.revoke_token(session, actor, token_id)
    return TokenOut.of(token, found(session.get(User, token.user_id)))
