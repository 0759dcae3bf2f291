"""Reads of documents. Whoever sees a record sees what hangs on it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from service.audit_log.actions import Identified
from service.contracts.models import Contract
from service.contracts.queries import covered_plots, own_contracts
from service.core.actor import OVERSEERS, ZONED, Actor, Role
from service.core.errors import found
from service.core.scope import among, everything, scope_of, unscoped
from service.documents.models import Document
from service.documents.rules import DocumentKind, On
from service.evidence.models import StoredFile
from service.findings.models import Finding
from service.findings.queries import seen_findings
from service.plots.models import Plot
from service.plots.queries import posted_plots
from service.settlement.models import Statement
from service.settlement.queries import own_statements

RECORDS: dict[On, Any] = {On.CONTRACT: Contract, On.PLOT: Plot, On.FINDING: Finding, On.STATEMENT: Statement}
scope_of(Document, *OVERSEERS)(everything)


@scope_of(Document, Role.VIEWER)
def _but_of_money(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return col(Document.statement_id).is_(None)


@scope_of(Document, Role.ADMIN)
def _of_the_register(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return and_(col(Document.statement_id).is_(None), col(Document.finding_id).is_(None))


@scope_of(Document, *ZONED)
def _of_the_zone(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return or_(
        col(Document.contract_id).is_not(None),
        among(Document.plot_id, posted_plots(actor, as_of)),
        among(Document.finding_id, seen_findings(actor, as_of)),
    )


@scope_of(Document, Role.CONTRACTOR)
def _of_own_records(actor: Actor, as_of: date) -> ColumnElement[bool]:
    return or_(
        col(Document.contract_id).in_(own_contracts(actor)),
        among(Document.plot_id, covered_plots(actor, as_of)),
        among(Document.finding_id, seen_findings(actor, as_of)),
        among(Document.statement_id, own_statements(actor)),
    )


@scope_of(StoredFile, Role.VIEWER, Role.ADMIN)
def _files_of_documents(actor: Actor, as_of: date) -> ColumnElement[bool]:
    document = unscoped(Document, "filed")
    seen = core_select(document.c.file_id).where(document.c.statement_id.is_(None))
    if actor.role is Role.ADMIN:
        seen = seen.where(document.c.finding_id.is_(None))
    return col(StoredFile.id).in_(seen)


class DocumentRecord(NamedTuple):
    """A document with its file, and the record that it hangs on."""

    document: Document
    file: StoredFile
    on: On
    code: str


def _records() -> Any:
    query = select(Document, StoredFile, Contract.code, Plot.code, Finding.code, Statement.code).join(StoredFile)  # type: ignore[call-overload]
    for on, record in RECORDS.items():
        query = query.join(record, record.id == getattr(Document, f"{on.value}_id"), isouter=True)
    return query


def _record(row: Any) -> DocumentRecord:
    document, file, *codes = row
    return next(DocumentRecord(document, file, on, code) for on, code in zip(RECORDS, codes, strict=True) if code)


def documents(
    session: Session,
    *,
    contract: UUID | None = None,
    plot: UUID | None = None,
    finding: UUID | None = None,
    statement: UUID | None = None,
    kind: DocumentKind | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
    known_at: datetime | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[DocumentRecord]:
    """Return documents by id. `begin`, `end`: filed from one instant up to, not including, another."""
    asked = {On.CONTRACT: contract, On.PLOT: plot, On.FINDING: finding, On.STATEMENT: statement}
    query = _records()
    for on, record_id in asked.items():
        if record_id:
            query = query.where(getattr(Document, f"{on.value}_id") == record_id)
    if kind:
        query = query.where(Document.kind == kind)
    if begin:
        query = query.where(col(Document.at) >= begin)
    if end:
        query = query.where(col(Document.at) < end)
    if known_at:
        query = query.where(col(Document.at) <= known_at)
    if after:
        query = query.where(col(Document.id) > after)
    return [_record(row) for row in session.exec(query.order_by(col(Document.id)).limit(limit))]


def hanging_on(session: Session, records: Iterable[Identified]) -> list[DocumentRecord]:
    """Return the documents of some records, of whatever kind, in the order of their ids."""
    ids = [record.id for record in records]
    hanging = or_(*(getattr(Document, f"{on.value}_id").in_(ids) for on in On))
    return [_record(row) for row in session.exec(_records().where(hanging).order_by(col(Document.id)))]


def document_by_id(session: Session, document_id: UUID) -> DocumentRecord:
    """Return a document, or refuse."""
    return _record(found(session.exec(_records().where(Document.id == document_id)).one_or_none()))


def record_exists(session: Session, on: On, record_id: UUID) -> None:
    """Refuse a record that is not there, or out of sight."""
    record = RECORDS[on]
    found(session.exec(select(record.id).where(record.id == record_id)).one_or_none())
