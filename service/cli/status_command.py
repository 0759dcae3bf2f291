"""greenkeep status."""

import json
from argparse import ArgumentParser, Namespace
from datetime import date
from typing import Any

from sqlmodel import Session

from service import migrations
from service.access.queries import the_authority
from service.audit_log.queries import head
from service.cli import running
from service.contracts.queries import contracts, totals
from service.core.dates import Span
from service.core.db import today
from service.core.errors import found
from service.plots.queries import register


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--as-of", type=running.day, help="the day asked about; today when left out")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Print what is in the database today."""
    settings = running.settings()
    with running.opened() as database, database.transaction(running.host(), write=False) as session:
        status = status_of(session, arguments.as_of) | {"schema_version": migrations.current(settings.url)}
    if arguments.json:
        print(json.dumps(status, ensure_ascii=False))
        return 0
    for name, value in status.items():
        print(f"{name}: {' '.join(map(str, value.values())) if isinstance(value, dict) else value}")
    return 0


def status_of(session: Session, as_of: date | None = None) -> dict[str, Any]:
    """Return the figures: what the register holds and what is contracted on a day."""
    authority, organisation = found(the_authority(session))
    signed = contracts(session)
    day = as_of or today(session)
    running_now = [
        contractor for contract, contractor in signed if Span(contract.valid_from, contract.valid_to).holds(day)
    ]
    sums = totals(session, as_of=day)
    end = head(session)
    return {
        "authority": organisation.name_en,
        "as_of": str(day),
        "plots": len(register(session, as_of=day)),
        "contracts": len(running_now),
        "contractors": len({contractor.id for contractor in running_now}),
        "contracted_plots": sums.plots,
        "contracted_area_m2": str(sums.area_m2),
        "annual_fee_minor": sums.yearly_minor.get(authority.currency, 0),
        "currency": authority.currency,
        "chain_head": {"seq": end.seq, "hash": end.hash},
    }
