"""What comes in and goes out of access."""

from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel

from service.access.models import ApiToken, Organisation, SignedIn, User
from service.access.queries import Grant
from service.access.rules import Answer, Means, Reach
from service.core.actor import Kind, Role
from service.core.http import Body, Code, Figure, Moment, Names, NamesIn


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


class OrganisationIn(Body):
    """A party to enter."""

    kind: Kind
    name: NamesIn


class UserIn(Body):
    """An account to open: one role in one organisation."""

    name: Code
    role: Role
    organisation: Code
    language: Literal["zh", "en"] = "zh"


class RoleIn(Body):
    """The role that an account shall have."""

    role: Role


class AnswerIn(Body):
    """What a second administrator says to a proposed role."""

    answer: Answer


class GrantOut(BaseModel):
    """A role that was proposed for an account, and what another administrator answered."""

    id: UUID
    user: str
    role: Role
    proposed_by: str
    proposed_at: Moment
    answer: Answer | None
    answered_by: str | None
    answered_at: Moment | None

    @classmethod
    def of(cls, known: Grant) -> Self:
        """Name the people."""
        grant, said = known.grant, known.answer
        return cls(
            id=grant.id,
            user=known.user.code,
            role=grant.role,
            proposed_by=grant.by_name,
            proposed_at=grant.at,
            answer=said.answer if said else None,
            answered_by=said.by_name if said else None,
            answered_at=said.at if said else None,
        )


class RoleGiven(BaseModel):
    """An account after a role was given or proposed. `proposal`: what another administrator has to answer."""

    user: UserOut
    proposal: GrantOut | None


class SessionOut(BaseModel):
    """A browser in which somebody has signed in."""

    id: UUID
    user: str
    means: Means
    address: str
    browser: str
    started_at: Moment
    expires_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, begun: SignedIn, holder: User) -> Self:
        """Leave out what is kept of the cookie."""
        return cls(user=holder.code, **begun.model_dump(exclude={"user_id", "sha256"}))
