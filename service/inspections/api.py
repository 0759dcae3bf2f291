"""HTTP face of scores."""

from service.contracts.schemas import ContractFilter
from service.core.dates import half_open
from service.core.http import (
    FIRST_DAY,
    LAST_DAY,
    After,
    FromDay,
    Limit,
    Page,
    ReadSession,
    UntilDay,
    api_router,
)
from service.core.paging import dated, page_of, undated_id
from service.inspections import queries
from service.inspections.schemas import ScoreOut
from service.plots.schemas import PlotFilter

router = api_router("inspections")


@router.get("/scores")
def list_scores(
    session: ReadSession,
    plot: PlotFilter,
    contract: ContractFilter,
    first: FromDay = None,
    until: UntilDay = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[ScoreOut]:
    """Return scores by their first day. `from` and `until`: those whose days lie within."""
    span = half_open(first or FIRST_DAY, until or LAST_DAY) if first or until else None
    place = undated_id(after)
    rows = queries.scores(session, plot=plot, contract=contract, span=span, after=place, limit=limit + 1)
    page, mark = page_of(rows, limit, lambda row: dated(row[0].valid_from, row[0].id))
    return Page(items=[ScoreOut.of(*row) for row in page], next=mark)
