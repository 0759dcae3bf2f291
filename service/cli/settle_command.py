"""greenkeep settle."""

from argparse import ArgumentParser, Namespace

from service.cli import running
from service.contracts.models import Contract
from service.contracts.queries import contracts
from service.core.dates import Span, periods_between
from service.core.errors import Invalid
from service.core.i18n import N_
from service.core.money import major
from service.settlement.actions import prepare_statement
from service.settlement.rules import part_of, period_named


class NothingToSettle(Invalid):
    """No contract has the period."""

    code, message = "nothing_to_settle", N_("No contract is settled by {period}.")


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("period", help="a month, 2013-08, or a quarter, 2005-Q1")
    parser.add_argument("--contract", help="only this one; otherwise all that have the period")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Prepare the statements of a period. Approving is for two people, and never for the command line."""
    actor = running.host()
    period = period_named(arguments.period)
    if period is None:
        raise NothingToSettle(period=arguments.period)
    with running.opened() as database, database.transaction(actor) as session:
        wanted = [
            contract.code
            for contract, _ in contracts(session)
            if (contract.code == arguments.contract if arguments.contract else has_period(contract, period))
        ]
        if not wanted:
            raise NothingToSettle(period=arguments.period)
        prepared = [prepare_statement(session, actor, code, period).statement for code in wanted]
    for statement in prepared:  # only what was committed is told
        amount = major(statement.payable_minor, statement.currency)
        score = "-" if statement.score is None else f"{statement.score.normalize():f}"
        print(f"{statement.code}: score {score}, payable {amount} {statement.currency}, awaits a second person")
    return 0


def has_period(contract: Contract, period: Span) -> bool:
    """Tell whether a month or quarter, or a part of it, is a period of a contract."""
    span = Span(contract.valid_from, contract.valid_to)
    return part_of(span, contract.settled, period) in list(periods_between(span, contract.settled))
