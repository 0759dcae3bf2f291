"""Table of tasks."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from service.core.ids import new_id
from service.core.quantities import Quantity


class Task(SQLModel, table=True):
    """Work due on a plot from `due_from` until `due_until`, both included. Done once `done_on` is set."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("plot_id", "operation", "due_from"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    plot_id: UUID = Field(foreign_key="plot.id", index=True)
    contract_id: UUID | None = Field(default=None, foreign_key="contract.id", index=True)
    operation: str = Field(foreign_key="operation.code")
    due_from: date
    due_until: date = Field(index=True)
    done_on: date | None = None
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    unit: str | None = None
    reported_by: str | None = None
    signed_by: str | None = None
    import_id: UUID | None = None
