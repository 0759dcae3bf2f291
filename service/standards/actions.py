"""Enter catalogues."""

from collections.abc import Sequence

from sqlmodel import Session

from service.access.models import Organisation
from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import insert
from service.core.errors import Conflict
from service.core.i18n import N_
from service.standards.models import FindingType, Grade, Operation, Workday

Row = FindingType | Grade | Operation | Workday


class EntryTaken(Conflict):
    """Codes are unique per catalogue."""

    code, message = "entry_taken", N_("A code of the catalogue {catalogue} is taken.")


def enter_catalogue(
    session: Session, actor: Actor, authority: Organisation, catalogue: str, rows: Sequence[Row]
) -> None:
    """Write the rows of one catalogue for the authority."""
    require(actor, Role.HOST)
    insert(session, *rows, taken=EntryTaken(catalogue=catalogue))
    audit_log.record(session, actor, f"catalogue.{catalogue}", authority, after=rows)
