"""The settlement desk: which periods await a statement, which statements a decision."""

from datetime import date
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from service.access.models import Organisation
from service.access.rules import NotYours
from service.contracts.models import Contract
from service.contracts.queries import contract_by_code, contracts
from service.core.actor import Role
from service.core.dates import Span, periods_between
from service.core.http import ActorDep, Asked, Code, Day, WriteSession
from service.settlement.actions import prepare_statement
from service.settlement.queries import StatementRecord, statements
from service.settlement.rules import NoSuchPeriod
from service.web.contracts_page import latest_first
from service.web.frame import View, ViewDep
from service.web.menu import STATEMENTS, has_page

router = APIRouter()


class Desk(NamedTuple):
    """A contract with its statements, latest period first, and the period that can be prepared now, if any."""

    contract: Contract
    contractor: Organisation
    records: list[StatementRecord]
    following: Span | None
    not_before: date | None


@router.get("/statements")
def desk(view: ViewDep, contract: Asked = "") -> Response:
    """Show for each contract what is prepared, approved and sent back, and what comes next."""
    if not has_page(view.actor.role, STATEMENTS):
        raise NotYours
    rows = [desk_of(view, own, org) for own, org in latest_first(contracts(view.session))]
    waiting = [record for row in rows for record in row.records if record.state == "prepared"]
    to_pay: dict[str, int] = {}
    for record in waiting:
        currency = record.statement.currency
        to_pay[currency] = to_pay.get(currency, 0) + record.statement.payable_minor
    context = {
        "desks": [row for row in rows if not contract or row.contract.code == contract],
        "contract": contract,
        "contracts": [(row.contract, row.contractor) for row in rows],
        "waiting": waiting,
        "to_pay": to_pay,
        "may_prepare": view.actor.role is Role.MANAGER and not view.is_past,
    }
    return view.page("statements.html", STATEMENTS, ((view.say(STATEMENTS.word), "/statements"),), context)


def desk_of(view: View, contract: Contract, contractor: Organisation) -> Desk:
    """Find the next period of a contract: the first that is neither approved nor awaiting a decision."""
    records = statements(view.session, contract=contract.id, known_at=view.known_at)
    taken = {r.statement.valid_from for r in records if r.state != "sent_back"}
    open_periods = (p for p in periods_of(contract) if p.valid_from not in taken)
    following = next(open_periods, None)
    if any(r.state == "prepared" for r in records) or following is None or following.valid_to is None:
        return Desk(contract, contractor, records, None, None)
    if view.day < following.valid_to:
        return Desk(contract, contractor, records, None, following.valid_to)
    return Desk(contract, contractor, records, following, None)


def periods_of(contract: Contract) -> list[Span]:
    """Return the periods that a contract is settled by."""
    return list(periods_between(Span(contract.valid_from, contract.valid_to), contract.settled))


@router.post("/statements")
def prepare(
    session: WriteSession, actor: ActorDep, contract: Annotated[Code, Form()], first: Annotated[Day, Form()]
) -> Response:
    """Prepare the statement of the period that begins on a day."""
    own, _ = contract_by_code(session, contract)
    period = next((span for span in periods_of(own) if span.valid_from == first), None)
    if period is None:
        raise NoSuchPeriod(period=first, contract=own.code)
    record = prepare_statement(session, actor, own.code, period)
    return RedirectResponse(f"/statements/{record.statement.code}", 303)
