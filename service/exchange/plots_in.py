"""Plots from a file: read apart, checked whole, then entered at once or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from unicodedata import category

import shapely
from pydantic import Field
from sqlmodel import Session

from gis import measure
from gis.checks import Extent
from gis.files import Layout, format_of
from gis.issue import SENTENCES
from gis.issue import Issue as GeometryIssue
from service.access.queries import the_authority
from service.core.actor import Actor
from service.core.errors import HasIssues, Issue, Spot, found
from service.core.http import Body
from service.core.i18n import N_, Phrase
from service.core.money import round_places
from service.core.readers import CONTROL, number
from service.core.sandbox import COMMAND_LINE, Limits, run_apart
from service.exchange.plans import Plan, of_plots
from service.exchange.plots_read import Parsed, parse_plots
from service.exchange.report import Report, batch_of, close_plan, queue
from service.exchange.texts import BAD_CELL, CONTROLS, LONGEST, LONGEST_CODE, NEEDED, SHOWN, TOO_LONG, File
from service.plots import actions as plots
from service.plots.facts import Compared, PlotFacts, compare
from service.plots.queries import zones
from service.standards.queries import grades

CODE_TWICE = N_("The code {code} stands in rows {first} and {second}.")
UNKNOWN_ZONE = N_("There is no zone {zone}.")
UNKNOWN_GRADE = N_("There is no grade {grade} in the catalogue.")
UNKNOWN_FORMAT = N_("Plots come as .gpkg, .geojson, .zip (Shapefile) or .csv (with WKT).")

AN_AREA = N_("an area")
LARGEST = 2_000_000_000  # bytes of a file of the operator's
LONGEST_OF = {"code": LONGEST_CODE, "zone": LONGEST_CODE, "grade": LONGEST_CODE, "kind": LONGEST_CODE} | {
    "name_zh": LONGEST,
    "name_en": LONGEST,
}
UNSEEN = ("Cc", "Cf")  # Unicode's categories of signs that nobody sees: two codes would look the same
Wrong = tuple[str, str, str, dict[str, object]]


class PlotsLayout(Body):
    """How a foreign file maps onto ours."""

    columns: dict[str, str] = Field(default_factory=dict)
    geometry: str = "geometry"
    crs: str = ""
    encoding: str = ""
    area_unit: Literal["m2", "ha", "mu", "acre", "us_survey_acre"] = "m2"
    zones: dict[str, str] = Field(default_factory=dict)  # the file's word for a zone to the code of ours
    grades: dict[str, str] = Field(default_factory=dict)
    kinds: dict[str, str] = Field(default_factory=dict)


def parse_apart(file: File, layout: PlotsLayout, extent: Extent, limits: Limits = COMMAND_LINE) -> Parsed:
    """Read a file in a child process. Do it before the transaction that imports: it takes long, and writers wait."""
    declared = format_of(file.name)
    if not declared:
        raise HasIssues([Issue("format_unknown", file.name, UNKNOWN_FORMAT)])
    shape_layout = Layout(layout.columns, layout.geometry, layout.crs, layout.encoding)
    with TemporaryDirectory(prefix="greenkeep-") as folder:
        path = Path(folder) / "plots"  # a copy of what was hashed: the file itself may change meanwhile
        path.write_bytes(file.content)
        parsed: Parsed = run_apart(
            parse_plots, limits=limits, path=path, declared=declared, layout=shape_layout, extent=extent
        )
    return parsed


def extent_of(session: Session) -> Extent:
    """Return the authority's extent: west, south, east, north in degrees."""
    authority, _ = found(the_authority(session))
    return authority.west, authority.south, authority.east, authority.north


def plan_plots(
    session: Session, file: File, layout: PlotsLayout, *, valid_from: date, parsed: Parsed | None = None
) -> Plan[Compared]:
    """Return what a file would do to the register from a day on; refused with everything that is wrong.

    `parsed`: what `parse_apart` made of it already.
    """
    read = parsed or parse_apart(file, layout, extent_of(session))
    issues = [_said(file, issue) for issue in read.errors]
    if any(issue.place.row is None for issue in read.errors):
        raise HasIssues(issues)  # of the file or a whole column: what it says of each row would be noise
    rows, wrong = _rows(session, file, layout, read.columns)
    if issues or wrong:
        raise HasIssues(issues + wrong)
    facts = _facts(session, layout, read, rows)
    remarks = [_said(file, issue) for issue in read.remarks]
    return Plan(len(facts), compare(session, facts, valid_from), of_plots, remarks=remarks)


def import_plots(
    session: Session,
    actor: Actor,
    file: File,
    layout: PlotsLayout,
    *,
    valid_from: date,
    parsed: Parsed | None = None,
    shown: str | None = None,
) -> Report:
    """Bring the register to what the file says from a day on. With any error nothing is written.

    `shown`: the digest of what a dry run has shown; nothing else is written.
    """
    queue(session)
    plan = plan_plots(session, file, layout, valid_from=valid_from, parsed=parsed)
    plan.refuse_other_than(shown)
    batch = batch_of(session, actor, "plots", file)
    plots.enter_compared(session, actor, plan.compared, source=batch)
    return close_plan(session, actor, batch, plan)


def _rows(
    session: Session, file: File, layout: PlotsLayout, columns: Mapping[str, list[Any]]
) -> tuple[list[dict[str, Any]], list[Issue]]:
    """Return the rows of a file by the names of our fields, and what is wrong with them."""
    known_zones = {zone.code for zone in zones(session)}
    known_grades = set(grades(session))
    first_row: dict[str, int] = {}
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    issues = [
        Issue(code, f"{file.name}, row {row['row']}, {column}", message, details, Spot(row["row"], column))
        for row in rows
        for column, code, message, details in _wrong(row, layout, known_zones, known_grades, first_row)
    ]
    return rows, issues


def _wrong(
    row: Mapping[str, Any],
    layout: PlotsLayout,
    known_zones: set[str],
    known_grades: set[str],
    first_row: dict[str, int],
) -> list[Wrong]:
    """Return what is wrong with a row, each as its column, code, sentence and details."""
    wrong: list[Wrong] = []
    code, details = row["code"], dict[str, object]()
    if code and first_row.setdefault(code, row["row"]) != row["row"]:
        details = {"code": code[:SHOWN], "first": first_row[code], "second": row["row"]}
        wrong.append(("code", "code_twice", CODE_TWICE, details))
    wrong += [(column, "missing", NEEDED, {}) for column in ("code", "zone") if not row[column]]
    if not row["name_zh"] and not row["name_en"]:
        wrong.append(("name_en", "missing", NEEDED, {}))
    zone = layout.zones.get(row["zone"] or "", row["zone"])
    if zone and zone not in known_zones:
        wrong.append(("zone", "unknown_zone", UNKNOWN_ZONE, {"zone": zone[:SHOWN]}))
    grade = layout.grades.get(row["grade"] or "", row["grade"])
    if grade and grade not in known_grades:
        wrong.append(("grade", "unknown_grade", UNKNOWN_GRADE, {"grade": grade[:SHOWN]}))
    return wrong + list(_unfit_texts(row))


def _unfit_texts(row: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield the cells that no column of ours can hold."""
    for column, longest in LONGEST_OF.items():
        text = row[column] or ""
        unseen = longest == LONGEST_CODE and any(category(sign) in UNSEEN for sign in text)
        if CONTROL.search(text) or unseen:
            yield column, "unreadable_text", CONTROLS, {}
        if len(text) > longest:
            yield column, "string_too_long", TOO_LONG, {"max_length": longest}
    if row["declared_area"]:
        try:
            number(20)(row["declared_area"])
        except ValueError:
            details: dict[str, object] = {"value": row["declared_area"][:SHOWN], "wanted": Phrase(AN_AREA)}
            yield "declared_area", "bad_cell", BAD_CELL, details


def _facts(session: Session, layout: PlotsLayout, read: Parsed, rows: Sequence[Mapping[str, Any]]) -> list[PlotFacts]:
    known_zones = {zone.code: zone.id for zone in zones(session)}
    return [
        PlotFacts(
            code=row["code"],
            zone_id=known_zones[layout.zones.get(row["zone"], row["zone"])],
            name_zh=row["name_zh"] or row["name_en"],
            name_en=row["name_en"] or row["name_zh"],
            kind=layout.kinds.get(row["kind"] or "", row["kind"] or ""),
            grade=layout.grades.get(row["grade"] or "", row["grade"]) or None,
            declared_area_m2=_declared(row["declared_area"], layout.area_unit),
            measured_area_m2=area,
            area_method=measure.METHOD,
            crs_pipeline=read.pipeline,
            shape=shape,
        )
        for row, area, shape in zip(rows, read.areas, shapely.from_wkb(read.shapes), strict=True)
    ]


def _declared(text: str | None, unit: str) -> Decimal | None:
    """The register's figure in m2, rounded once to 0.01."""
    if not text:
        return None
    exact = Fraction(Decimal(text)) * measure.AREA_UNITS_M2[unit]
    return round_places(Decimal(exact.numerator) / Decimal(exact.denominator), 2)


def _said(file: File, issue: GeometryIssue) -> Issue:
    """Give an issue its sentence and its place in words."""
    place = [file.name]
    if issue.place.row is not None:
        place.append(f"row {issue.place.row}")
    if issue.place.column:
        place.append(issue.place.column)
    if issue.place.lon is not None:
        place.append(f"{issue.place.lon:.6f} {issue.place.lat:.6f}")
    details = dict(issue.details)
    if "reason" in details:
        details["reason"] = Phrase(details["reason"])
    return Issue(issue.code, ", ".join(place), SENTENCES[issue.code], details, Spot(*astuple(issue.place)))
