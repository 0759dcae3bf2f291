"""What an upload holds: read apart, then planned or written the way that the command line imports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from gis.checks import Extent
from service.core.actor import Actor
from service.core.errors import Invalid
from service.core.http import Body
from service.core.i18n import N_
from service.core.sandbox import WEB
from service.exchange.models import Upload
from service.exchange.plans import Plan
from service.exchange.plots_in import PlotsLayout, import_plots, parse_apart, plan_plots
from service.exchange.plots_read import Parsed
from service.exchange.report import Report
from service.exchange.rules import MOST_ROWS, UploadKind
from service.exchange.scores_in import SCORE_COLUMNS, ScoresLayout, import_scores, plan_scores
from service.exchange.tasks_in import COLUMNS, import_tasks, plan_tasks
from service.exchange.texts import File, Rows, read_rows_apart


class BadLayout(Invalid):
    """How the file maps onto ours cannot be read."""

    code, message = "bad_layout", N_("This is not a layout for files of {kind}.")


class NoLayout(Body):
    """Tasks come in our own columns."""


LAYOUTS: Mapping[UploadKind, type[BaseModel]] = {
    UploadKind.PLOTS: PlotsLayout,
    UploadKind.TASKS: NoLayout,
    UploadKind.SCORES: ScoresLayout,
}


class DayNeeded(Invalid):
    """Plots hold from a day on."""

    code, message = "day_needed", N_("Say from which day the plots hold.")


@dataclass(frozen=True)
class Contents:
    """A file, and what a child process made of it: plots, or the rows of a CSV."""

    file: File
    parsed: Parsed | None = None
    rows: Rows | None = None


def read_apart(upload: Upload, file: File, extent: Extent) -> Contents:
    """Read a stranger's file in a child process, within the limits of what comes over the web."""
    if upload.kind is UploadKind.PLOTS:
        return Contents(file, parsed=parse_apart(file, PlotsLayout.model_validate(upload.layout), extent, WEB))
    if upload.kind is UploadKind.TASKS:
        return Contents(file, rows=read_rows_apart(file, COLUMNS, {}, (), most=MOST_ROWS, limits=WEB))
    layout = ScoresLayout.model_validate(upload.layout)
    rows = read_rows_apart(file, SCORE_COLUMNS, layout.columns, layout.empty, most=MOST_ROWS, limits=WEB)
    return Contents(file, rows=rows)


def plan_of(session: Session, upload: Upload, contents: Contents) -> Plan[Any]:
    """Return what an upload would do; refused with everything that is wrong."""
    file = contents.file
    match upload.kind:
        case UploadKind.PLOTS:
            layout = PlotsLayout.model_validate(upload.layout)
            return plan_plots(session, file, layout, valid_from=first_day(upload), parsed=contents.parsed)
        case UploadKind.TASKS:
            return plan_tasks(session, file, read=contents.rows)
        case UploadKind.SCORES:
            scores = ScoresLayout.model_validate(upload.layout)
            return plan_scores(session, file, scores, set_aside=upload.set_aside, read=contents.rows)


def write(session: Session, actor: Actor, upload: Upload, contents: Contents) -> Report:
    """Import an upload; refused when that would do something else than its dry run has shown."""
    file, shown = contents.file, upload.digest or ""
    match upload.kind:
        case UploadKind.PLOTS:
            layout, first = PlotsLayout.model_validate(upload.layout), first_day(upload)
            return import_plots(session, actor, file, layout, valid_from=first, parsed=contents.parsed, shown=shown)
        case UploadKind.TASKS:
            return import_tasks(session, actor, file, read=contents.rows, shown=shown)
        case UploadKind.SCORES:
            scores = ScoresLayout.model_validate(upload.layout)
            return import_scores(
                session, actor, file, scores, set_aside=upload.set_aside, read=contents.rows, shown=shown
            )


def first_day(upload: Upload) -> date:
    """Return the day from which an upload's plots hold."""
    if upload.valid_from is None:
        raise DayNeeded
    return upload.valid_from


def layout_of(kind: UploadKind, layout: Mapping[str, Any]) -> dict[str, Any]:
    """Return a layout as it is kept, checked to be one for files of the kind; tasks have none."""
    try:
        return LAYOUTS[kind].model_validate(layout).model_dump(mode="json", exclude_defaults=True)
    except ValidationError:
        raise BadLayout(kind=kind.value) from None
