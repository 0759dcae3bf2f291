"""Reads of schemes. A scheme is as public inside as the contract that names it."""

from functools import lru_cache
from uuid import UUID

from sqlmodel import Session, col, select

from service.core.actor import Role
from service.core.errors import known
from service.core.scope import everything, scope_of
from service.schemes.language import Scheme, read_scheme
from service.schemes.models import SchemeVersion

scope_of(SchemeVersion, *Role)(everything)


def versions(session: Session) -> list[SchemeVersion]:
    """Return every scheme version, by code and version."""
    query = select(SchemeVersion).order_by(col(SchemeVersion.code), col(SchemeVersion.version))
    return list(session.exec(query))


def version_of(session: Session, code: str, version: int) -> SchemeVersion:
    """Return the scheme version that a contract names."""
    query = select(SchemeVersion).where(SchemeVersion.code == code, SchemeVersion.version == version)
    return known(session.exec(query).one_or_none(), "scheme", f"{code} v{version}")


def scheme(session: Session, scheme_id: UUID) -> Scheme:
    """Return a stored scheme, read."""
    return _read(session.get_one(SchemeVersion, scheme_id).text)


@lru_cache(maxsize=64)
def _read(text: str) -> Scheme:
    """Read a text once: a settlement asks for its scheme at every period, a map at every contract."""
    return read_scheme(text)
