"""What is done to the register. Fetch what the actor may see, ask a rule, write, record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from sqlmodel import Session, insert

from service.access.models import User
from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import insert as insert_rows
from service.core.db import now
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
        plots = {fact.code: Plot(code=fact.code) for fact in batch}
        _write(session, Plot, [plot.model_dump() for plot in plots.values()])
        versions = _versions(session, plots, batch, valid_from)
        audit_log.record(session, actor, "plots.register", source, after=[*plots.values(), *versions])
    for batch in _batches(changed):
        plots = {fact.code: known[fact.code] for fact in batch}
        before = [standing[code][1] for code in plots if code in standing]
        for plot in plots.values():
            plot.revision += 1
            session.add(plot)
        versions = _versions(session, plots, batch, valid_from)
        audit_log.record(session, actor, "plots.revise", source, before=before, after=versions)
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
    session: Session, plots: Mapping[str, Plot], facts: Iterable[PlotFacts], valid_from: date
) -> list[PlotVersion]:
    versions = [PlotVersion(**_row(session, plots[fact.code], fact, valid_from)) for fact in facts]
    _write(session, PlotVersion, [dict(_columns(version)) for version in versions])
    index_shapes(session, [version.id for version in versions], [version.shape for version in versions])
    return versions


def _row(session: Session, plot: Plot, fact: PlotFacts, valid_from: date) -> dict[str, Any]:
    row = {name: value for name, value in vars(fact).items() if name != "code"}
    return row | {"id": new_id(), "subject_id": plot.id, "valid_from": valid_from, "recorded_at": now(session)}


def _columns(version: PlotVersion) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(version, name)) for name in PlotVersion.model_fields)


def _write(session: Session, model: type[Plot] | type[PlotVersion], rows: list[dict[str, Any]]) -> None:
    """Write many rows at once: a hundred thousand plots come in one import."""
    session.exec(insert(model), params=rows)
