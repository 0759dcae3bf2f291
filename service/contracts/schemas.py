"""What contracts and the features above them have in common at the edge."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from service.contracts.queries import contract_by_code
from service.core.http import Code, ReadSession


def _contract(
    session: ReadSession, contract: Annotated[Code | None, Query(description="A contract's code.")] = None
) -> UUID | None:
    """Return the id of the contract that a list is asked about, or refuse."""
    return contract_by_code(session, contract)[0].id if contract else None


ContractFilter = Annotated[UUID | None, Depends(_contract, scope="function")]
