"""Enter scores."""

from collections.abc import Sequence

from sqlmodel import Session

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.errors import Conflict
from service.core.i18n import N_
from service.inspections.models import Score

BATCH = 1000


class ImportedBefore(Conflict):
    """The very file was imported before: its scores would count twice."""

    code, message = "imported_before", N_("This file was imported on {at} already; nothing was written again.")


def enter_scores(session: Session, actor: Actor, rows: Sequence[Score], *, source: audit_log.Identified) -> None:
    """Write scores as they stand in a file; repeat visits stay rows of their own.

    The caller holds the contracts that the scores are settled by, and has stamped the rows since.
    """
    require(actor, Role.HOST, Role.MANAGER, Role.INSPECTOR)
    session.add_all(rows)
    session.flush()
    for n in range(0, len(rows), BATCH):
        audit_log.record(session, actor, "scores.enter", source, after=rows[n : n + BATCH])
