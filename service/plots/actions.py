"""What is done to the register. Fetch what the actor may see, ask a rule, write, record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
import shapely
from sqlmodel import Session, select

from service.access.models import User
from service.access.rules import refuse_closed, require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import insert as insert_rows
from service.core.db import insert_many, lock, now
from service.core.errors import CodeTaken, IdTaken, found
from service.core.geometry import index_shapes
from service.core.ids import new_id
from service.plots import queries, rules
from service.plots.facts import Compared, PlotFacts, compare
from service.plots.models import Plot, PlotVersion, Zone, ZonePosting

R = TypeVar("R")
BATCH = 1000  # rows a statement and an audit event


@dataclass(frozen=True)
class Entered:
    """How many plots were new, changed, and the same as before."""

    new: int
    changed: int
    unchanged: int


def add_zone(session: Session, actor: Actor, *, code: str, parent: str | None, name_zh: str, name_en: str) -> Zone:
    """Enter a zone, below another or at the top."""
    require(actor, Role.HOST, Role.MANAGER)
    above = queries.zone_by_code(session, parent) if parent else None
    path = rules.zone_path(above.path if above else "", code)
    zone = Zone(code=code, parent_id=above.id if above else None, path=path, name_zh=name_zh, name_en=name_en)
    insert_rows(session, zone, taken=CodeTaken(code=code))
    audit_log.record(session, actor, "zone.add", zone, after=[zone])
    return zone


def keep_zone(
    session: Session, actor: Actor, *, code: str, parent: str | None, name_zh: str, name_en: str
) -> tuple[Zone, bool]:
    """Enter a zone, or return the very same that is there, with False."""
    require(actor, Role.HOST, Role.MANAGER)
    held = {zone.code: zone for zone in queries.zones(session)}.get(code)
    if held is None:
        return add_zone(session, actor, code=code, parent=parent, name_zh=name_zh, name_en=name_en), True
    above = queries.zone_by_code(session, parent) if parent else None
    if (held.parent_id, held.name_zh, held.name_en) != (above and above.id, name_zh, name_en):
        raise CodeTaken(code=code)
    return held, False


def post_to_zones(session: Session, actor: Actor, user: User, codes: Sequence[str]) -> None:
    """Post an inspector or supervisor to zones."""
    for code in codes:
        post_to_zone(session, actor, new_id(), user, queries.zone_by_code(session, code))


def post_to_zone(session: Session, actor: Actor, posting_id: UUID, user: User, zone: Zone) -> tuple[ZonePosting, bool]:
    """Post an inspector or supervisor to a zone with all below it.

    The same again is returned, ended or not, with False for not new; the same id with other content is refused.
    """
    require(actor, Role.HOST, Role.ADMIN)
    if held := session.get(ZonePosting, posting_id):
        if (held.user_id, held.zone_id) != (user.id, zone.id):
            raise IdTaken
        return held, False
    refuse_closed(user.active)
    rules.refuse_unposted(user.code, user.role)
    posting = ZonePosting(id=posting_id, user_id=user.id, zone_id=zone.id, posted_at=now(session))
    insert_rows(session, posting, taken=rules.PostedAlready(user=user.code, zone=zone.code))
    audit_log.record(session, actor, "user.post", user, after=[posting])
    return posting, True


def end_posting(session: Session, actor: Actor, posting_id: UUID) -> ZonePosting:
    """End a posting at once; a second time changes nothing."""
    require(actor, Role.HOST, Role.ADMIN)
    lock(session, select(ZonePosting).where(ZonePosting.id == posting_id))
    posting = found(session.get(ZonePosting, posting_id))
    if posting.ended_at is None:
        before = posting.model_dump()
        posting.ended_at = now(session)
        session.add(posting)
        user = session.get_one(User, posting.user_id)
        audit_log.record(session, actor, "user.withdraw", user, before=[before], after=[posting])
    return posting


def enter_plots(
    session: Session, actor: Actor, facts: Sequence[PlotFacts], *, valid_from: date, source: audit_log.Identified
) -> Entered:
    """Bring the register to what a file says from a day on. What is the same already is left alone."""
    return enter_compared(session, actor, compare(session, facts, valid_from), source=source)


def enter_compared(session: Session, actor: Actor, compared: Compared, *, source: audit_log.Identified) -> Entered:
    """Write what differs from the register, as it was compared in this very transaction."""
    require(actor, Role.HOST, Role.MANAGER)
    first = compared.valid_from
    for facts in _batches(compared.new):
        plots: list[dict[str, Any]] = [{"id": new_id(), "code": fact.code, "revision": 1} for fact in facts]
        insert_many(session, Plot, plots)
        versions = _versions(session, [plot["id"] for plot in plots], facts, first)
        audit_log.record(session, actor, "plots.register", source, after=[*plots, *versions])
    for changes in _batches(compared.changed):
        before = [change.standing for change in changes if change.standing]
        changing = [change.plot for change in changes]
        for plot in changing:
            plot.revision += 1
        session.add_all(changing)
        ends = queries.next_versions(session, [plot.id for plot in changing], first)
        versions = _versions(session, [plot.id for plot in changing], [c.fact for c in changes], first, ends)
        audit_log.record(session, actor, "plots.revise", source, before=before, after=[*changing, *versions])
    return Entered(len(compared.new), len(compared.changed), len(compared.unchanged))


def _batches(rows: Sequence[R]) -> Iterator[Sequence[R]]:
    return (rows[n : n + BATCH] for n in range(0, len(rows), BATCH))


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
