"""The list of findings."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from service.contracts.queries import contracts
from service.core.http import After, Asked
from service.core.i18n import N_
from service.core.paging import BadCursor, cursor, uncursor
from service.findings.queries import FindingRecord, findings
from service.findings.rules import FILERS, OPEN, TO_CURE, State
from service.plots.queries import Record, plots_by_code, plots_in, register, zones
from service.standards.queries import finding_types
from service.web.frame import View, ViewDep, given
from service.web.menu import FINDINGS

router = APIRouter()
ROWS = 50
CHOICES: Mapping[str, Sequence[State] | None] = {"open": OPEN, "all": None} | {state.value: (state,) for state in State}


@router.get("/findings")
def list_of_findings(
    view: ViewDep,
    state: Asked = "open",
    zone: Asked = "",
    contract: Asked = "",
    type_: Annotated[Asked, Query(alias="type")] = "",
    plot: Asked = "",
    overdue: bool = False,
    after: After = "",
) -> Response:
    """List findings: the overdue ones first, then the latest; fifty a page."""
    session = view.session
    chosen = view.chosen(N_("state"), state, CHOICES) or "open"
    tree, kinds = zones(session), finding_types(session)
    view.chosen(N_("zone"), zone, [one.code for one in tree])
    view.chosen(N_("type of finding"), type_, kinds)
    held = {own.code: own.id for own, _ in contracts(session)}
    places = plots_by_code(session)
    places_here = {r.plot.id: r for r in register(session, as_of=view.day)}
    by_default = state == "open" and "state" not in view.request.query_params
    states = None if plot and by_default else CHOICES[chosen]
    every = findings(
        session,
        states=states,
        plot=places[plot].id if view.chosen(N_("plot"), plot, places) else None,
        plots=plots_in(session, zone=zone, as_of=view.day),
        contract=held.get(view.chosen(N_("contract"), contract, held)),
        types=[type_] if type_ else None,
        overdue=overdue and not view.is_past,
        known_at=view.known_at,
    )
    rows = ordered([r for r in every if not overdue or r.overdue_days(view.day)], view.day)
    shown, following = page_of(rows, after)
    context = {
        "rows": shown,
        "following": following,
        "count": len(rows),
        "late": sum(r.overdue_days(view.day) > 0 for r in rows),
        "by_state": {one: sum(r.state is one for r in rows) for one in State},
        "places": places_here,
        "zones": tree,
        "types": kinds,
        "contracts": contracts(session),
        "chosen": {"state": chosen, "zone": zone, "contract": contract, "type": type_, "plot": plot},
        "overdue": overdue,
        "may_file": view.actor.role in FILERS and not view.is_past,
        "names": names_of(places_here, view),
        "states": State,
        "to_cure": TO_CURE,
        "sheet": [
            *(("state", one.value) for one in states or ()),
            *given({"zone": zone, "contract": contract, "type": type_, "plot": plot}).items(),
            *([("overdue", "true")] if overdue else []),
        ],
    }
    return view.page("findings.html", FINDINGS, ((view.say(FINDINGS.word), "/findings"),), context)


def names_of(places: Mapping[UUID, Record], view: View) -> Mapping[UUID, str]:
    """Return the names of plots by id."""
    return {plot_id: view.name(record.version) for plot_id, record in places.items()}


def ordered(rows: Sequence[FindingRecord], day: date) -> list[FindingRecord]:
    """Put the most overdue first, then what is to be cured by its day, the nearest first; the others stay in order."""

    def rank(record: FindingRecord) -> tuple[bool, date]:
        due = record.last.due_on if record.state in TO_CURE else None
        return due is None, due or day

    return sorted(rows, key=rank)


def page_of(rows: Sequence[FindingRecord], after: str) -> tuple[Sequence[FindingRecord], str]:
    """Return the rows behind a mark, and the mark of the next page; the mark names the last row seen."""
    last = uncursor(after)
    begin = 0
    if last:
        codes = [r.finding.code for r in rows]
        if last not in codes:
            raise BadCursor
        begin = codes.index(last) + 1
    shown = rows[begin : begin + ROWS]
    return shown, cursor(shown[-1].finding.code) if begin + ROWS < len(rows) else ""
