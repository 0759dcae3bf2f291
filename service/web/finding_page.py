"""One finding: its steps, its photos, and what the reader may do with it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from service.access.rules import require
from service.contracts.queries import Cover, covers
from service.core.actor import Role
from service.core.http import ActorDep, Code, Note, WriteSession, database_of
from service.core.i18n import N_
from service.core.readers import CONTROL
from service.documents.queries import documents
from service.documents.rules import On
from service.evidence.rules import NotAPhoto, media_type_of
from service.findings.actions import act_on_finding, add_photo
from service.findings.models import FindingEvent, FindingPhoto
from service.findings.queries import FindingRecord, finding_by_code, photos, steps
from service.findings.rules import FILERS, OPEN, TO_CURE, Act, State, acts_open_to
from service.plots.queries import register
from service.settlement.queries import charges_of
from service.standards.queries import finding_type
from service.web import document_form
from service.web.document_form import Place, status_of
from service.web.forms import Draft, FormDep
from service.web.frame import View, ViewDep
from service.web.menu import FINDINGS

router = APIRouter()
SHOWN = 80  # characters of a file's name
FIRST_ACTS = (Act.CONFIRM, Act.REPORT_CURED, Act.VERIFY)  # what leads on; the others stand beside it


@router.get("/findings/{code}")
def record(view: ViewDep, code: Code) -> Response:
    """Show one finding, whole."""
    return _page(view, code, document_form.blank(view, On.FINDING))


@router.post("/findings/{code}")
def file_document(form: FormDep, request: Request, actor: ActorDep, code: Code) -> Response:
    """File a document on the finding."""
    return document_form.take(request, actor, form, PLACE, code)


def _page(view: View, code: str, filing: Draft | None) -> Response:
    session = view.session
    found = finding_by_code(session, code)
    finding = found.finding
    taken = steps(session, finding)
    place = next(iter(register(session, as_of=finding.found_on, codes=[found.plot.code])), None)
    cover = covers(session, as_of=finding.found_on, plots=[found.plot.id]).get(found.plot.id)
    kind = finding_type(session, finding.type)
    own = finding.filed_by == view.actor.user_id
    acts = [] if view.is_past else acts_open_to(found.state, view.actor.role, own=own)
    cures = [step for step in taken if step.state is State.CURED]
    context: dict[str, Any] = {
        "found": found,
        "finding": finding,
        "steps": taken,
        "place": place,
        "cover": cover,
        "type": kind,
        "late": found.overdue_days(view.day),
        "first_act": first_open(acts),
        "other_acts": [act for act in acts if act not in FIRST_ACTS],
        "waiting": "" if first_open(acts) or view.is_past else waiting_for(view, found, cover),
        "needs_other": own and found.state is State.FILED and view.actor.role in (Role.SUPERVISOR, Role.MANAGER),
        "may_add": view.actor.role in (*FILERS, Role.CONTRACTOR) and not view.is_past and found.state in OPEN,
        "charges": charges_of(session, finding, known_at=view.known_at),
        "photos": [(photo, shown, is_after(photo, cures)) for photo, shown in photos(session, finding)],
        "documents": documents(session, finding=finding.id, known_at=view.known_at),
        **document_form.shown(filing),
        "camera_time": camera_time,
    }
    title = f"{finding.code} {view.name(kind)}"
    crumbs = ((view.say(FINDINGS.word), "/findings"), (title, ""))
    return view.page("finding.html", FINDINGS, crumbs, context, status=status_of(filing))


PLACE = Place(On.FINDING, "/findings/", lambda session, code: finding_by_code(session, code).finding.id, _page)


def first_open(acts: Sequence[Act]) -> Act | None:
    """Return the act that leads on, among those open to somebody."""
    return next((act for act in acts if act in FIRST_ACTS), None)


def waiting_for(view: View, found: FindingRecord, cover: Cover | None) -> str:
    """Say whose step is next; nothing when the finding is closed."""
    if found.state is State.FILED:
        return view.say(N_("A supervisor or manager who did not file it confirms it next."))
    if found.state in TO_CURE:
        name = view.name(cover.contractor) if cover else view.say(N_("The contractor"))
        return view.say(N_("{name} cures it next and reports so."), name=name)
    if found.state is State.CURED:
        return view.say(N_("Reported cured is not yet verified: an inspector, supervisor or manager looks at it next."))
    return ""


def is_after(photo: FindingPhoto, cures: Sequence[FindingEvent]) -> bool:
    """Tell whether a photo came with a reported cure or after it: later than it, or from whoever reported it."""
    return any(photo.by == cure.by or photo.at >= cure.at for cure in cures)


def camera_time(claim: str) -> str:
    """Return what a camera says of the time, to the minute, written as all times are.

    >>> camera_time("2013:08:13 14:21:00")
    '2013-08-13 14:21'
    """
    day, _, time = claim.partition(" ")
    return f"{day.replace(':', '-')} {time[:5]}".strip()


@router.post("/findings/{code}/acts/{act}")
def act(
    session: WriteSession,
    actor: ActorDep,
    code: Code,
    act: Act,
    seen: Annotated[Note, Form()] = "",
    note: Annotated[Note, Form()] = "",
) -> Response:
    """Take a step; refused when somebody took one since the page was read."""
    finding = finding_by_code(session, code).finding
    act_on_finding(session, actor, finding.id, act, seen=seen, note=note)
    return RedirectResponse(f"/findings/{finding.code}", 303)


@router.post("/findings/{code}/photos")
def add(form: FormDep, request: Request, actor: ActorDep, code: Code) -> Response:
    """Hang photos on a finding. Who sends is looked at first; the bytes are stored before the rows that name them."""
    require(actor, *FILERS, Role.CONTRACTOR)
    database = database_of(request)
    with database.transaction(actor, write=False) as session:
        finding_by_code(session, code)
    contents, refused = pictures(form)
    if refused:
        raise refused[0]
    kept = [(content, request.app.state.store.put(content)) for content in contents]
    with database.transaction(actor) as session:
        finding = finding_by_code(session, code).finding
        for content, sha256 in kept:
            add_photo(session, actor, finding.id, content, sha256)
    return RedirectResponse(f"/findings/{code}#photos", 303)


def pictures(form: FormData) -> tuple[list[bytes], list[NotAPhoto]]:
    """Return the files of a form that are not empty, and why some cannot be kept: each is checked to be a picture."""
    contents, refused = [], []
    for field in form.getlist("photos"):
        content = field.file.read() if isinstance(field, UploadFile) else field.encode()
        name = field.filename if isinstance(field, UploadFile) else ""
        try:
            if content:
                media_type_of(content, CONTROL.sub("", name or "")[:SHOWN])
                contents.append(content)
        except NotAPhoto as refusal:
            refused.append(refusal)
    return contents, refused
