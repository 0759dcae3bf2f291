"""What is done to the register. Fetch what the actor may see, ask a rule, write, record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlmodel import Session

from service.access.models import User
from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import insert as insert_rows
from service.core.db import insert_many, now
from service.core.errors import CodeTaken
from service.core.geometry import index_shapes
from service.core.ids import new_id
from service.plots import queries, rules
from service.plots.models import Plot, PlotVersion, Zone, ZonePosting

BATCH = 1000  # rows a statement and an audit event


@dataclass(frozen=True)
class PlotFacts:
    """What a register says of one plot. The shape is a MultiPolygon in lon/lat (EPSG:4326)."""

    code: str
    zone_id: UUID
    name_zh: str
    name_en: str
    kind: str
    grade: str | None
    declared_area_m2: Decimal | None
    measured_area_m2: float
    area_method: str
    crs_pipeline: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Entered:
    """How many plots were new, changed, and the same as before."""

    new: int
    changed: int
    unchanged: int


def add_zone(session: Session, actor: Actor, *, code: str, parent: str | None, name_zh: str, name_en: str) -> Zone:
    """Enter a zone, below another or at the top."""
    require(actor, Role.HOST)
    above = queries.zone_by_code(session, parent) if parent else None
    path = rules.zone_path(above.path if above else "", code)
    zone = Zone(code=code, parent_id=above.id if above else None, path=path, name_zh=name_zh, name_en=name_en)
    insert_rows(session, zone, taken=CodeTaken(code=code))
    audit_log.record(session, actor, "zone.add", zone, after=[zone])
    return zone


def post_to_zones(session: Session, actor: Actor, user: User, codes: Sequence[str]) -> None:
    """Post an inspector or supervisor to zones."""
    require(actor, Role.HOST)
    postings = [ZonePosting(user_id=user.id, zone_id=queries.zone_by_code(session, code).id) for code in codes]
    session.add_all(postings)
    audit_log.record(session, actor, "user.post", user, after=postings)


def enter_plots(
    session: Session, actor: Actor, facts: Sequence[PlotFacts], *, valid_from: date, source: audit_log.Identified
) -> Entered:
    """Bring the register to what a file says from a day on. What is the same already is left alone."""
    require(actor, Role.HOST, Role.MANAGER)
    standing = {r.plot.code: (r.plot, r.version) for r in queries.register(session, as_of=valid_from)}
    known = queries.plots_by_code(session)
    new = [fact for fact in facts if fact.code not in known]
    changed = [f for f in facts if f.code in known and _differs(standing.get(f.code), f)]
    for batch in _batches(new):
        plots: list[dict[str, Any]] = [{"id": new_id(), "code": fact.code, "revision": 1} for fact in batch]
        insert_many(session, Plot, plots)
        versions = _versions(session, [plot["id"] for plot in plots], batch, valid_from)
        audit_log.record(session, actor, "plots.register", source, after=[*plots, *versions])
    for batch in _batches(changed):
        before = [standing[fact.code][1] for fact in batch if fact.code in standing]
        changing = [known[fact.code] for fact in batch]
        for plot in changing:
            plot.revision += 1
        session.add_all(changing)
        ends = queries.next_versions(session, [plot.id for plot in changing], valid_from)
        versions = _versions(session, [plot.id for plot in changing], batch, valid_from, ends)
        audit_log.record(session, actor, "plots.revise", source, before=before, after=[*changing, *versions])
    return Entered(len(new), len(changed), len(facts) - len(new) - len(changed))


def _batches(facts: Sequence[PlotFacts]) -> Iterator[Sequence[PlotFacts]]:
    return (facts[n : n + BATCH] for n in range(0, len(facts), BATCH))


def _differs(standing: tuple[Plot, PlotVersion] | None, fact: PlotFacts) -> bool:
    if standing is None:
        return True
    version = standing[1]
    names = ("zone_id", "name_zh", "name_en", "kind", "grade", "declared_area_m2")
    same = all(getattr(version, name) == getattr(fact, name) for name in names)
    return not (same and shapely.equals_identical(version.shape, fact.shape))


def _versions(
    session: Session,
    plots: Iterable[UUID],
    facts: Sequence[PlotFacts],
    valid_from: date,
    ends: Mapping[UUID, date] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Write a version of each plot, as rows and not as objects: a hundred thousand plots come in one import.

    `ends`: the first day of a later version, up to which the new one holds.
    """
    common = {"valid_from": valid_from, "recorded_at": now(session)}
    shapes = np.array([fact.shape for fact in facts], dtype=object)
    rows = [
        {name: value for name, value in vars(fact).items() if name != "code"}
        | {"id": new_id(), "subject_id": plot, "shape": shape, "valid_to": ends.get(plot), **common}
        for plot, fact, shape in zip(plots, facts, shapely.to_wkb(shapes), strict=True)
    ]
    insert_many(session, PlotVersion, rows)
    index_shapes(session, [row["id"] for row in rows], shapes)
    return rows
