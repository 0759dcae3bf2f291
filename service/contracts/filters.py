"""What lists of contracts, and of the features above them, are asked by."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlmodel import select

from service.access.models import Organisation
from service.contracts.queries import contract_by_code
from service.core.errors import found
from service.core.http import Code, ReadSession
from service.plots.schemas import GroundFilter, PlotFilter


def _contract(
    session: ReadSession, contract: Annotated[Code | None, Query(description="A contract's code.")] = None
) -> UUID | None:
    """Return the id of the contract that a list is asked about, or refuse."""
    return contract_by_code(session, contract)[0].id if contract else None


ContractFilter = Annotated[UUID | None, Depends(_contract, scope="function")]


def _contractor(
    session: ReadSession,
    contractor: Annotated[Code | None, Query(description="A contractor's code.")] = None,
) -> UUID | None:
    """Return the id of the organisation that a list is asked about, or refuse."""
    query = select(Organisation.id).where(Organisation.code == contractor)
    return found(session.exec(query).one_or_none()) if contractor else None


ContractorFilter = Annotated[UUID | None, Depends(_contractor, scope="function")]


@dataclass(frozen=True)
class Place:
    """Where the rows of a list lie: on a plot, in a zone and box, in a contract, with a contractor."""

    plot: UUID | None
    plots: Any
    contract: UUID | None
    contractor: UUID | None


def _place(plot: PlotFilter, plots: GroundFilter, contract: ContractFilter, contractor: ContractorFilter) -> Place:
    return Place(plot, plots, contract, contractor)


PlaceFilter = Annotated[Place, Depends(_place)]
