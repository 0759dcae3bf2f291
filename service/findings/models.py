"""Tables of findings."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import shapely
from pydantic import ConfigDict
from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from service.core.columns import Word
from service.core.geometry import Shape
from service.core.ids import new_id
from service.core.quantities import Quantity
from service.core.temporal import append_only
from service.findings.rules import Severity, State


@append_only()
class Finding(SQLModel, table=True):
    """What an inspector filed, never changed afterwards: a wrong one is withdrawn and filed anew."""

    __tablename__ = "finding"
    __table_args__ = (  # lists are ordered by day and id: without the id all of a day is looked at for a page
        Index("ix_finding_found_on", "found_on", "id"),
        Index("ix_finding_plot_id", "plot_id", "found_on", "id"),
        Index("ix_finding_contract_id", "contract_id", "found_on", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    plot_id: UUID = Field(foreign_key="plot.id")
    contract_id: UUID | None = Field(default=None, foreign_key="contract.id")
    type: str = Field(foreign_key="finding_type.code")
    severity: Severity = Field(sa_type=Word(Severity))
    quantity: Decimal = Field(sa_type=Quantity)
    unit: str
    text: str
    point: shapely.Geometry | None = Field(default=None, sa_column=Column(Shape("Point"), nullable=True))
    found_on: date
    filed_at: datetime
    filed_by: UUID = Field(foreign_key="user_account.id")

    model_config = ConfigDict(arbitrary_types_allowed=True)  # type: ignore[assignment]


@append_only()
class FindingEvent(SQLModel, table=True):
    """A step in a finding's life. The last one (greatest `number`) says its state."""

    __tablename__ = "finding_event"
    __table_args__ = (UniqueConstraint("finding_id", "number"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    finding_id: UUID = Field(foreign_key="finding.id", index=True)
    number: int
    state: State = Field(sa_type=Word(State))
    at: datetime
    by: UUID = Field(foreign_key="user_account.id")
    by_name: str
    note: str = ""
    due_on: date | None = None  # the last day for the cure, from the confirmation on
    due_is_provisional: bool = False  # counted in working days of a year whose calendar was not known


@append_only()
class FindingPhoto(SQLModel, table=True):
    """A photo of a finding: before or after the cure."""

    __tablename__ = "finding_photo"
    __table_args__ = (UniqueConstraint("finding_id", "file_id"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    finding_id: UUID = Field(foreign_key="finding.id", index=True)
    file_id: UUID = Field(foreign_key="stored_file.id", index=True)
    at: datetime
    by: UUID = Field(foreign_key="user_account.id")
