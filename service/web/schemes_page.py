"""An assessment scheme: the contract's clause beside the rule that computes it."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from service.contracts.queries import contracts
from service.core.http import Code, Number
from service.schemes.expressions import written
from service.schemes.language import read_scheme
from service.schemes.queries import version_of
from service.web.frame import ViewDep
from service.web.menu import CONTRACTS

router = APIRouter()


@router.get("/schemes/{code}/v{version}")
def scheme(view: ViewDep, code: Code, version: Annotated[Number, Path()]) -> Response:
    """Show a scheme version: its rules with clause and formula, its assumptions, and its file as it was entered."""
    stored = version_of(view.session, code, version)
    read = read_scheme(stored.text)
    context = {
        "stored": stored,
        "scheme": read,
        "rules": [(rule, written(rule.value)) for rule in read.rules],
        "contracts": [(c, org) for c, org in contracts(view.session) if c.scheme_id == stored.id],
    }
    title = f"{stored.code} v{stored.version} {view.name(stored, 'title')}"
    return view.page("scheme.html", CONTRACTS, ((view.say(CONTRACTS.word), "/contracts"), (title, "")), context)
