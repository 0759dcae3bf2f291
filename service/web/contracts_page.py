"""Contracts: parties, lines, prices, and their statements by period."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from service.access.models import Organisation
from service.access.queries import organisations
from service.contracts.models import Contract, ContractLineVersion
from service.contracts.queries import contract_by_code, contracts, lines_of, pieces
from service.contracts.queries import parties as parties_of
from service.contracts.rules import Unit, yearly_minor
from service.core.actor import Role
from service.core.dates import Span
from service.core.money import minor
from service.plots.models import Plot
from service.plots.queries import register
from service.schemes.queries import versions
from service.settlement.queries import statements
from service.web.frame import View, ViewDep
from service.web.menu import CONTRACTS

router = APIRouter()
SEES_STATEMENTS = (Role.MANAGER, Role.AUDITOR, Role.CONTRACTOR)
