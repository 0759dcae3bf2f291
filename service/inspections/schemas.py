"""Scores as they go out."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from service.core.dates import Span
from service.core.http import Code, Dated, Figure, Moment, Share
from service.inspections.actions import NewScore
from service.inspections.models import Score
from service.plots.models import Plot


class ScoreIn(Dated):
    """A score of 0 to 100 to give a plot. Without `until` it is of one day."""

    plot: Code
    channel: Code = "inspection"
    score: Share

    def facts(self) -> NewScore:
        """Return what is entered."""
        return NewScore(self.plot, self.from_, self.until or self.from_, self.channel, self.score)


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
