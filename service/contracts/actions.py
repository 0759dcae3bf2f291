"""What the authority does to contracts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlmodel import Session, select

from service.access.models import Authority, Organisation
from service.access.rules import require
from service.audit_log import actions as audit_log
from service.contracts import queries, rules
from service.contracts.models import Contract, ContractLine, ContractLineVersion, ContractParty
from service.core.actor import Actor, Role
from service.core.dates import Span
from service.core.db import insert, now
from service.core.errors import CodeTaken, Conflict
from service.core.i18n import N_
from service.schemes.queries import scheme


class CoveredTwice(Conflict):
    """Another contract holds the plot on some of the days: it would be paid twice."""

    code, message = "covered_twice", N_("The plot {plot} is covered by contract {contract} from {first} until {until}.")


@dataclass(frozen=True)
class NewLine:
    """A plot that a contract covers on some days. `unit_price`: a unit and year, VAT included."""

    plot_id: UUID
    plot_code: str
    span: Span
    quantity: Decimal
    unit: rules.Unit
    basis: str
    unit_price: Decimal
    grade: str | None

    @property
    def yearly(self) -> Fraction:
        """A year's price, exact."""
        return Fraction(self.quantity) * Fraction(self.unit_price)


def sign_contract(
    session: Session,
    actor: Actor,
    contract: Contract,
    lines: Sequence[NewLine],
    parties: Sequence[tuple[str, Organisation]] = (),
) -> Contract:
    """Enter a contract with its lines.

    Refused when its scheme cannot pay it, when a line leaves the contract, or its plot is covered already.
    """
    require(actor, Role.HOST, Role.MANAGER)
    for misfit in rules.misfits(contract.currency, contract.settled, scheme(session, contract.scheme_id)):
        raise misfit
    span = Span(contract.valid_from, contract.valid_to)
    rules.refuse_too_much([line.yearly for line in lines], contract.currency)
    _refuse_covered_twice(session, contract, lines)
    insert(session, contract, taken=CodeTaken(code=contract.code))
    entered: list[ContractLine | ContractLineVersion | ContractParty] = [
        ContractParty(contract_id=contract.id, organisation_id=organisation.id, part=part)
        for part, organisation in parties
    ]
    numbers = {plot_id: n for n, plot_id in enumerate(dict.fromkeys(line.plot_id for line in lines), start=1)}
    own = {plot_id: ContractLine(contract_id=contract.id, plot_id=plot_id, number=n) for plot_id, n in numbers.items()}
    entered += own.values()
    for line in lines:
        rules.refuse_outside(span, line.span)
        entered.append(_version(session, own[line.plot_id], line))
    insert(session, *entered, taken=CodeTaken(code=contract.code))
    audit_log.record(session, actor, "contract.sign", contract, after=[contract, *entered])
    return contract


def _version(session: Session, line: ContractLine, new: NewLine) -> ContractLineVersion:
    return ContractLineVersion(
        subject_id=line.id,
        valid_from=new.span.valid_from,
        valid_to=new.span.valid_to,
        recorded_at=now(session),
        quantity=new.quantity,
        unit=new.unit,
        basis=new.basis,
        unit_price=new.unit_price,
        grade=new.grade,
    )


def _refuse_covered_twice(session: Session, contract: Contract, lines: Sequence[NewLine]) -> None:
    """Refuse a plot that another contract, or another of these lines, covers on some of the days."""
    session.exec(select(Authority).with_for_update())  # one contract after another: two at once could both find it free
    paid = [line for line in lines if line.quantity > 0]
    taken: dict[UUID, list[tuple[Contract, Span]]] = {}
    for plot_id, other, days in queries.covered(session, [line.plot_id for line in paid], besides=contract.id):
        taken.setdefault(plot_id, []).append((other, days))
    for line in paid:
        held = taken.setdefault(line.plot_id, [])
        for other, days in held:
            if _meet(line.span, days):
                raise CoveredTwice(plot=line.plot_code, contract=other.code, first=days.valid_from, until=days.until)
        held.append((contract, line.span))


def _meet(one: Span, other: Span) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )


def change_line(
    session: Session, actor: Actor, contract: Contract, line: ContractLine, change: NewLine
) -> ContractLineVersion:
    """Record what holds of a line on some days, past or future; a quantity of 0 takes the plot out.

    Refused when another contract covers the plot on those days by now.
    """
    require(actor, Role.HOST, Role.MANAGER)
    assert line.contract_id == contract.id
    assert line.plot_id == change.plot_id
    rules.refuse_outside(Span(contract.valid_from, contract.valid_to), change.span)
    queries.lock_contracts(session, [contract.id])
    rules.refuse_too_much([change.yearly], contract.currency)
    _refuse_covered_twice(session, contract, [change])
    version = _version(session, line, change)
    insert(session, version, taken=CodeTaken(code=contract.code))
    audit_log.record(session, actor, "contract.change_line", contract, after=[version])
    return version
