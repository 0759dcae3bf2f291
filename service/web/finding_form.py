"""The form that files a finding: one column, made for a phone, working without a script."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import shapely
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.datastructures import FormData

from service.access.rules import require
from service.contracts.queries import covers
from service.core.actor import Actor
from service.core.db import today
from service.core.errors import Refusal, UnknownCode
from service.core.http import CONTROL, ActorDep, database_of
from service.core.i18n import N_
from service.core.ids import new_id
from service.evidence.rules import NotAPhoto
from service.findings.actions import FILERS, NewFinding, add_photo, file_finding
from service.findings.queries import findings
from service.findings.rules import FoundLater, NothingFound, OutsidePlot, Severity
from service.plots.queries import Record, register
from service.standards.models import FindingType
from service.standards.queries import finding_types
from service.web.finding_page import FormDep, pictures
from service.web.frame import View, ViewDep
from service.web.menu import FINDINGS

router = APIRouter()
CHIPS = (1, 2, 5, 10, 20, 50)
TEXT = 2000
COMMON = "common"
LARGEST = Decimal("9999999.99")
FIELD_OF = {NothingFound: "quantity", FoundLater: "found_on", OutsidePlot: "lon", NotAPhoto: "photos"}
BLANK = {"plot": "", "type": "", "quantity": "1", "severity": "minor", "text": "", "lon": "", "lat": "", "found_on": ""}


@dataclass
class Draft:
    """What somebody typed, as typed, with what is wrong with it: field -> sentence."""

    values: dict[str, str]
    client_id: str
    errors: dict[str, str] = field(default_factory=dict)


@router.get("/findings/new")
def blank(view: ViewDep, plot: str = "", type_: str = "", lon: str = "", lat: str = "") -> Response:
    """Show the empty form; the address may name the plot and the point."""
    require(view.actor, *FILERS)
    values = BLANK | {"plot": plot, "type": type_, "lon": lon, "lat": lat, "found_on": str(today(view.session))}
    return _page(view, Draft(values, str(new_id())))


@router.post("/findings/new")
def file(form: FormDep, request: Request, actor: ActorDep) -> Response:
    """File the finding with its photos, in one go; sent twice it is filed once. What is wrong is said at its field."""
    require(actor, *FILERS)
    draft = read_draft(form)
    database = database_of(request)
    try:
        contents = pictures(form)
        with database.transaction(actor, write=False) as session:
            new = check(View(request, session, actor), draft)
        if new is not None:
            kept = [(content, request.app.state.store.put(content)) for content in contents]
            with database.transaction(actor) as session:
                code = _file(session, actor, UUID(draft.client_id), new, kept)
            return RedirectResponse(f"/findings/{code}", 303)
    except (NothingFound, FoundLater, OutsidePlot, NotAPhoto, UnknownCode) as refusal:
        wrong: Refusal = refusal
        with database.transaction(actor, write=False) as session:
            view = View(request, session, actor)
            name = next((place for kind, place in FIELD_OF.items() if isinstance(wrong, kind)), "plot")
            draft.errors[name] = view.say(wrong.message, **wrong.details)
            return _page(view, draft, status=422)
    with database.transaction(actor, write=False) as session:
        return _page(View(request, session, actor), draft, status=422)


def _file(session: Session, actor: Actor, finding_id: UUID, new: NewFinding, kept: list[tuple[bytes, str]]) -> str:
    record, _ = file_finding(session, actor, finding_id, new)
    for content, sha256 in kept:
        add_photo(session, actor, finding_id, content, sha256)
    return record.finding.code


def read_draft(form: FormData) -> Draft:
    """Return what was typed; an id that is not one of ours becomes a new one."""
    values = {name: str(form.get(name, "")).strip() for name in BLANK}
    try:
        client_id = str(UUID(str(form.get("client_id", ""))))
    except ValueError:
        client_id = str(new_id())
    return Draft(values, client_id)


def check(view: View, draft: Draft) -> NewFinding | None:
    """Turn what was typed into a finding; None when something is wrong, which the draft then says."""
    values, errors = draft.values, draft.errors
    if values["type"] not in finding_types(view.session):
        errors["type"] = view.say(N_("Choose what kind of problem it is."))
    if not register(view.session, codes=[values["plot"]]):
        errors["plot"] = view.say(N_("Choose the plot. Only plots that you may see can be chosen."))
    quantity = _number(values["quantity"])
    if quantity is None or quantity <= 0 or quantity > LARGEST or quantity != round(quantity, 2):
        errors["quantity"] = view.say(N_("The quantity is a number above 0 with at most two decimals."))
    if values["severity"] not in list(Severity):
        errors["severity"] = view.say(N_("Choose how bad it is."))
    if not values["text"] or len(values["text"]) > TEXT or CONTROL.search(values["text"]):
        errors["text"] = view.say(N_("Say in a few words what you see, in at most {limit} characters."), limit=TEXT)
    point, is_wrong = _point(values["lon"], values["lat"])
    if is_wrong:
        errors["lon"] = view.say(N_("Longitude and latitude belong together, in degrees, such as 118.85 and 31.93."))
    found_on = _day(values["found_on"])
    if found_on is None:
        errors["found_on"] = view.say(N_("Give the day as year-month-day, such as 2013-09-03."))
    if errors or quantity is None or found_on is None:
        return None
    severity = Severity(values["severity"])
    return NewFinding(values["plot"], values["type"], severity, quantity, values["text"], point, found_on)


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _point(longitude: str, latitude: str) -> tuple[shapely.Point | None, bool]:
    """Return the point, None without one, and whether what was typed is no point."""
    if not longitude and not latitude:
        return None, False
    x, y = _number(longitude), _number(latitude)
    if x is None or y is None or abs(x) > 180 or abs(y) > 90:
        return None, True
    return shapely.Point(float(x), float(y)), False


def _page(view: View, draft: Draft, *, status: int = 200) -> Response:
    types = finding_types(view.session)
    places = register(view.session)
    held = covers(view.session)
    context: dict[str, Any] = {
        "draft": draft,
        "values": draft.values,
        "errors": draft.errors,
        "groups": grouped(types, common(view.session)),
        "types": types,
        "places": places,
        "chosen_place": next((p for p in places if p.plot.code == draft.values["plot"]), None),
        "contractors": {p.plot.code: view.name(held[p.plot.id].contractor) for p in places if p.plot.id in held},
        "severities": list(Severity),
        "chips": CHIPS,
        "outlines": outlines(places),
    }
    title = view.say(N_("New finding"))
    return view.page(
        "finding_form.html", FINDINGS, ((view.say(FINDINGS.word), "/findings"), (title, "")), context, status=status
    )


def common(session: Session) -> list[str]:
    """Return the six types that were filed most among the last hundred findings that the actor sees."""
    counts = Counter(record.finding.type for record in findings(session, limit=100))
    return [code for code, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:6]]


def grouped(types: Mapping[str, FindingType], first: Sequence[str]) -> dict[str, list[FindingType]]:
    """Return the finding types by their group, in the catalogue's order; those that are common stand by themselves."""
    groups: dict[str, list[FindingType]] = {COMMON: [types[code] for code in first]} if first else {}
    for kind in types.values():
        if kind.code not in first:
            groups.setdefault(kind.grouping, []).append(kind)
    return groups


def outlines(places: list[Record]) -> dict[str, list[list[list[float]]]]:
    """Return the outer rings of plots in lon/lat, by code, for the small map on which a point is chosen."""
    return {
        place.plot.code: [
            [[round(x, 6), round(y, 6)] for x, y in polygon.exterior.coords]
            for polygon in getattr(place.version.shape, "geoms", [place.version.shape])
        ]
        for place in places
    }
