"""Reads of imports and of what was set aside."""

from sqlmodel import Session, col, select

from service.core.actor import OVERSEERS, Role
from service.core.scope import everything, scope_of
from service.exchange.models import Import, SetAside

scope_of(Import, *OVERSEERS, Role.ADMIN)(everything)
scope_of(SetAside, *OVERSEERS, Role.ADMIN)(everything)


def import_of(session: Session, kind: str, sha256: str) -> Import | None:
    """Return the import of the very same file, if there was one."""
    return session.exec(select(Import).where(Import.kind == kind, Import.sha256 == sha256)).first()


def set_asides(session: Session, batch: Import) -> list[SetAside]:
    """Return the rows of an import that were kept but not used, in their order."""
    query = select(SetAside).where(SetAside.import_id == batch.id)
    return list(session.exec(query.order_by(col(SetAside.row))))
