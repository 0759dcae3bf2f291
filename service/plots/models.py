"""Tables of the register."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import shapely
from pydantic import ConfigDict
from sqlalchemy import Column, Index, column
from sqlmodel import Field, SQLModel

from service.core.geometry import Shape
from service.core.ids import new_id
from service.core.quantities import AreaM2
from service.core.temporal import Version, append_only

RUNNING = column("ended_at").is_(None)


class Zone(SQLModel, table=True):
    """A management division. `path` holds the codes from the top down, as in /J1/J1-1/."""

    __tablename__ = "zone"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    parent_id: UUID | None = Field(default=None, foreign_key="zone.id")
    path: str = Field(unique=True)
    name_zh: str
    name_en: str


class ZonePosting(SQLModel, table=True):
    """An inspector's or supervisor's zone, with all below it, until it is ended."""

    __tablename__ = "zone_posting"
    __table_args__ = (
        Index("zone_posting_runs", "user_id", "zone_id", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    zone_id: UUID = Field(foreign_key="zone.id")
    posted_at: datetime
    ended_at: datetime | None = None


class Plot(SQLModel, table=True):
    """A piece of ground. What is true of it stands in its versions."""

    __tablename__ = "plot"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    revision: int = 1  # how many versions were recorded: the ETag


@append_only()
class PlotVersion(Version, table=True):
    """What is true of a plot on some days. The measured area is shown, never paid on."""

    __tablename__ = "plot_version"
    subject_id: UUID = Field(foreign_key="plot.id", index=True)
    zone_id: UUID = Field(foreign_key="zone.id", index=True)
    name_zh: str
    name_en: str
    kind: str
    grade: str | None = Field(default=None, foreign_key="grade.code")
    declared_area_m2: Decimal | None = Field(default=None, sa_type=AreaM2)  # the register's own figure, if it has one
    measured_area_m2: float
    area_method: str
    crs_pipeline: str  # how the coordinates came to lon/lat
    shape: shapely.Geometry = Field(sa_column=Column(Shape("MultiPolygon"), nullable=False))

    model_config = ConfigDict(arbitrary_types_allowed=True)  # type: ignore[assignment]
