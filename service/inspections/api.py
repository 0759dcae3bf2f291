"""HTTP face of scores."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from service.contracts.schemas import ContractFilter
from service.core.dates import Span, half_open
from service.core.http import (
    After,
    Figure,
    FromDay,
    Limit,
    Moment,
    Page,
    ReadSession,
    UntilDay,
    api_router,
)
from service.core.paging import dated, page_of, undated_id
from service.core.readers import FIRST_DAY, LAST_DAY
from service.inspections import queries
from service.inspections.models import Score
from service.plots.models import Plot
from service.plots.schemas import PlotFilter

router = api_router("inspections")


class ScoreOut(BaseModel):
    """A score of 0 to 100 given to a plot for the days from and until, both included."""

    id: str
    plot: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    channel: str
    score: Figure
    recorded_at: Moment
    recorded_by: str

    @classmethod
    def of(cls, score: Score, plot: Plot) -> Self:
        """Name the plot."""
        same = score.model_dump(include={"channel", "score", "recorded_at", "recorded_by"})
        until = Span(score.valid_from, score.valid_to).until
        return cls(id=str(score.id), plot=plot.code, from_=score.valid_from, until=until, **same)


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
