"""greenkeep import."""

from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlmodel import Session

from service.cli import running
from service.core.actor import Actor
from service.core.db import Database, rehearsal, today
from service.core.errors import HasIssues
from service.core.i18n import N_
from service.exchange.contract_in import ContractFile, import_contract
from service.exchange.plots_in import LARGEST, PlotsLayout, extent_of, import_plots, parse_apart
from service.exchange.plots_read import Parsed
from service.exchange.report import Report
from service.exchange.scores_in import REASONS, ScoresLayout, import_scores
from service.exchange.tasks_in import import_tasks
from service.exchange.texts import File, open_file, read_document
from service.schemes.actions import enter_scheme
from service.schemes.issues import SchemeRefused
from service.schemes.models import SchemeVersion

L = TypeVar("L", bound=BaseModel)
UNKNOWN_REASON = N_("{value} is no reason to set rows aside; known: {known}")


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments: of each kind of file its own."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    plots = _kind(kinds, "plots", "plots from a GeoPackage, GeoJSON, zipped shapefile, or CSV with WKT")
    plots.add_argument("--layout", type=Path, metavar="LAYOUT.yaml", help="maps foreign columns to ours")
    plots.add_argument(
        "--from",
        dest="valid_from",
        type=running.day,
        metavar="YYYY-MM-DD",
        help="the day from which they hold so; today when left out",
    )
    _kind(kinds, "contract", "a contract from a YAML file, its lines from the CSV that it names")
    _kind(kinds, "scheme", "an assessment scheme from a YAML file")
    _kind(kinds, "tasks", "tasks from a CSV")
    scores = _kind(kinds, "scores", "scores from a CSV")
    scores.add_argument("--layout", type=Path, metavar="LAYOUT.yaml", help="maps foreign columns to ours")
    scores.add_argument(
        "--set-aside",
        type=reasons,
        default=[],
        metavar=",".join(REASONS),
        help="keep such rows with the import, unused",
    )


def _kind(kinds: Any, name: str, summary: str) -> ArgumentParser:
    parser: ArgumentParser = kinds.add_parser(name, help=summary, description=f"Import {summary}.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    parser.set_defaults(run=run)
    return parser


def run(arguments: Namespace) -> int:
    """Import one file, or refuse it with everything that is wrong."""
    actor = running.host()
    file = open_file(arguments.file, LARGEST) if arguments.kind == "plots" else open_file(arguments.file)
    with running.opened() as database:
        parsed = _parsed(database, actor, arguments, file)
        with _transaction(database, actor, dry=arguments.dry_run) as session:
            report = _imported(session, actor, arguments, file, parsed)
    if report:
        _tell(report)
    if arguments.dry_run:
        print("dry run: nothing was written")
    return 0


def _transaction(database: Database, actor: Actor, *, dry: bool) -> AbstractContextManager[Session]:
    return rehearsal(database, actor) if dry else database.transaction(actor)


def _layout(arguments: Namespace, model: type[L]) -> L:
    return read_document(open_file(arguments.layout), model) if arguments.layout else model()


def _parsed(database: Database, actor: Actor, arguments: Namespace, file: File) -> Parsed | None:
    """Read a file of plots before anything is locked."""
    if arguments.kind != "plots":
        return None
    with database.transaction(actor, write=False) as session:
        extent = extent_of(session)
    return parse_apart(file, _layout(arguments, PlotsLayout), extent)


def _imported(session: Session, actor: Actor, arguments: Namespace, file: File, parsed: Parsed | None) -> Report | None:
    match arguments.kind:
        case "plots":
            first = arguments.valid_from or today(session)
            return import_plots(session, actor, file, _layout(arguments, PlotsLayout), valid_from=first, parsed=parsed)
        case "contract":
            return import_contract(session, actor, file, read_document(file, ContractFile))
        case "tasks":
            return import_tasks(session, actor, file)
        case "scores":
            layout = _layout(arguments, ScoresLayout)
            return import_scores(session, actor, file, layout, set_aside=arguments.set_aside)
    version, is_new = _entered(session, actor, file)
    print(f"{version.code} v{version.version}: {'entered' if is_new else 'unchanged'}")
    return None


def reasons(text: str) -> list[str]:
    """Read an argument that lists reasons, separated by commas."""
    given = [reason for reason in text.split(",") if reason]
    for reason in given:
        if reason not in REASONS:
            raise running.no_argument(UNKNOWN_REASON, value=reason, known=", ".join(REASONS))
    return given


def _entered(session: Session, actor: Actor, file: File) -> tuple[SchemeVersion, bool]:
    """Enter a scheme; what is wrong with it is told like what is wrong with any file, each with its line."""
    try:
        return enter_scheme(session, actor, file.text)
    except SchemeRefused as refused:
        raise HasIssues([replace(issue, place=f"{file.name}, {issue.place}") for issue in refused.listed()]) from None


def _tell(report: Report) -> None:
    batch = report.batch
    print(f"{batch.kind}: {batch.rows} rows, {batch.written} written, {batch.unchanged} unchanged")
    for reason, count in sorted(report.reasons.items()):
        print(f"set aside, {reason}: {count}")
        names: dict[str, int] = {}
        for row in report.set_aside:
            if row.reason == reason:
                names[row.name] = names.get(row.name, 0) + 1
        for name, rows in sorted(names.items()):
            print(f"  {running.one_line(name)}: {rows}")
    for remark in report.remarks:
        running.complain(remark)
