"""Findings as they come in and go out."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

import shapely
from pydantic import BaseModel, Field

from service.core.geojson import Feature
from service.core.http import Body, Code, Counted, Day, Figure, Moment, Note
from service.evidence.models import Rendition
from service.evidence.rules import RenditionState
from service.findings.actions import NewFinding
from service.findings.models import FindingEvent, FindingPhoto
from service.findings.queries import FindingRecord, PhotoRecord
from service.findings.rules import Act, Severity, State


class Point(Body):
    """A place in degrees, EPSG:4326."""

    longitude: Annotated[float, Field(ge=-180, le=180, strict=True)]
    latitude: Annotated[float, Field(ge=-90, le=90, strict=True)]


class FindingIn(Body):
    """What somebody files: so much of a type of problem on a plot, on a day. No point: all of the plot."""

    plot: Code
    type: Code
    severity: Severity
    quantity: Counted
    text: Note = ""
    point: Point | None = None
    found_on: Day

    def facts(self) -> NewFinding:
        """Return what the action takes."""
        point = self.point and shapely.Point(self.point.longitude, self.point.latitude)
        return NewFinding(self.plot, self.type, self.severity, self.quantity, self.text, point, self.found_on)


class StepIn(Body):
    """The next step in a finding's life, and a word on it."""

    act: Act
    note: Note = ""


class FindingOut(BaseModel):
    """A finding as it was filed, and where it stands. `due_on`: the last day for the cure, once confirmed.

    It is provisional where it counts working days of a year without a published calendar, by its weekends.
    """

    id: UUID
    code: str
    plot: str
    contract: str | None
    type: str
    severity: Severity
    quantity: Figure
    unit: str
    text: str
    point: Point | None
    found_on: date
    filed_at: Moment
    state: State
    due_on: date | None
    due_is_provisional: bool
    overdue_days: int

    @classmethod
    def of(cls, record: FindingRecord, today: date, **more: object) -> Self:
        """Name what a finding refers to."""
        finding, shape = record.finding, record.finding.point
        same = ("id", "code", "type", "severity", "quantity", "unit", "text", "found_on", "filed_at")
        return cls.model_validate(
            {name: getattr(finding, name) for name in same}
            | {
                "plot": record.plot.code,
                "contract": record.contract and record.contract.code,
                "point": shape and {"longitude": shape.x, "latitude": shape.y},
                "state": record.state,
                "due_on": record.last.due_on,
                "due_is_provisional": record.last.due_is_provisional,
                "overdue_days": record.overdue_days(today),
            }
            | more
        )


class StepOut(BaseModel):
    """A step; the greatest number is the finding's ETag."""

    number: int
    state: State
    at: Moment
    by: str
    note: str

    @classmethod
    def of(cls, step: FindingEvent) -> Self:
        """Name who took it."""
        return cls(number=step.number, state=step.state, at=step.at, by=step.by_name, note=step.note)


class PhotoOut(BaseModel):
    """A photo; the clean picture at `href` is there once its state is `ready`."""

    id: UUID
    at: Moment
    state: RenditionState
    width: int | None
    height: int | None
    href: str

    @classmethod
    def of(cls, photo: FindingPhoto, rendition: Rendition) -> Self:
        """Say where the picture is."""
        size = {"width": rendition.width, "height": rendition.height}
        return cls(id=photo.id, at=photo.at, state=rendition.state, href=f"/api/v1/photos/{photo.id}", **size)


class PhotoListed(PhotoOut):
    """A photo with the finding and the plot that it shows."""

    finding: UUID
    finding_code: str
    plot: str
    found_on: date

    @classmethod
    def row(cls, record: PhotoRecord) -> Self:
        """Name what it shows."""
        shown = PhotoOut.of(record.photo, record.rendition).model_dump()
        more = {"finding": record.finding.id, "finding_code": record.finding.code, "plot": record.plot.code}
        return cls.model_validate(shown | more | {"found_on": record.finding.found_on})


class FindingDetail(FindingOut):
    """A finding with its steps, its photos, and the acts that are open to you."""

    steps: list[StepOut]
    photos: list[PhotoOut]
    acts: list[Act]


class PhotoKept(BaseModel):
    """The photo that hangs on the finding now."""

    id: UUID
    sha256: str
    href: str


def feature(record: FindingRecord, today: date) -> Feature:
    """Return a finding at its point; without one it has no shape of its own."""
    properties = FindingOut.of(record, today).model_dump(mode="json", exclude={"point"})
    return Feature(record.finding.code, record.finding.point, properties)
