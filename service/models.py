"""Import every feature's tables, so that the metadata is complete. Nothing else."""

from service.access import models as access
from service.audit_log import models as audit_log
from service.contracts import models as contracts
from service.core import numbers
from service.documents import models as documents
from service.evidence import models as evidence
from service.exchange import models as exchange
from service.findings import models as findings
from service.inspections import models as inspections
from service.jobs import models as jobs
from service.plots import models as plots
from service.schemes import models as schemes
from service.settlement import models as settlement
from service.standards import models as standards
from service.workplan import models as workplan

__all__ = [
    "access",
    "audit_log",
    "contracts",
    "documents",
    "evidence",
    "exchange",
    "findings",
    "inspections",
    "jobs",
    "numbers",
    "plots",
    "schemes",
    "settlement",
    "standards",
    "workplan",
]
