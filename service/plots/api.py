"""HTTP face of the register."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field, TypeAdapter
from sqlmodel import Session
from starlette.requests import Request

from service.access.rules import require
from service.core import geojson
from service.core.actor import Role
from service.core.dates import Span
from service.core.errors import found
from service.core.geojson import Feature, WantsGeoJson
from service.core.http import (
    AGAIN,
    ActorDep,
    After,
    AsOf,
    Body,
    Code,
    Day,
    KnownAt,
    Limit,
    Moment,
    Names,
    NamesIn,
    Page,
    ReadSession,
    WriteSession,
    api_router,
)
from service.core.paging import page_of, part_of, uncursor
from service.plots import actions, queries
from service.plots.filters import FixDep, RegisterFilter
from service.plots.models import PlotVersion, Zone
from service.plots.queries import Listed, listed, plots_about
from service.plots.rules import ZONE_CODE
from service.plots.schemas import ZoneCode, plot_named

router = api_router("plots")
NewZone = Annotated[Code, Path(pattern=ZONE_CODE, description="The code it shall have.")]


class ZoneOut(BaseModel):
    """A management division; `parent` is null at the top."""

    code: str
    parent: str | None
    path: str
    name: Names


class ZoneIn(Body):
    """A zone to enter; without `parent` it stands at the top."""

    parent: Code | None = None
    name: NamesIn


class Facts(BaseModel):
    """What is true of a plot from a day until a day, both included. The measured area is shown, never paid on."""

    from_: date = Field(serialization_alias="from")
    until: date | None
    recorded_at: Moment
    name: Names
    kind: str
    grade: str | None
    declared_area_m2: Decimal | None
    measured_area_m2: float
    area_method: str

    @staticmethod
    def fields(version: PlotVersion | Listed) -> dict[str, object]:
        """Return the columns that are shown, with both days included."""
        same = ("recorded_at", "kind", "grade", "declared_area_m2", "measured_area_m2", "area_method")
        names = Names(zh=version.name_zh, en=version.name_en)
        days = {"from_": version.valid_from, "until": Span(version.valid_from, version.valid_to).until}
        return {name: getattr(version, name) for name in same} | days | {"name": names}


class PlotOut(Facts):
    """A plot with the version that answers the question."""

    code: str
    zone: str

    @classmethod
    def of(cls, row: Listed) -> Self:
        """Name the plot and its zone."""
        return cls.model_validate(Facts.fields(row) | {"code": row.code, "zone": row.zone})


class VersionOut(Facts):
    """One thing that was recorded of a plot."""

    zone: str

    @classmethod
    def of(cls, version: PlotVersion, zones: dict[object, Zone]) -> Self:
        """Name the zone."""
        return cls.model_validate(Facts.fields(version) | {"zone": zones[version.zone_id].code})


PLOTS = TypeAdapter(list[PlotOut])


def _features(rows: Sequence[Listed]) -> list[Feature]:
    shown = PLOTS.dump_python([PlotOut.of(row) for row in rows], mode="json", by_alias=True)
    return [Feature(row.code, row.shape, properties) for row, properties in zip(rows, shown, strict=True)]


@router.get("/zones")
def list_zones(session: ReadSession, zone: ZoneCode = None, after: After = "", limit: Limit = 100) -> Page[ZoneOut]:
    """Return the zone tree, from the top down."""
    every = [row for row in _zones(session) if not zone or f"/{zone}/" in row.path]
    rows, mark = part_of(every, after, limit, lambda row: row.path)
    return Page(items=list(rows), next=mark)


@router.get("/zones/{code}")
def read_zone(session: ReadSession, code: Code) -> ZoneOut:
    """Return a zone."""
    return found({row.code: row for row in _zones(session)}.get(code))


def _zones(session: Session) -> list[ZoneOut]:
    zones = queries.zones(session)
    codes = {zone.id: zone.code for zone in zones}
    return [
        ZoneOut(
            code=zone.code,
            parent=codes[zone.parent_id] if zone.parent_id else None,
            path=zone.path,
            name=Names(zh=zone.name_zh, en=zone.name_en),
        )
        for zone in zones
    ]


@router.put("/zones/{code}", status_code=201, responses=AGAIN)
def enter_zone(session: WriteSession, actor: ActorDep, code: NewZone, body: ZoneIn, answer: Response) -> ZoneOut:
    """Enter a zone, below another or at the top: 201. The same again: 200."""
    require(actor, Role.MANAGER)
    _, is_new = actions.keep_zone(
        session, actor, code=code, parent=body.parent, name_zh=body.name.zh, name_en=body.name.en
    )
    answer.status_code = 201 if is_new else 200
    return read_zone(session, code)


@router.get("/plots", response_model=Page[PlotOut], responses=geojson.ANSWERS)
def list_plots(
    request: Request,
    session: ReadSession,
    asked: RegisterFilter,
    fix: FixDep,
    wants_geojson: WantsGeoJson,
    after: After = "",
    limit: Limit = 100,
) -> Page[PlotOut] | Response:
    """Return plots in the order of their codes, with what is true of them on a day; `at`: those a fix may be on."""
    if fix:
        every = plots_about(session, fix, **vars(asked), after=uncursor(after))
    else:
        every = listed(session, **vars(asked), after=uncursor(after), limit=limit + 1)
    rows, mark = page_of(every, limit, lambda row: row.code)
    if wants_geojson:
        return geojson.collection(request, _features(rows), mark)
    return Page(items=[PlotOut.of(row) for row in rows], next=mark)


@router.get("/plots/{code}", response_model=PlotOut, responses=geojson.ANSWERS)
def read_plot(
    session: ReadSession,
    code: Code,
    answer: Response,
    wants_geojson: WantsGeoJson,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> PlotOut | Response:
    """Return a plot as of a day, as known at an instant. The ETag names the version that answers."""
    row = found(next(iter(listed(session, as_of=as_of, known_at=known_at, codes=[code])), None))
    # not the plot's revision: that would tell a contractor of versions that it may not see
    etag = {"ETag": f'"{row.id}"'}
    if wants_geojson:
        return geojson.single(_features([row])[0], etag)
    answer.headers.update(etag)
    return PlotOut.of(row)


@router.get("/plots/{code}/versions")
def list_plot_versions(
    session: ReadSession,
    code: Code,
    as_of: Annotated[Day | None, Query(description="Only what was said of this day.")] = None,
    known_at: KnownAt = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[VersionOut]:
    """Return all that was recorded of a plot, in that order."""
    zones: dict[object, Zone] = {zone.id: zone for zone in queries.zones(session)}
    every = queries.versions_of(session, plot_named(session, code), known_at=known_at)
    versions = [version for version in every if as_of is None or version.span.holds(as_of)]
    rows, mark = part_of(versions, after, limit, lambda version: f"{version.recorded_at.isoformat()} {version.id}")
    return Page(items=[VersionOut.of(version, zones) for version in rows], next=mark)
