"""The form that files a finding: one column, made for a phone, working without a script."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import shapely
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter
from sqlmodel import Session

from service.access.rules import require
from service.contracts.queries import covers
from service.core.actor import Actor
from service.core.db import queue, today
from service.core.http import ActorDep, Asked, database_of
from service.core.i18n import N_
from service.core.ids import new_id
from service.core.readers import number
from service.findings.actions import NewFinding, add_photo, file_finding
from service.findings.queries import findings
from service.findings.rules import FILERS, TOLERANCE_M, FoundLater, OutsidePlot, Severity, refuse_later, refuse_off_plot
from service.findings.schemas import FindingIn, Point
from service.plots.queries import Fix, Record, plot_of, register
from service.standards.models import FindingType
from service.standards.queries import finding_types
from service.web.finding_page import pictures
from service.web.forms import Draft, FormDep, read_draft, read_fields
from service.web.frame import View, ViewDep
from service.web.menu import FINDINGS

router = APIRouter()
CHIPS = (1, 2, 5, 10, 20, 50)
COMMON = "common"
BLANK = {"plot": "", "type": "", "quantity": "1", "severity": "minor", "text": "", "lon": "", "lat": "", "found_on": ""}
# what is sent is read by the API's own types, so that both take the same
KINDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(FindingIn.model_fields[name].rebuild_annotation())
    for name in ("plot", "type", "quantity", "severity", "text", "found_on")
}
DEGREES = number(15, signed=True)
WRONG = {  # in the order of the page
    "plot": N_("Choose the plot. Only plots that you may see can be chosen."),
    "photos": "",
    "type": N_("Choose what kind of problem it is."),
    "quantity": N_("The quantity is a plain number above 0 with at most two decimals, such as 12 or 12.50."),
    "severity": N_("Choose how bad it is."),
    "text": N_("Say what you see in at most 2,000 characters, without control characters."),
    "lon": N_("Longitude and latitude belong together, in degrees, such as 118.85 and 31.93."),
    "found_on": N_("Give the day as year-month-day, such as 2013-09-03, in the years 1900 to 2199."),
    "client_id": N_("The form did not arrive whole. Look through it and send it again."),
}
NOT_YET = N_("The plot {plot} is not in the register on {day}.")


@router.get("/findings/new")
def blank(
    view: ViewDep,
    plot: Asked = "",
    type_: Annotated[Asked, Query(alias="type")] = "",
    lon: Asked = "",
    lat: Asked = "",
) -> Response:
    """Show the empty form; the address may name the plot, the type and the point, which finds the plot by itself."""
    require(view.actor, *FILERS)
    if not plot and (lon or lat):
        plot = _plot_at(view, lon, lat)
    values = BLANK | {"plot": plot, "type": type_, "lon": lon, "lat": lat, "found_on": str(today(view.session))}
    return _page(view, Draft(values, str(new_id())))


@router.post("/findings/new")
def file(form: FormDep, request: Request, actor: ActorDep) -> Response:
    """File the finding with its photos, in one go; sent twice it is filed once. What is wrong is said at its field."""
    require(actor, *FILERS)
    draft = read_draft(form, BLANK)
    contents, refused = pictures(form)
    database = database_of(request)
    with database.transaction(actor, write=False) as session:
        view = View(request, session, actor)
        if refused:
            draft.errors["photos"] = " ".join(view.say(one.message, **one.details) for one in refused)
        new = check(view, draft)
        if new is None:
            return _page(view, draft, status=422)
    kept = [(content, request.app.state.store.put(content)) for content in contents]
    with database.transaction(actor) as session:
        queue(session, draft.client_id)
        code = _file(session, actor, UUID(draft.client_id), new, kept)
    return RedirectResponse(f"/findings/{code}", 303)


def _file(session: Session, actor: Actor, finding_id: UUID, new: NewFinding, kept: list[tuple[bytes, str]]) -> str:
    record, _ = file_finding(session, actor, finding_id, new)
    for content, sha256 in kept:
        add_photo(session, actor, finding_id, content, sha256)
    return record.finding.code


def check(view: View, draft: Draft) -> NewFinding | None:
    """Turn what was typed into a finding; None when something is wrong, all of which the draft then says."""
    values, read, errors = draft.values, read_fields(draft, KINDS), draft.errors
    if values["type"] not in finding_types(view.session):
        errors["type"] = ""
    try:
        point = _point(values["lon"], values["lat"])
    except ValueError:
        point = None
        errors["lon"] = ""
    draft.errors = {name: errors[name] or view.say(WRONG[name]) for name in WRONG if name in errors}
    _ask_the_rules(view, draft, read, point)
    if draft.errors:
        return None
    return NewFinding(**read, point=point)


def _ask_the_rules(view: View, draft: Draft, read: Mapping[str, Any], point: shapely.Point | None) -> None:
    """Say what the register and the rules have against those fields that could be read."""
    errors, day = draft.errors, read.get("found_on", today(view.session))
    place = None
    if "plot" in read:
        place = next(iter(register(view.session, as_of=day, codes=[read["plot"]])), None)
        if place is None and register(view.session, codes=[read["plot"]]):
            errors["found_on"] = view.say(NOT_YET, plot=read["plot"], day=day)
        elif place is None:
            errors["plot"] = view.say(WRONG["plot"])
    try:
        refuse_later(day, today(view.session))
    except FoundLater as refusal:
        errors["found_on"] = view.say(refusal.message, **refusal.details)
    try:
        if place and point is not None:
            refuse_off_plot(place.version.shape, point, place.plot.code)
    except OutsidePlot as refusal:
        errors["lon"] = view.say(refusal.message, **refusal.details)


def _point(longitude: str, latitude: str) -> shapely.Point | None:
    """Return the point, None without one; refuse half a point and what lies on no globe."""
    if not longitude and not latitude:
        return None
    at = Point(longitude=float(DEGREES(longitude)), latitude=float(DEGREES(latitude)))
    return shapely.Point(at.longitude, at.latitude)


def _plot_at(view: View, longitude: str, latitude: str) -> str:
    """Return the code of the plot that the address's point lies on; empty when it lies on none, or cannot be read."""
    try:
        point = _point(longitude, latitude)
    except ValueError:
        return ""
    place = plot_of(view.session, Fix(point.x, point.y, TOLERANCE_M)) if point else None
    return place.code if place else ""


def _page(view: View, draft: Draft, *, status: int = 200) -> Response:
    types = finding_types(view.session)
    places = register(view.session)
    held = covers(view.session)
    context: dict[str, Any] = {
        "draft": draft,
        "values": draft.values,
        "errors": {name: draft.errors[name] for name in WRONG if name in draft.errors},
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
