"""Which lines would cover a plot that is covered already."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlmodel import Session

from service.contracts import queries
from service.contracts.described import NewLine
from service.core.dates import Span
from service.core.errors import Conflict
from service.core.i18n import N_


class CoveredTwice(Conflict):
    """Another contract holds the plot on some of the days: it would be paid twice."""

    code, message = "covered_twice", N_("The plot {plot} is covered by contract {contract} from {first} until {until}.")


def clashes(
    session: Session, lines: Sequence[NewLine], *, code: str, besides: UUID | None = None
) -> Iterator[tuple[int, CoveredTwice]]:
    """Yield the lines, by position, whose plot another contract, or an earlier one of them, covers on some of the days.

    `code`: of the contract that they are for. `besides`: its id, where it is in the database already.
    """
    paid = [(position, line) for position, line in enumerate(lines) if line.quantity > 0]
    taken: dict[UUID, list[tuple[str, Span]]] = {}
    for plot_id, other, days in queries.covered(session, [line.plot_id for _, line in paid], besides=besides):
        taken.setdefault(plot_id, []).append((other.code, days))
    for position, line in paid:
        held = taken.setdefault(line.plot_id, [])
        if met := next((one for one in held if line.span.meets(one[1])), None):
            other_code, days = met
            details = {"first": days.valid_from, "until": days.until}
            yield position, CoveredTwice(plot=line.plot_code, contract=other_code, **details)
        held.append((code, line.span))
