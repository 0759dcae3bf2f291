"""Lists that people carry to a spreadsheet: the same rows as the list of that name, whole, one maker for each room."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fastapi import Request, Response
from sqlmodel import Session

from service.assessment.rules import points_by_finding
from service.contracts.queries import contracts, covers
from service.core.dates import Span
from service.core.db import now, today
from service.core.http import Code, ReadSession, api_router, language
from service.core.i18n import N_, gettext, named
from service.core.money import major, round_places
from service.exchange.sheets import ANSWERS, MOST_ROWS, Form, Sheet, TooManyRows, Value, answer
from service.findings.filters import FindingFilter
from service.findings.queries import FindingRecord, findings
from service.inspections.filters import ScoreFilter
from service.inspections.models import Score
from service.inspections.queries import scores
from service.plots.filters import FixDep, RegisterFilter
from service.plots.models import Plot
from service.plots.queries import Record, plots_about, register
from service.settlement.models import StatementLine
from service.settlement.queries import StatementRecord, line_findings, lines, statement_by_code
from service.standards.queries import finding_types, operations
from service.workplan.filters import TaskFilter
from service.workplan.models import Task
from service.workplan.queries import tasks

router = api_router("exchange")
Row = Sequence[Value]
ONE_MORE = MOST_ROWS + 1
PLOTS = (
    N_("Plot"),
    N_("Name"),
    N_("Zone"),
    N_("Kind"),
    N_("Grade"),
    N_("Contract"),
    N_("Contractor"),
    N_("Quantity"),
    N_("Unit"),
    N_("Unit price"),
    N_("Currency"),
    N_("Declared area (m²)"),
    N_("Measured (m²)"),
    N_("First day"),
    N_("Last day"),
)
FINDINGS = (
    N_("Number"),
    N_("Plot"),
    N_("Contract"),
    N_("Type"),
    N_("Severity"),
    N_("Quantity"),
    N_("Unit"),
    N_("Description"),
    N_("State"),
    N_("Found on"),
    N_("Cure by"),
    N_("Days overdue"),
    N_("Longitude"),
    N_("Latitude"),
)
TASKS = (
    N_("Plot"),
    N_("Contract"),
    N_("Work"),
    N_("First day"),
    N_("Last day"),
    N_("Done on"),
    N_("Quantity"),
    N_("Unit"),
    N_("Reported by"),
    N_("Signed by"),
)
SCORES = (
    N_("Plot"),
    N_("Contract"),
    N_("First day"),
    N_("Last day"),
    N_("Channel"),
    N_("Score"),
    N_("Entered by"),
)
LINES = (
    N_("Line"),
    N_("Kind"),
    N_("Clause"),
    N_("Title"),
    N_("First day"),
    N_("Last day"),
    N_("Amount"),
    N_("Currency"),
    N_("Read from"),
    N_("Plot"),
    N_("Points lost"),
    N_("Fee of the plot"),
)


@router.get("/plots.{form}", response_class=Response, responses=ANSWERS)
def take_out_plots(request: Request, session: ReadSession, form: Form, asked: RegisterFilter, fix: FixDep) -> Response:
    """Return plots as a file, each with the contract that covers it."""
    near = [row.code for row in plots_about(session, fix, **vars(asked))] if fix else None
    rows = register(session, **vars(asked), codes=near, limit=ONE_MORE)
    return _sent(request, session, form, "plots", PLOTS, plot_rows(session, rows, asked, language(request)))


def plot_rows(session: Session, rows: Sequence[Record], asked: RegisterFilter, lang: str) -> Iterator[Row]:
    """Yield the cells of plots as of the day that was asked about."""
    held = covers(session, as_of=asked.as_of, known_at=asked.known_at)
    for plot, version, zone in rows:
        cover = held.get(plot.id)
        covered: Row = (None,) * 6
        if cover:
            contract, line = cover.contract, cover.version
            who = (contract.code, named(lang, cover.contractor))
            covered = (*who, line.quantity, line.unit.value, line.unit_price.normalize(), contract.currency)
        about = (plot.code, named(lang, version), zone.code, version.kind, version.grade)
        measured = round_places(Decimal(str(version.measured_area_m2)), 2)
        days = (version.valid_from, version.span.until)
        yield (*about, *covered, version.declared_area_m2, measured, *days)


@router.get("/findings.{form}", response_class=Response, responses=ANSWERS)
def take_out_findings(request: Request, session: ReadSession, form: Form, asked: FindingFilter) -> Response:
    """Return findings as a file."""
    rows = findings(session, **vars(asked), limit=ONE_MORE)
    return _sent(request, session, form, "findings", FINDINGS, finding_rows(session, rows, language(request)))


def finding_rows(session: Session, rows: Sequence[FindingRecord], lang: str) -> Iterator[Row]:
    """Yield the cells of findings."""
    types, day = finding_types(session), today(session)
    for record in rows:
        own, contract = record.finding, record.contract
        which = (own.code, record.plot.code, contract.code if contract else None, named(lang, types[own.type]))
        what = (own.severity.value, own.quantity, own.unit, own.text, record.state.value)
        place = (_degrees(own.point.x), _degrees(own.point.y)) if own.point else (None, None)
        yield (*which, *what, own.found_on, record.last.due_on, record.overdue_days(day), *place)


def _degrees(value: float) -> Decimal:
    """Return degrees to the centimetre."""
    return round_places(Decimal(str(value)), 7)


@router.get("/tasks.{form}", response_class=Response, responses=ANSWERS)
def take_out_tasks(request: Request, session: ReadSession, form: Form, asked: TaskFilter) -> Response:
    """Return tasks as a file."""
    rows = tasks(session, **vars(asked), limit=ONE_MORE)
    return _sent(request, session, form, "tasks", TASKS, task_rows(session, rows, language(request)))


def task_rows(session: Session, rows: Sequence[tuple[Task, Plot]], lang: str) -> Iterator[Row]:
    """Yield the cells of tasks."""
    works, codes = operations(session), _contract_codes(session)
    for task, plot in rows:
        which = (plot.code, codes.get(task.contract_id), named(lang, works[task.operation]))
        done = (task.done_on, task.quantity, task.unit, task.reported_by, task.signed_by)
        yield (*which, task.due_from, task.due_until, *done)


@router.get("/scores.{form}", response_class=Response, responses=ANSWERS)
def take_out_scores(request: Request, session: ReadSession, form: Form, asked: ScoreFilter) -> Response:
    """Return scores as a file."""
    rows = scores(session, **vars(asked), limit=ONE_MORE)
    return _sent(request, session, form, "scores", SCORES, score_rows(session, rows))


def score_rows(session: Session, rows: Sequence[tuple[Score, Plot]]) -> Iterator[Row]:
    """Yield the cells of scores."""
    codes = _contract_codes(session)
    for score, plot in rows:
        days = (score.valid_from, Span(score.valid_from, score.valid_to).until)
        yield (
            plot.code,
            codes.get(score.contract_id),
            *days,
            score.channel,
            score.score.normalize(),
            score.recorded_by,
        )


@router.get("/statements/{code}/lines.{form}", response_class=Response, responses=ANSWERS)
def take_out_lines(request: Request, session: ReadSession, form: Form, code: Code) -> Response:
    """Return a statement's lines as a file, each followed by the findings and plots that it was read from."""
    record = statement_by_code(session, code)
    rows = line_rows(session, record, language(request))
    return _sent(request, session, form, record.statement.code, LINES, rows)


def line_rows(session: Session, record: StatementRecord, lang: str) -> Iterator[Row]:
    """Yield a row for each line, with its amount, then one for each of its sources: the amounts add up to the total."""
    currency = record.statement.currency
    for line in lines(session, record.statement):
        days = (line.for_from, Span(line.for_from, line.for_to).until)
        about = (line.number, line.kind.value, line.clause, named(lang, line, "title"), *days)
        yield (*about, major(line.amount_minor, currency), currency, None, None, None, None)
        for source in _sources(session, line):
            yield (*about, None, currency, *source)


def _sources(session: Session, line: StatementLine) -> Iterator[Row]:
    """Yield (finding, plot, points lost, fee) of what an amount was read from: findings, and plots that earn a fee."""
    root = json.loads(line.explanation)
    points = points_by_finding(root)
    for record in line_findings(session, line):
        yield (record.finding.code, record.plot.code, points.get(record.finding.code), None)
    for part in root.get("fee", {}).get("lines", ()):
        yield (None, part["plot"], None, Decimal(part["amount"]))


def _contract_codes(session: Session) -> dict[object, str]:
    return {contract.id: contract.code for contract, _ in contracts(session)}


def _sent(
    request: Request, session: Session, form: str, name: str, titles: Sequence[str], rows: Iterator[Row]
) -> Response:
    """Answer with a sheet whose titles are in the reader's language; refuse a list that is too long for one."""
    cells = list(rows)
    if len(cells) > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    sheet = Sheet(name, [gettext(title, language(request)) for title in titles], cells)
    return answer(sheet, form, now(session))
