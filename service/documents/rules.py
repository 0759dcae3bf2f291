"""On what a document hangs, and who files one there. Pure."""

from enum import StrEnum

from service.access.rules import require
from service.core.actor import Actor, Role
from service.core.errors import Invalid
from service.core.i18n import N_
from service.findings.rules import FILERS


class On(StrEnum):
    """The kinds of records that documents hang on."""

    CONTRACT = "contract"
    PLOT = "plot"
    FINDING = "finding"
    STATEMENT = "statement"


class DocumentKind(StrEnum):
    """What a document is."""

    AGREEMENT = "agreement"
    DRAWING = "drawing"
    ACCEPTANCE = "acceptance"
    LETTER = "letter"
    REPORT = "report"
    INVOICE = "invoice"
    OTHER = "other"


MAY_FILE = {
    On.CONTRACT: (Role.MANAGER,),
    On.PLOT: FILERS,
    On.FINDING: (*FILERS, Role.CONTRACTOR),
    On.STATEMENT: (Role.MANAGER, Role.CONTRACTOR),  # its invoice
}


class OneRecord(Invalid):
    """A document hangs on one record."""

    code, message = "one_record", N_("Name the one record: a contract, a plot, a finding or a statement.")


def require_filer(actor: Actor, on: On) -> None:
    """Refuse those who file nothing on such a record."""
    require(actor, *MAY_FILE[on])
