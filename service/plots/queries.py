"""Reads of the register, and who sees what of it. Contracts say what contractors see."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.db import today
from service.core.errors import found, known
from service.core.geometry import Box, touches
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
    inside = func.substr(zone.c.path, 1, func.length(top.c.path)) == top.c.path  # LIKE is blind to case on SQLite
    posted = core_select(zone.c.id).select_from(zone.join(top, inside).join(posting, posting.c.zone_id == top.c.id))
    posted = posted.where(posting.c.user_id == actor.user_id)
    return core_select(version.c.subject_id).where(true_on(version, as_of=as_of), version.c.zone_id.in_(posted))


def register(
    session: Session,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    codes: Sequence[str] | None = None,
    zone: str = "",
    kind: str = "",
    grade: str = "",
    box: Box | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[Record]:
    """Return plots in the order of their codes, with what is true of them on a day, as known at an instant.

    `zone`: a zone's code, with all below it. `box`: those whose bounding boxes touch it. `after`: behind this code.
    """
    day = as_of or today(session)
    query = select(Plot, PlotVersion, Zone).join(PlotVersion, col(PlotVersion.subject_id) == col(Plot.id)).join(Zone)
    query = query.where(true_on(PlotVersion, as_of=day, known_at=known_at), col(Plot.code) > after)
    if codes is not None:
        query = query.where(col(Plot.code).in_(codes))
    if zone:
        top = select(col(Zone.path)).where(Zone.code == zone).scalar_subquery()
        query = query.where(func.substr(Zone.path, 1, func.length(top)) == top)
    if kind:
        query = query.where(PlotVersion.kind == kind)
    if grade:
        query = query.where(PlotVersion.grade == grade)
    if box:
        query = query.where(touches(session, box))
    page = query.order_by(col(Plot.code)).limit(limit)
    return [Record(*row) for row in session.exec(visible(page, as_of=day))]


def plots_in(session: Session, *, zone: str = "", box: Box | None = None, as_of: date | None = None) -> Any:
    """Select the ids of the plots that lie in a zone (with all below it) or touch a box on a day, for lists of others.

    None when neither is asked for.
    """
    if not zone and box is None:
        return None
    day = as_of or today(session)
    query = select(PlotVersion.subject_id).where(true_on(PlotVersion, as_of=day))
    if zone:
        query = query.join(Zone).where(col(Zone.path).contains(f"/{zone}/", autoescape=True))
    return query.where(touches(session, box)) if box else query


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


def zone_by_code(session: Session, code: str) -> Zone:
    """Return the zone that a code names."""
    return known(session.exec(select(Zone).where(Zone.code == code)).one_or_none(), "zone", code)


def near(session: Session, longitude: float, latitude: float, *, as_of: date | None = None) -> list[Record]:
    """Return the plots whose boxes lie within about 60 m of a point."""
    reach = 0.0006
    box = (longitude - reach, latitude - reach, longitude + reach, latitude + reach)
    return register(session, as_of=as_of, box=box)
