"""One statement: every amount opens to why it is so, and a second person decides."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.core.actor import Role
from service.core.http import ActorDep, Code, Note, WriteSession
from service.core.i18n import N_
from service.documents.queries import documents
from service.documents.rules import On
from service.schemes.models import SchemeVersion
from service.settlement.actions import decide_statement
from service.settlement.models import StatementLine
from service.settlement.queries import (
    StatementRecord,
    involved,
    line_findings,
    lines,
    statement_by_code,
)
from service.settlement.rules import Decision
from service.standards.queries import finding_types
from service.web import document_form, explanation
from service.web.document_form import Place, status_of
from service.web.forms import Draft, FormDep
from service.web.frame import View, ViewDep
from service.web.menu import STATEMENTS
from service.web.statements_page import desk_of

router = APIRouter()


@router.get("/statements/{code}")
def one_statement(view: ViewDep, code: Code) -> Response:
    """Show a statement with its reasons, and what is still missing for its approval."""
    return _page(view, code, document_form.blank(view, On.STATEMENT))


@router.post("/statements/{code}")
def file_document(form: FormDep, request: Request, actor: ActorDep, code: Code) -> Response:
    """File a document on the statement."""
    return document_form.take(request, actor, form, PLACE, code)


def _page(view: View, code: str, filing: Draft | None) -> Response:
    session = view.session
    record = statement_by_code(session, code, view.known_at)
    statement, contract = record.statement, record.contract
    rows = [(line, why(line, view.lang), line_findings(session, line)) for line in lines(session, statement)]
    desk = desk_of(view, contract, record.contractor)
    earlier = [r for r in desk.records if r.statement.valid_from < statement.valid_from]
    before = next((r for r in earlier if r.state == "approved"), None)
    types = finding_types(session)
    context: dict[str, Any] = {
        "record": record,
        "statement": statement,
        "contract": contract,
        "rows": rows,
        "types": types,
        "subjects": {
            r.finding.code: f"{view.name(types[r.finding.type])}, {r.plot.code}" for _, _, found in rows for r in found
        },
        "scheme": session.get_one(SchemeVersion, statement.scheme_id),
        "obstacle": obstacle(view, record),
        "is_decider": view.actor.role is Role.MANAGER,
        "before": before,
        "documents": documents(session, statement=statement.id, known_at=view.known_at),
        **document_form.shown(filing),
        "queue": desk.records,
        "explanation": explanation,
    }
    title = f"{statement.code} {view.name(record.contractor)}"
    crumbs = ((view.say(STATEMENTS.word), "/statements"), (title, ""))
    return view.page("statement.html", STATEMENTS, crumbs, context, status=status_of(filing))


PLACE = Place(On.STATEMENT, "/statements/", lambda session, code: statement_by_code(session, code).statement.id, _page)


def why(line: StatementLine, lang: str) -> explanation.Step:
    """Read a line's explanation: the amount is its root."""
    return explanation.steps_of(json.loads(line.explanation), lang)


def obstacle(view: View, record: StatementRecord) -> str:
    """Say what keeps the reader from deciding; nothing when nothing does."""
    if record.decision or view.is_past:
        return ""
    prepared_by = record.statement.prepared_by_name
    if view.actor.role is not Role.MANAGER:
        return view.say(N_("Prepared by {name}. A manager who did not prepare it decides."), name=prepared_by)
    if view.actor.user_id == record.statement.prepared_by:
        return view.say(N_("You prepared this statement. Another manager has to approve it."))
    if view.actor.user_id in involved(view.session, record):
        return view.say(N_("It rests on findings, scores or amendments of yours. Another manager has to approve it."))
    return ""


@router.post("/statements/{code}/approve")
def approve(session: WriteSession, actor: ActorDep, code: Code) -> Response:
    """Approve the statement, which closes its period."""
    decide_statement(session, actor, code, Decision.APPROVED)
    return RedirectResponse(f"/statements/{code}", 303)


@router.post("/statements/{code}/send-back")
def send_back(
    session: WriteSession, actor: ActorDep, code: Code, reason: Annotated[Note, Form(min_length=1)]
) -> Response:
    """Send the statement back with a reason; another can then be prepared."""
    decide_statement(session, actor, code, Decision.SENT_BACK, reason=reason)
    return RedirectResponse(f"/statements/{code}", 303)
