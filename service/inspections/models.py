"""Table of scores."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field, SQLModel

from service.core.ids import new_id
from service.core.quantities import Points
from service.core.temporal import append_only


@append_only()
class Score(SQLModel, table=True):
    """A score of 0 to 100 given to a plot. It belongs to a day, or to a period: then from its first until its last day.

    Repeat visits are rows of their own; nothing is de-duplicated.
    """

    __tablename__ = "score"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    plot_id: UUID = Field(foreign_key="plot.id", index=True)
    contract_id: UUID | None = Field(default=None, foreign_key="contract.id", index=True)
    valid_from: date = Field(index=True)
    valid_to: date  # half-open
    channel: str
    score: Decimal = Field(sa_type=Points)
    recorded_at: datetime
    recorded_by: str
    import_id: UUID | None = None
    source_row: int | None = None
