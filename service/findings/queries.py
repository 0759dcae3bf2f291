"""Reads of findings, and who sees them and their photos."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from service.contracts.models import Contract
from service.contracts.queries import lying, own_contracts
from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.db import today
from service.core.errors import found
from service.core.paging import behind
from service.core.scope import among, everything, scope_of, unscoped
from service.core.temporal import News
from service.evidence.models import Rendition, StoredFile
from service.findings.models import Finding, FindingEvent, FindingPhoto
from service.findings.rules import TO_CURE, State
from service.plots.models import Plot
from service.plots.queries import posted_plots

for table in (Finding, FindingEvent, FindingPhoto):
    scope_of(table, *OVERSEERS, Role.VIEWER)(everything)


@lru_cache(maxsize=64)
def seen_findings(actor: Actor, as_of: date) -> Select[Any]:
    """Select the ids of the findings that an inspector, supervisor or contractor sees."""
    finding = unscoped(Finding, "seen")
    if actor.role is Role.CONTRACTOR:
        # what is filed but not confirmed is not yet the contractor's business
        step = unscoped(FindingEvent, "told")
        told = exists().where(step.c.finding_id == finding.c.id, step.c.state == State.CONFIRMED)
        return core_select(finding.c.id).where(finding.c.contract_id.in_(own_contracts(actor)), told)
    return core_select(finding.c.id).where(among(finding.c.plot_id, posted_plots(actor, as_of)))


@scope_of(Finding, *ZONED, Role.CONTRACTOR)
def _own_findings(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(Finding.id, seen_findings(actor, as_of))


@scope_of(FindingEvent, *ZONED, Role.CONTRACTOR)
def _own_events(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(FindingEvent.finding_id, seen_findings(actor, as_of))


@scope_of(FindingPhoto, *ZONED, Role.CONTRACTOR)
def _own_photos(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(FindingPhoto.finding_id, seen_findings(actor, as_of))


@scope_of(Rendition, *ZONED, Role.CONTRACTOR, Role.VIEWER)
def _own_renditions(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return among(Rendition.file_id, _photo_files(actor, as_of))


def _photo_files(actor: Actor, as_of: date) -> Select[Any]:
    photo = unscoped(FindingPhoto, "seen")
    files = core_select(photo.c.file_id)
    return files if actor.role is Role.VIEWER else files.where(among(photo.c.finding_id, seen_findings(actor, as_of)))


class FindingRecord(NamedTuple):
    """A finding with its plot, its contract and its last step."""

    finding: Finding
    plot: Plot
    contract: Contract | None
    last: FindingEvent

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.last.state

    def overdue_days(self, day: date) -> int:
        """Return by how many days the cure is late; 0 when it is not, or not owed."""
        due = self.last.due_on
        return max(0, (day - due).days) if due and self.state in TO_CURE else 0


def _is_last(known_at: datetime | None) -> Sequence[ColumnElement[bool]]:
    """Tell whether a step is its finding's last, as known at an instant."""
    later = aliased(FindingEvent)
    newer = and_(col(later.finding_id) == col(FindingEvent.finding_id), col(later.number) > col(FindingEvent.number))
    if known_at is None:
        return (~exists().where(newer),)
    return col(FindingEvent.at) <= known_at, ~exists().where(newer, col(later.at) <= known_at)


def _records(known_at: datetime | None) -> Any:
    return (
        select(Finding, Plot, Contract, FindingEvent)
        .join(Plot, col(Plot.id) == col(Finding.plot_id))
        .join(Contract, col(Contract.id) == col(Finding.contract_id), isouter=True)
        .join(FindingEvent, col(FindingEvent.finding_id) == col(Finding.id))
        .where(*_is_last(known_at))
    )


def findings(
    session: Session,
    *,
    states: Sequence[State] | None = None,
    plot: UUID | None = None,
    plots: Any = None,
    contract: UUID | None = None,
    contractor: UUID | None = None,
    first: date | None = None,
    until: date | None = None,
    overdue: bool = False,
    types: Sequence[str] | None = None,
    known_at: datetime | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> list[FindingRecord]:
    """Return findings, the latest day first, then by id. `first` and `until`, both included, bound the day."""
    order = col(Finding.found_on).desc(), col(Finding.id).desc()
    last = select(FindingEvent.id).where(FindingEvent.finding_id == Finding.id, *_is_last(known_at))
    if states is not None:
        last = last.where(col(FindingEvent.state).in_(states))
    if overdue:
        last = last.where(col(FindingEvent.state).in_(TO_CURE), col(FindingEvent.due_on) < today(session))
    # a page is chosen from this one table by the index of its order; joined first, a million would be sorted for it
    shown = select(Finding.id).where(last.exists(), select(Plot.id).where(Plot.id == Finding.plot_id).exists())
    shown = lying(shown, Finding, plot=plot, plots=plots, contract=contract, contractor=contractor)
    if first:
        shown = shown.where(col(Finding.found_on) >= first)
    if until:
        shown = shown.where(col(Finding.found_on) <= until)
    if types is not None:
        shown = shown.where(col(Finding.type).in_(types))
    if after:
        shown = behind(shown, col(Finding.found_on), col(Finding.id), after, newest_first=True)
    query = _records(known_at).where(col(Finding.id).in_(shown.order_by(*order).limit(limit))).order_by(*order)
    return [FindingRecord(*row) for row in session.exec(query)]


def finding_by_code(session: Session, code: str) -> FindingRecord:
    """Return a finding, or refuse."""
    return found_record(session, Finding.code == code)


def finding_by_id(session: Session, finding_id: UUID, *, known_at: datetime | None = None) -> FindingRecord:
    """Return a finding, as known at an instant, or refuse."""
    return found_record(session, Finding.id == finding_id, known_at)


def found_record(session: Session, which: Any, known_at: datetime | None = None) -> FindingRecord:
    """Return the one finding that fits, or refuse."""
    return FindingRecord(*found(session.exec(_records(known_at).where(which)).one_or_none()))


def steps(session: Session, finding: Finding, *, known_at: datetime | None = None) -> list[FindingEvent]:
    """Return the steps of a finding's life, first to last."""
    query = select(FindingEvent).where(FindingEvent.finding_id == finding.id)
    if known_at:
        query = query.where(col(FindingEvent.at) <= known_at)
    return list(session.exec(query.order_by(col(FindingEvent.number))))


def photos(
    session: Session, finding: Finding, *, known_at: datetime | None = None
) -> list[tuple[FindingPhoto, Rendition]]:
    """Return a finding's photos with their clean pictures, in the order in which they came."""
    query = select(FindingPhoto, Rendition).join(Rendition, col(Rendition.file_id) == col(FindingPhoto.file_id))
    query = query.where(FindingPhoto.finding_id == finding.id).order_by(col(FindingPhoto.id))
    if known_at:
        query = query.where(col(FindingPhoto.at) <= known_at)
    return [(photo, rendition) for photo, rendition in session.exec(query)]


class PhotoRecord(NamedTuple):
    """A photo with its clean picture, its finding and its plot."""

    photo: FindingPhoto
    rendition: Rendition
    finding: Finding
    plot: Plot


def photo_list(
    session: Session,
    *,
    plot: UUID | None = None,
    plots: Any = None,
    contract: UUID | None = None,
    contractor: UUID | None = None,
    finding: UUID | None = None,
    first: date | None = None,
    until: date | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> list[PhotoRecord]:
    """Return photos by the day of their finding, then id. `first` and `until`, both included, bound that day."""
    query = (
        select(FindingPhoto, Rendition, Finding, Plot)
        .join(Rendition, col(Rendition.file_id) == col(FindingPhoto.file_id))
        .join(Finding, col(Finding.id) == col(FindingPhoto.finding_id))
        .join(Plot, col(Plot.id) == col(Finding.plot_id))
    )
    query = lying(query, Finding, plot=plot, plots=plots, contract=contract, contractor=contractor)
    if finding:
        query = query.where(Finding.id == finding)
    if first:
        query = query.where(col(Finding.found_on) >= first)
    if until:
        query = query.where(col(Finding.found_on) <= until)
    if after:
        query = behind(query, col(Finding.found_on), col(FindingPhoto.id), after)
    query = query.order_by(col(Finding.found_on), col(FindingPhoto.id)).limit(limit)
    return [PhotoRecord(*row) for row in session.exec(query)]


def photo(session: Session, photo_id: UUID) -> tuple[FindingPhoto, Rendition]:
    """Return one photo, or refuse."""
    query = select(FindingPhoto, Rendition).join(Rendition, col(Rendition.file_id) == col(FindingPhoto.file_id))
    photo_, rendition = found(session.exec(query.where(FindingPhoto.id == photo_id)).one_or_none())
    return photo_, rendition


def photo_by_hash(session: Session, finding_id: UUID, sha256: str) -> FindingPhoto | None:
    """Return the photo of these bytes that hangs on a finding."""
    query = select(FindingPhoto).join(StoredFile).where(FindingPhoto.finding_id == finding_id)
    return session.exec(query.where(StoredFile.sha256 == sha256)).one_or_none()


def answerable(session: Session, findings_: Sequence[UUID]) -> set[UUID]:
    """Return who filed, confirmed or withdrew these findings, and so charged or gave back what they cost."""
    moves = [State.FILED, State.CONFIRMED, State.WITHDRAWN]
    query = select(FindingEvent.by).where(
        col(FindingEvent.finding_id).in_(findings_), col(FindingEvent.state).in_(moves)
    )
    return set(session.exec(query))


def withdrawers(session: Session, contract_id: UUID, news: News) -> set[UUID]:
    """Return who took back findings of a contract, where that is news: no statement has a line of them."""
    query = (
        select(FindingEvent.by)
        .join(Finding, col(Finding.id) == col(FindingEvent.finding_id))
        .where(
            Finding.contract_id == contract_id,
            FindingEvent.state == State.WITHDRAWN,
            news.holds(FindingEvent.at, Finding.found_on),
        )
    )
    return set(session.exec(query))
