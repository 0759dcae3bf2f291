"""What comes in and goes out of uploads."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel import Session

from service.core.http import Day, Moment
from service.exchange.dry_run import Told
from service.exchange.models import Upload
from service.exchange.queries import ahead_of
from service.exchange.rules import OPEN, UploadKind, UploadState

STEPS = {UploadState.RECEIVED: 1, UploadState.READING: 2}  # of three; all else is behind it


class Progress(BaseModel):
    """How far the dry run is: 1 waits for others, of which `ahead` come first, 2 is read and compared, 3 is done."""

    step: int
    of: int = 3
    ahead: int


class Counts(BaseModel):
    """What the dry run has found, in rows and issues. Without a figure: the file could not be compared."""

    rows: int = 0
    new: int | None = None
    changed: int | None = None
    unchanged: int | None = None
    set_aside: int | None = None
    remarks: int | None = None
    errors: int = 0


class UploadOut(BaseModel):
    """A file that was sent: where it stands, and what its import would do."""

    id: UUID
    kind: UploadKind
    file_name: str
    sha256: str
    bytes: int
    from_: Day | None = Field(serialization_alias="from")
    layout: dict[str, Any]
    set_aside: list[str]
    by: str
    at: Moment
    expires_at: Moment | None
    state: UploadState
    progress: Progress
    counts: Counts | None
    import_id: UUID | None

    @classmethod
    def of(cls, session: Session, upload: Upload) -> Self:
        """Write an upload."""
        waits = upload.state in (UploadState.RECEIVED, UploadState.READING)
        step = STEPS.get(upload.state, 3)
        return cls(
            id=upload.id,
            kind=upload.kind,
            file_name=upload.file_name,
            sha256=upload.sha256,
            bytes=upload.bytes,
            from_=upload.valid_from,
            layout=upload.layout,
            set_aside=upload.set_aside,
            by=upload.by,
            at=upload.at,
            expires_at=upload.expires_at if upload.state in OPEN else None,
            state=upload.state,
            progress=Progress(step=step, ahead=ahead_of(session, upload) if waits else 0),
            counts=Counts(**upload.counts) if upload.counts else None,
            import_id=upload.import_id,
        )


class ImportOut(BaseModel):
    """A file that was imported, over the web or by the operator: how many of its rows were written and set aside."""

    id: UUID
    kind: str
    file_name: str
    sha256: str
    at: Moment
    by: str
    rows: int
    written: int
    unchanged: int
    set_aside: int


class SetAsideOut(BaseModel):
    """A row that was kept with its import but not used: why, and all that it holds. The first record is row 1."""

    id: UUID
    import_id: UUID
    row: int
    reason: str
    name: str
    content: dict[str, Any]


class Place(BaseModel):
    """Lon/lat (EPSG:4326)."""

    longitude: float
    latitude: float


class IssueOut(BaseModel):
    """What is wrong, and where. `weight`: error, remark or set_aside; the row of the first record is 1."""

    number: int
    weight: str
    code: str
    row: int | None
    column: str
    place: Place | None
    detail: str

    @classmethod
    def of(cls, number: int, told: Told, language: str) -> Self:
        """Say an issue in a language."""
        place = Place(longitude=told.lon, latitude=told.lat) if told.lon is not None and told.lat is not None else None
        return cls(
            number=number,
            weight=told.weight,
            code=told.code,
            row=told.row,
            column=told.column,
            place=place,
            detail=told.sentence(language),
        )
