"""The authority: its park-wide figures, what it has contracted, its zones and parties."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from service.access.queries import organisations, the_authority
from service.contracts.queries import contracts
from service.core.dates import Span
from service.core.errors import found
from service.plots.queries import register, zones
from service.web.contracts_page import lines_on, summary
from service.web.frame import ViewDep
from service.web.menu import AUTHORITY

router = APIRouter()


@router.get("/authority")
def authority(view: ViewDep) -> Response:
    """Show whose park this is, in figures."""
    session = view.session
    own, organisation = found(the_authority(session))
    places = register(session, as_of=view.day)
    running = ((c, org) for c, org in contracts(session) if Span(c.valid_from, c.valid_to).holds(view.day))
    held = [(c, org, summary(lines_on(session, c, view.day), c)) for c, org in running]
    context: dict[str, Any] = {
        "own": own,
        "indicators": indicators(own.indicators),
        "plots": len(places),
        "held": held,
        "covered": sum(total.plots for _, _, total in held),
        "area": sum((total.area_m2 for _, _, total in held), 0),
        "yearly": yearly(held),
        "zones": [(zone, sum(zone.path in place.zone.path for place in places)) for zone in zones(session)],
        "organisations": organisations(session),
    }
    return view.page("authority.html", AUTHORITY, ((view.name(organisation), ""),), context)


def indicators(entered: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the park-wide figures in the order in which they were entered."""
    return list(entered.values())


def yearly(held: list[Any]) -> dict[str, int]:
    """Add up the contracts' prices of a year, in minor units by currency."""
    totals: dict[str, int] = {}
    for contract, _, total in held:
        totals[contract.currency] = totals.get(contract.currency, 0) + total.yearly_minor
    return totals
