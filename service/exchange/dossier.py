"""The auditor's dossier: a contract and some of its days in one document, with the links of the audit log about it."""

import json
from datetime import date
from hashlib import sha256
from typing import Any, Self

import shapely
from pydantic import BaseModel, Field
from sqlmodel import Session

from service.access.rules import require
from service.audit_log.actions import Identified
from service.audit_log.queries import head, links
from service.audit_log.schemas import AuditHeadOut, LinkOut
from service.contracts import amendments
from service.contracts.models import Contract
from service.contracts.queries import LineRow, contract_by_code, lines_of
from service.contracts.schemas import AmendmentOut, ContractSummary, LineVersionOut
from service.core.actor import Role
from service.core.dates import Span, half_open
from service.core.db import now, today
from service.core.http import ActorDep, Code, FromDay, Moment, OneMoment, UntilDay, api_router
from service.documents.queries import DocumentRecord, hanging_on
from service.documents.schemas import DocumentOut
from service.findings.queries import FindingRecord, findings, steps
from service.findings.schemas import FindingOut, StepOut
from service.inspections.models import Score
from service.inspections.queries import scores
from service.inspections.schemas import ScoreOut
from service.plots.models import Plot, PlotVersion
from service.plots.queries import versions_of
from service.schemes.models import SchemeVersion
from service.settlement.models import Statement, StatementLine
from service.settlement.queries import StatementRecord, statements
from service.settlement.queries import lines as statement_lines
from service.settlement.schemas import DecisionOut, LineOut, StatementSummary

router = api_router("exchange")


class PlotVersionOut(BaseModel):
    """What was recorded of a plot, with the SHA-256 of its shape's WKB, as the audit log names shapes."""

    plot: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    recorded_at: Moment
    kind: str
    grade: str | None
    declared_area_m2: str | None
    measured_area_m2: float
    area_method: str
    crs_pipeline: str
    shape_sha256: str

    @classmethod
    def of(cls, plot: Plot, version: PlotVersion) -> Self:
        """Name the plot."""
        same = ("recorded_at", "kind", "grade", "measured_area_m2", "area_method", "crs_pipeline")
        declared = version.declared_area_m2
        return cls(
            plot=plot.code,
            from_=version.valid_from,
            until=version.span.until,
            declared_area_m2=None if declared is None else str(declared),
            shape_sha256=sha256(shapely.to_wkb(version.shape)).hexdigest(),
            **{name: getattr(version, name) for name in same},
        )


class LineProof(LineOut):
    """One amount with the root of its explanation, and the SHA-256 of all of it as it is stored."""

    root: dict[str, Any]
    sha256: str

    @classmethod
    def of(cls, line: StatementLine, statement: Statement) -> Self:
        """Cut the explanation off below its root."""
        root = json.loads(line.explanation) | {"children": []}
        proof = {"root": root, "sha256": sha256(line.explanation.encode()).hexdigest()}
        return cls.model_validate(LineOut.fields(line, statement) | proof)


class StatementProof(StatementSummary):
    """A statement with its frozen inputs, whose SHA-256 it names, its amounts and what was decided on it."""

    inputs: str
    lines: list[LineProof]
    decision: DecisionOut | None


class FindingProof(FindingOut):
    """A finding with its steps."""

    steps: list[StepOut]


class Dossier(BaseModel):
    """A contract from and until, both included: what held, what was found, paid and decided, and every event about it.

    Versions and amendments are all that ever held for one of the days. Findings were made on them, scores and
    statements are about them; documents hang on the contract and on these. `events` have `previous`, with which each
    hash can be computed anew; `head` ends the log.
    """

    contract: ContractSummary
    scheme_sha256: str
    from_: date = Field(serialization_alias="from")
    until: date | None
    made_at: Moment
    line_versions: list[LineVersionOut]
    amendments: list[AmendmentOut]
    plot_versions: list[PlotVersionOut]
    scores: list[ScoreOut]
    findings: list[FindingProof]
    statements: list[StatementProof]
    documents: list[DocumentOut]
    events: list[LinkOut]
    head: AuditHeadOut


@router.get("/contracts/{code}/audit")
def read_dossier(
    session: OneMoment, actor: ActorDep, code: Code, first: FromDay = None, until: UntilDay = None
) -> Dossier:
    """Return all that an auditor needs to check some days of a contract: all its days, unless others are asked for."""
    require(actor, Role.AUDITOR)
    contract, contractor = contract_by_code(session, code)
    own = Span(contract.valid_from, contract.valid_to)
    span = half_open(first or own.valid_from, until or own.until)
    scheme = session.get_one(SchemeVersion, contract.scheme_id)
    rows = [row for row in lines_of(session, contract) if row[2].span.meets(span)]
    found = findings(session, contract=contract.id, first=span.valid_from, until=span.until)
    given = [row for row in scores(session, contract=contract.id) if _days(row[0]).meets(span)]
    settled = [record for record in statements(session, contract=contract.id) if record.span.meets(span)]
    papers = hanging_on(session, [contract, *(r.finding for r in found), *(r.statement for r in settled)])
    end = head(session)
    return Dossier(
        contract=ContractSummary.of(contract, contractor, scheme),
        scheme_sha256=scheme.sha256,
        from_=span.valid_from,
        until=span.until,
        made_at=now(session),
        line_versions=[LineVersionOut.of(contract, row) for row in rows],
        amendments=_amendments(session, contract, span),
        plot_versions=_plot_versions(session, rows, span),
        scores=[ScoreOut.of(*row) for row in given],
        findings=[_finding(session, record) for record in found],
        statements=[_statement(session, record) for record in settled],
        documents=[DocumentOut.of(record) for record in papers],
        events=[
            LinkOut.following(link)
            for link in links(session, _targets(contract, scheme, found, given, settled, papers))
        ],
        head=AuditHeadOut(seq=end.seq, hash=end.hash),
    )


def _days(score: Score) -> Span:
    return Span(score.valid_from, score.valid_to)


def _amendments(session: Session, contract: Contract, span: Span) -> list[AmendmentOut]:
    """Return the amendments that change one of the days; sums are over all of them."""
    every = amendments.additions(amendments.amendments(session, contract))
    changes = amendments.changes_of(session, [amendment for amendment, _ in every])
    touching = {change.amendment_id for change, _ in changes if Span(change.valid_from, change.valid_to).meets(span)}
    percent = amendments.ceiling_percent(session)
    return [AmendmentOut.of(contract, a, so_far, percent, changes) for a, so_far in every if a.id in touching]


def _plot_versions(session: Session, rows: list[LineRow], span: Span) -> list[PlotVersionOut]:
    plots = {plot.code: plot for _, plot, _ in rows}
    return [
        PlotVersionOut.of(plot, version)
        for _, plot in sorted(plots.items())
        for version in versions_of(session, plot)
        if version.span.meets(span)
    ]


def _finding(session: Session, record: FindingRecord) -> FindingProof:
    taken = [StepOut.of(step).model_dump() for step in steps(session, record.finding)]
    return FindingProof.of(record, today(session), steps=taken)


def _statement(session: Session, record: StatementRecord) -> StatementProof:
    statement = record.statement
    return StatementProof.of(
        record,
        inputs=statement.inputs,
        lines=[LineProof.of(line, statement) for line in statement_lines(session, statement)],
        decision=record.decision and DecisionOut.of(record.decision),
    )


def _targets(
    contract: Contract,
    scheme: SchemeVersion,
    found: list[FindingRecord],
    given: list[tuple[Score, Plot]],
    settled: list[StatementRecord],
    papers: list[DocumentRecord],
) -> list[str]:
    """Return the records of the dossier, and the files that its scores came in, as events name them."""
    files = {f"Import {score.import_id}" for score, _ in given if score.import_id}
    own: list[Identified] = [contract, scheme, *(r.finding for r in found), *(r.statement for r in settled)]
    own += [r.document for r in papers]
    return [*(f"{type(record).__name__} {record.id}" for record in own), *sorted(files)]
