"""Reads of the register, and who sees what of it. Contracts say what contractors see."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict, Unpack
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import ColumnElement, Select, func, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from gis.measure import METRES_A_DEGREE
from gis.relate import metres_off, plots_of
from service.access.models import User
from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.db import now, today
from service.core.errors import found, known
from service.core.geometry import Box, as_stored, edges, read_shapes, touches
from service.core.scope import among, everything, scope_of, unscoped, visible
from service.core.temporal import true_on
from service.plots.models import Plot, PlotVersion, Zone, ZonePosting

REGISTER_READERS = (*OVERSEERS, Role.VIEWER, Role.ADMIN)
scope_of(Zone, *Role)(everything)
scope_of(ZonePosting, *OVERSEERS, Role.ADMIN)(everything)
scope_of(Plot, *REGISTER_READERS)(everything)
scope_of(PlotVersion, *REGISTER_READERS)(everything)


class Record(NamedTuple):
    """A plot with what is true of it on a day, and its zone."""

    plot: Plot
    version: PlotVersion
    zone: Zone


class Posted(NamedTuple):
    """A posting, whose it is, and its zone."""

    posting: ZonePosting
    user: User
    zone: Zone


class Listed(NamedTuple):
    """What a list shows of a plot on a day; `id` is the version's."""

    id: UUID
    code: str
    zone: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    name_zh: str
    name_en: str
    kind: str
    grade: str | None
    declared_area_m2: Decimal | None
    measured_area_m2: float
    area_method: str
    shape: shapely.Geometry


FLAT: list[Any] = [
    {"code": Plot.code, "zone": Zone.code}.get(name) or getattr(PlotVersion, name) for name in Listed._fields[:-1]
]


class Extent(NamedTuple):
    """How many plots there are, the box round them all (None without any), how many of each grade."""

    plots: int
    box: Box | None
    grades: dict[str | None, int]


@scope_of(ZonePosting, *ZONED)
def _own_postings(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(ZonePosting.user_id) == actor.user_id


@scope_of(Plot, *ZONED)
def _plots_of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(Plot.id, posted_plots(actor, as_of))


@scope_of(PlotVersion, *ZONED)
def _versions_of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(PlotVersion.subject_id, posted_plots(actor, as_of))


@lru_cache(maxsize=64)
def posted_plots(actor: Actor, as_of: date) -> Select[Any]:
    """Select the ids of the plots that lie on a day in the zones an inspector or supervisor is posted to.

    Ten tables are narrowed by it in every session: made once, it saves more than a small query takes.
    """
    version, zone = unscoped(PlotVersion, "posted"), unscoped(Zone, "posted")
    posting, top = unscoped(ZonePosting, "own"), unscoped(Zone, "top")
    posted = core_select(zone.c.id).select_from(
        zone.join(top, _lies_in(zone.c.path, top.c.path)).join(posting, posting.c.zone_id == top.c.id)
    )
    posted = posted.where(posting.c.user_id == actor.user_id, posting.c.ended_at.is_(None))
    return core_select(version.c.subject_id).where(true_on(version, as_of=as_of), version.c.zone_id.in_(posted))


class Fix(NamedTuple):
    """Where a device says it is, in lon/lat (EPSG:4326), and by how many metres it may be wrong."""

    longitude: float
    latitude: float
    accuracy_m: float = 0

    @property
    def box(self) -> Box:
        """The box that holds every plot within reach."""
        north = self.accuracy_m / METRES_A_DEGREE
        east = north / max(math.cos(math.radians(self.latitude)), 0.001)
        return self.longitude - east, self.latitude - north, self.longitude + east, self.latitude + north


class Asked(TypedDict, total=False):
    """What a list of plots may be narrowed by. `as_of`: the day asked about; today when left out.

    `zone`: a zone's code, with all below it. `box`: those whose bounding boxes touch it. `after`: behind this code.
    """

    as_of: date | None
    known_at: datetime | None
    codes: Sequence[str] | None
    zone: str
    kind: str
    grade: str
    box: Box | None
    after: str
    limit: int | None


def register(session: Session, **asked: Unpack[Asked]) -> list[Record]:
    """Return plots in the order of their codes, with what is true of them on a day, as known at an instant."""
    day = asked.get("as_of") or today(session)
    page = _narrowed(session, select(Plot, PlotVersion, Zone), day, asked)
    return [Record(*row) for row in session.exec(visible(page, as_of=day))]


def listed(session: Session, **asked: Unpack[Asked]) -> list[Listed]:
    """Return the same as `register`, each in one flat row: a thousand take a fraction of the time of objects."""
    day = asked.get("as_of") or today(session)
    page = _narrowed(session, core_select(*FLAT, as_stored(PlotVersion.shape)), day, asked)
    rows = session.exec(visible(page, as_of=day)).all()
    shapes = read_shapes([row[-1] for row in rows])
    return [Listed(*(*row[:-1], shape)) for row, shape in zip(rows, shapes, strict=True)]


def _narrowed(session: Session, query: Any, day: date, asked: Asked) -> Any:
    query = query.join(PlotVersion, col(PlotVersion.subject_id) == col(Plot.id)).join(Zone)
    query = query.where(true_on(PlotVersion, as_of=day, known_at=asked.get("known_at")))
    query = query.where(col(Plot.code) > asked.get("after", ""))
    if (codes := asked.get("codes")) is not None:
        query = query.where(col(Plot.code).in_(codes))
    if zone := asked.get("zone"):
        query = query.where(lies_below(zone))
    if kind := asked.get("kind"):
        query = query.where(PlotVersion.kind == kind)
    if grade := asked.get("grade"):
        query = query.where(PlotVersion.grade == grade)
    if box := asked.get("box"):
        query = query.where(touches(session, box))
    return query.order_by(col(Plot.code)).limit(asked.get("limit"))


def lies_below(zone: str) -> ColumnElement[bool]:
    """Keep a zone, by its code, and all below it. Use it in a statement that selects from zone."""
    return _lies_in(Zone.path, select(col(Zone.path)).where(Zone.code == zone).scalar_subquery())


def _lies_in(path: Any, top: Any) -> ColumnElement[bool]:
    within: ColumnElement[bool] = func.substr(path, 1, func.length(top)) == top  # LIKE is blind to case on SQLite
    return within


def extent(session: Session, *, as_of: date | None = None, zone: str = "") -> Extent:
    """Return how many plots there are on a day, where, and how many of each grade, without reading their shapes."""
    day = as_of or today(session)
    query = select(PlotVersion.grade, func.count(), *edges(session)).join(Plot).join(Zone)
    query = query.where(true_on(PlotVersion, as_of=day))
    if zone:
        query = query.where(lies_below(zone))
    rows = session.exec(visible(query.group_by(col(PlotVersion.grade)), as_of=day)).all()
    sides = list(zip(*(row[2:] for row in rows), strict=True))
    box = (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])) if rows else None
    return Extent(sum(row[1] for row in rows), box, {row[0]: row[1] for row in rows})


def plots_in(session: Session, *, zone: str = "", box: Box | None = None, as_of: date | None = None) -> Any:
    """Select the ids of the plots that lie in a zone (with all below it) or touch a box on a day, for lists of others.

    None when neither is asked for. A zone narrows what the list itself shows, whoever may see the plots today: a
    finding of last year's contract lies in its zone still. A box tells where a plot lies only to those who see it.
    """
    day = as_of or today(session)
    below = _below(zone, day) if zone else None
    if box is None:
        return below
    query = select(PlotVersion.subject_id).where(true_on(PlotVersion, as_of=day), touches(session, box))
    return query if below is None else query.where(col(PlotVersion.subject_id).in_(below))


def _below(code: str, day: date) -> Select[Any]:
    version, zone, top = unscoped(PlotVersion, "below"), unscoped(Zone, "below"), unscoped(Zone, "above")
    within = zone.join(top, _lies_in(zone.c.path, top.c.path))
    zones_ = core_select(zone.c.id).select_from(within).where(top.c.code == code)
    return core_select(version.c.subject_id).where(true_on(version, as_of=day), version.c.zone_id.in_(zones_))


def plot_as_of(session: Session, code: str, *, as_of: date | None = None, known_at: datetime | None = None) -> Record:
    """Return a plot with what is true of it on a day; not found when it was not there, or is out of sight."""
    rows = register(session, as_of=as_of, known_at=known_at, codes=[code])
    return found(rows[0] if rows else None)


def plots_by_code(session: Session) -> dict[str, Plot]:
    """Return every plot that the actor sees today, by code."""
    return {plot.code: plot for plot in session.exec(select(Plot))}


def next_versions(session: Session, plots: Sequence[UUID], day: date) -> dict[UUID, date]:
    """Return by plot the first day after a day on which another version begins; plots without one are left out."""
    first = func.min(PlotVersion.valid_from)
    query = select(PlotVersion.subject_id, first).where(
        col(PlotVersion.subject_id).in_(plots), col(PlotVersion.valid_from) > day
    )
    return dict(session.exec(query.group_by(col(PlotVersion.subject_id))).all())


def versions_of(session: Session, plot: Plot, *, known_at: datetime | None = None) -> list[PlotVersion]:
    """Return all that was ever recorded of a plot, in that order, as known at an instant."""
    query = select(PlotVersion).where(PlotVersion.subject_id == plot.id)
    if known_at:
        query = query.where(col(PlotVersion.recorded_at) <= known_at)
    return list(session.exec(query.order_by(col(PlotVersion.recorded_at), col(PlotVersion.id))))


def zones(session: Session) -> list[Zone]:
    """Return the zone tree, from the top down."""
    return list(session.exec(select(Zone).order_by(col(Zone.path))))


def postings(
    session: Session,
    *,
    user: UUID | None = None,
    zone: str = "",
    known_at: datetime | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[Posted]:
    """Return the postings that run and that the actor sees, in the order of their ids.

    `known_at`: those that ran at an instant. `zone`: its code, with all below it. `after`: behind this id.
    """
    instant = known_at or now(session)
    query = select(ZonePosting, User, Zone).join(User, col(ZonePosting.user_id) == col(User.id)).join(Zone)
    ends = col(ZonePosting.ended_at)
    query = query.where(col(ZonePosting.posted_at) <= instant, or_(ends.is_(None), ends > instant))
    if user:
        query = query.where(ZonePosting.user_id == user)
    if zone:
        query = query.where(lies_below(zone))
    if after:
        query = query.where(col(ZonePosting.id) > after)
    return [Posted(*row) for row in session.exec(query.order_by(col(ZonePosting.id)).limit(limit))]


def zone_by_code(session: Session, code: str) -> Zone:
    """Return the zone that a code names."""
    return known(session.exec(select(Zone).where(Zone.code == code)).one_or_none(), "zone", code)


def plots_about(session: Session, fix: Fix, **asked: Unpack[Asked]) -> list[Listed]:
    """Return the plots that a fix may be on: those that it lies in, or outside of by no more than its accuracy."""
    rows = listed(session, **asked | Asked(box=fix.box))
    at = np.tile([fix.longitude, fix.latitude], (len(rows), 1))
    away = metres_off(np.array([row.shape for row in rows], dtype=object), at)
    return [row for row, metres in zip(rows, away, strict=True) if metres <= fix.accuracy_m]


def plot_of(session: Session, fix: Fix, **asked: Unpack[Asked]) -> Listed | None:
    """Return the one that it lies on: in it, else the nearest within its accuracy; of several the first by code."""
    rows = listed(session, **asked | Asked(box=fix.box))
    at = np.array([[fix.longitude, fix.latitude]])
    (position,) = plots_of(at, np.array([row.shape for row in rows], dtype=object), fix.accuracy_m)
    return rows[position] if position >= 0 else None
