"""Tables of access."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from service.access.rules import Answer, Means, Reach
from service.core.actor import Kind, Role
from service.core.columns import Word
from service.core.ids import new_id
from service.core.quantities import Price
from service.core.temporal import append_only


class Organisation(SQLModel, table=True):
    """A party."""

    __tablename__ = "organisation"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    kind: Kind = Field(sa_type=Word(Kind))
    name_zh: str
    name_en: str


class Authority(SQLModel, table=True):
    """The one authority whose database this is. `demo_at`: the present of a demo; null: the machine's clock."""

    __tablename__ = "authority"
    __table_args__ = (CheckConstraint("id = 1", name="one_authority"),)
    id: int = Field(default=1, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    time_zone: str
    locale: str
    currency: str
    west: float
    south: float
    east: float
    north: float
    indicators: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    demo_at: datetime | None = None
    # of a contract's original price, that all its amendments together may add; None: no such ceiling
    amendment_ceiling_percent: Decimal | None = Field(default=None, sa_type=Price)


class User(SQLModel, table=True):
    """A person's account: one role in one organisation. Somebody with two roles has two accounts."""

    __tablename__ = "user_account"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    name: str
    role: Role = Field(sa_type=Word(Role))
    organisation_id: UUID = Field(foreign_key="organisation.id")
    language: str
    active: bool = True


class SignInLink(SQLModel, table=True):
    """A link that signs in once. Only its SHA-256 is kept."""

    __tablename__ = "sign_in_link"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id")
    sha256: str = Field(unique=True)
    expires_at: datetime
    used_at: datetime | None = None


class Password(SQLModel, table=True):
    """What is kept of a person's password: its Argon2id hash, apart from the account, which many may read."""

    __tablename__ = "password"
    user_id: UUID = Field(primary_key=True, foreign_key="user_account.id")
    argon2: str
    set_at: datetime


class SignInAttempt(SQLModel, table=True):
    """A password that was tried, for as long as it counts. `account`: SHA-256 of the name as typed, known or not."""

    __tablename__ = "sign_in_attempt"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(index=True)
    account: str = Field(index=True)
    address: str = Field(index=True)


class SignedIn(SQLModel, table=True):
    """A browser's session. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "signed_in"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    sha256: str = Field(unique=True)
    means: Means = Field(sa_type=Word(Means))
    address: str
    browser: str
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class ApiToken(SQLModel, table=True):
    """A program's key. Only its SHA-256 is kept. `last_used_on`: known to the day, a minute later at most."""

    __tablename__ = "api_token"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    name: str
    reach: Reach = Field(sa_type=Word(Reach))
    sha256: str = Field(unique=True)
    created_at: datetime
    expires_at: datetime
    last_used_on: date | None = None
    revoked_at: datetime | None = None


@append_only()
class RoleGrant(SQLModel, table=True):
    """A role that one administrator wants an account to have; another one answers."""

    __tablename__ = "role_grant"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    role: Role = Field(sa_type=Word(Role))
    by: UUID = Field(foreign_key="user_account.id")
    by_name: str
    at: datetime


@append_only()
class RoleGrantAnswer(SQLModel, table=True):
    """What a second administrator answered, once."""

    __tablename__ = "role_grant_answer"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    grant_id: UUID = Field(foreign_key="role_grant.id", unique=True)
    answer: Answer = Field(sa_type=Word(Answer))
    by: UUID = Field(foreign_key="user_account.id")
    by_name: str
    at: datetime
