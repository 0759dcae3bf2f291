"""What a dry run has found, for people: every issue with its place, and the plots that the file draws."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

import orjson
import shapely
from sqlmodel import Session

from service.core.errors import Conflict, Invalid, Issue
from service.core.i18n import N_, Phrase, translate
from service.exchange.plans import Plan
from service.exchange.plots_read import Parsed
from service.exchange.scores_in import MISSING, NO_SCORE, NOT_LINKED
from service.exchange.texts import Rows
from service.plots.facts import Compared, PlotFacts
from service.plots.queries import register

ERROR, REMARK, SET_ASIDE = "error", "remark", "set_aside"
DRAWN = 3000  # plots, and places of issues, on one map
KEPT = 20_000  # issues of one file; a file with more is another file than was meant
MORE_ISSUES = N_("The file has {count} more issues of this kind.")
Place = tuple[float, float]


@dataclass(frozen=True)
class Told:
    """An issue, and how much it weighs: an error, a remark, or a row set aside."""

    weight: str
    code: str
    row: int | None
    column: str
    lon: float | None
    lat: float | None
    message: str
    details: Mapping[str, Any]

    def sentence(self, language: str) -> str:
        """Say it in a language."""
        details = {name: Phrase(v["say"]) if isinstance(v, dict) else v for name, v in self.details.items()}
        return translate(self.message, language, details) if self.message else self.code


@dataclass(frozen=True)
class Drawn:
    """A plot as the file draws it; `change`: new, changed or unchanged. `shape`: WKB in hexadecimal digits."""

    code: str
    name_zh: str
    name_en: str
    change: str
    area_m2: float
    shape: str


@dataclass(frozen=True)
class DryRun:
    """What was found; `digest` only when the file can be imported."""

    counts: Mapping[str, int]
    digest: str | None
    issues: Sequence[Told]
    plots: Sequence[Drawn] = ()

    def pack(self) -> bytes:
        """Write it down."""
        return orjson.dumps(asdict(self))

    @classmethod
    def unpack(cls, content: bytes) -> Self:
        """Read it again."""
        row = orjson.loads(content)
        told, drawn = [Told(**issue) for issue in row["issues"]], [Drawn(**plot) for plot in row["plots"]]
        return cls(row["counts"], row["digest"], told, drawn)


def planned(session: Session, plan: Plan[Any], parsed: Parsed | None, rows: Rows | None) -> DryRun:
    """Return the dry run of a file that can be imported."""
    aside = [
        Issue(row.reason, "", NO_SCORE if row.reason == MISSING else NOT_LINKED, {"plot": _of(row), "name": row.name})
        for row in plan.aside
    ]
    told = [_told(SET_ASIDE, issue, row=row.row) for issue, row in zip(aside, plan.aside, strict=True)]
    told += [_told(REMARK, issue) for issue in plan.remarks]
    counts = {"rows": plan.rows, **plan.counts}
    counts |= {"remarks": len(plan.remarks), "set_aside": len(plan.aside), "errors": 0}
    drawn = _drawn(plan.compared) if isinstance(plan.compared, Compared) else []
    return DryRun(counts, plan.digest, _placed(session, _kept(told), parsed, rows), drawn)


def refused(session: Session, refusal: Invalid | Conflict, parsed: Parsed | None, rows: Rows | None) -> DryRun:
    """Return the dry run of a file that cannot be imported, with all that is wrong."""
    issues: list[Issue] = getattr(refusal, "issues", [])
    issues = issues or [Issue(refusal.code, "", refusal.message, refusal.details)]
    count = len(parsed.columns["row"]) if parsed else len(rows.rows) if rows else 0
    told = _kept([_told(ERROR, issue) for issue in issues])
    return DryRun({"rows": count, "errors": len(issues)}, None, _placed(session, told, parsed, rows))


def _of(row: Any) -> str:
    return str(row.content.get("plot", ""))[:40]


def _told(weight: str, issue: Issue, row: int | None = None) -> Told:
    at = issue.at
    details = {name: _plain(value) for name, value in issue.details.items()}
    return Told(weight, issue.code, at.row or row, at.column, at.lon, at.lat, issue.message, details)


def _plain(value: object) -> object:
    """A detail as JSON has it; a phrase stays one, so that it is translated when it is read."""
    if isinstance(value, Phrase):
        return {"say": str(value)}
    if isinstance(value, Decimal | date):
        return str(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _kept(told: list[Told]) -> list[Told]:
    """Order issues by row; of more than anybody reads, keep the first and say how many there are."""
    ordered = sorted(told, key=lambda issue: (issue.weight, issue.row or 0))
    more = len(ordered) - KEPT
    if more <= 0:
        return ordered
    rest = Told(ordered[KEPT].weight, "more_issues", None, "", None, None, MORE_ISSUES, {"count": more})
    return [*ordered[:KEPT], rest]


def _placed(session: Session, told: list[Told], parsed: Parsed | None, rows: Rows | None) -> list[Told]:
    """Give issues that have a row but no point the place of the row's plot."""
    places = dict(_rows_of_plots(parsed) if parsed else _rows_of_register(session, told, rows) if rows else ())
    return [_at(issue, places.get(issue.row or 0)) if issue.lon is None else issue for issue in told]


def _at(issue: Told, place: Place | None) -> Told:
    return issue if place is None else Told(**{**asdict(issue), "lon": place[0], "lat": place[1]})


def _rows_of_plots(parsed: Parsed) -> Iterator[tuple[int, Place]]:
    for row, point in zip(parsed.columns["row"], parsed.points, strict=False):
        if point is not None:
            yield row, point


def _rows_of_register(session: Session, told: list[Told], rows: Rows) -> Iterator[tuple[int, Place]]:
    wanted = {issue.row for issue in told}
    plots = {number: row["plot"] for number, row in rows.rows if number in wanted and row.get("plot")}
    codes = sorted(set(plots.values()))[:DRAWN]
    inside = {r.plot.code: r.version.shape.representative_point() for r in register(session, codes=codes)}
    for number, code in plots.items():
        if point := inside.get(code):
            yield number, (point.x, point.y)


def _drawn(compared: Compared) -> list[Drawn]:
    """Return the plots of a file, those first that change something."""
    ordered = [("changed", change.fact) for change in compared.changed] + [("new", fact) for fact in compared.new]
    ordered += [("unchanged", change.fact) for change in compared.unchanged]
    return [_drawing(change, fact) for change, fact in ordered[:DRAWN]]


def _drawing(change: str, fact: PlotFacts) -> Drawn:
    shape = shapely.to_wkb(fact.shape, hex=True)
    return Drawn(fact.code, fact.name_zh, fact.name_en, change, fact.measured_area_m2, shape)
