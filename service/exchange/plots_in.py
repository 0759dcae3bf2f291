"""Plots from a file: read apart, checked whole, then entered at once or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import shapely
from pydantic import Field
from sqlmodel import Session

from gis import measure
from gis.checks import Extent, overlap_issues
from gis.files import Layout, PlotsFile, format_of, read_plots
from gis.issue import SENTENCES
from gis.issue import Issue as GeometryIssue
from service.access.queries import the_authority
from service.core.actor import Actor
from service.core.errors import HasIssues, Issue, found
from service.core.http import CONTROL, Body
from service.core.i18n import N_, Phrase
from service.core.money import round_places
from service.core.sandbox import COMMAND_LINE, Limits, run_apart
from service.exchange.report import Report, batch_of, close_batch
from service.exchange.texts import BAD_CELL, CONTROLS, LONGEST, LONGEST_CODE, NEEDED, SHOWN, TOO_LONG, File, number
from service.plots import actions as plots
from service.plots.actions import PlotFacts
from service.plots.queries import zones
from service.standards.queries import grades

CODE_TWICE = N_("The code {code} stands in rows {first} and {second}.")
UNKNOWN_ZONE = N_("There is no zone {zone}.")
UNKNOWN_GRADE = N_("There is no grade {grade} in the catalogue.")
UNKNOWN_FORMAT = N_("Plots come as .gpkg, .geojson, .zip (Shapefile) or .csv (with WKT).")

AN_AREA = N_("an area")
THREADS = 2
LARGEST = 2_000_000_000  # bytes of a file of the operator's
LONGEST_OF = {"code": LONGEST_CODE, "zone": LONGEST_CODE, "grade": LONGEST_CODE, "kind": LONGEST_CODE} | {
    "name_zh": LONGEST,
    "name_en": LONGEST,
}
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


def parse_plots(
    path: Path, declared: str, layout: Layout, extent: Extent | None
) -> tuple[PlotsFile, list[float], list[GeometryIssue]]:
    """Read, check and measure a file. Runs in a child process; areas in m2, in the order of the rows."""
    read = read_plots(path, declared, layout, extent)
    if read.errors:
        return read, [0.0] * len(read.frame), []
    shapes = read.frame.geometry.to_numpy()
    codes = [str(code) for code in read.frame["code"]]
    with ThreadPoolExecutor(THREADS) as pool:  # both leave Python alone while they calculate
        overlaps = pool.submit(overlap_issues, shapes, codes)
        areas = np.concatenate(list(pool.map(measure.area_m2, np.array_split(shapes, THREADS * 4))))
        return read, areas.tolist(), overlaps.result()


class Parsed(NamedTuple):
    """What a child process made of a file: rows, their areas in m2, and overlaps."""

    read: PlotsFile
    areas: list[float]
    overlaps: list[GeometryIssue]


def parse_apart(file: File, layout: PlotsLayout, extent: Extent, limits: Limits = COMMAND_LINE) -> Parsed:
    """Read a file in a child process. Do it before the transaction that imports: it takes long, and writers wait."""
    declared = format_of(file.name)
    if not declared:
        raise HasIssues([Issue("format_unknown", file.name, UNKNOWN_FORMAT)])
    shape_layout = Layout(layout.columns, layout.geometry, layout.crs, layout.encoding)
    path = file.path.resolve()
    return Parsed(
        *run_apart(parse_plots, limits=limits, path=path, declared=declared, layout=shape_layout, extent=extent)
    )


def extent_of(session: Session) -> Extent:
    """Return the authority's extent: west, south, east, north in degrees."""
    authority, _ = found(the_authority(session))
    return authority.west, authority.south, authority.east, authority.north


def import_plots(
    session: Session,
    actor: Actor,
    file: File,
    layout: PlotsLayout,
    *,
    valid_from: date,
    parsed: Parsed | None = None,
) -> Report:
    """Bring the register to what the file says from a day on. With any error nothing is written.

    `parsed`: what `parse_apart` made of it already.
    """
    read, areas, overlaps = parsed or parse_apart(file, layout, extent_of(session))
    issues = [_said(file, issue) for issue in read.errors]
    if any(issue.place.row is None for issue in read.errors):
        raise HasIssues(issues)  # of the file or a whole column: what it says of each row would be noise
    facts, wrong = _facts(session, file, layout, read, areas)
    if issues or wrong:
        raise HasIssues(issues + wrong)
    remarks = [_said(file, issue) for issue in [*read.issues, *overlaps]]
    batch = batch_of(session, actor, "plots", file)
    entered = plots.enter_plots(session, actor, facts, valid_from=valid_from, source=batch)
    written = entered.new + entered.changed
    return close_batch(
        session, actor, batch, rows=len(facts), written=written, unchanged=entered.unchanged, remarks=remarks
    )


def _facts(
    session: Session, file: File, layout: PlotsLayout, read: PlotsFile, areas: Sequence[float]
) -> tuple[list[PlotFacts], list[Issue]]:
    known_zones = {zone.code: zone.id for zone in zones(session)}
    known_grades = set(grades(session))
    facts, issues = [], []
    first_row: dict[str, int] = {}
    usable = not read.errors
    for row, area in zip(read.frame.to_dict("records"), areas, strict=True):
        place = f"{file.name}, row {row['row']}"
        wrong = _wrong(row, layout, known_zones, known_grades, first_row)
        issues += [Issue(code, f"{place}, {column}", message, details) for column, code, message, details in wrong]
        if usable and not wrong:
            facts.append(_fact(row, layout, known_zones, area, read))
    return facts, issues


def _wrong(
    row: Mapping[str, Any],
    layout: PlotsLayout,
    known_zones: Mapping[str, Any],
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
        if CONTROL.search(text):
            yield column, "unreadable_text", CONTROLS, {}
        if len(text) > longest:
            yield column, "string_too_long", TOO_LONG, {"max_length": longest}
    if row["declared_area"]:
        try:
            number(20)(row["declared_area"])
        except ValueError:
            details: dict[str, object] = {"value": row["declared_area"][:SHOWN], "wanted": Phrase(AN_AREA)}
            yield "declared_area", "bad_cell", BAD_CELL, details


def _fact(
    row: Mapping[str, Any], layout: PlotsLayout, known_zones: Mapping[str, Any], area: float, read: PlotsFile
) -> PlotFacts:
    shape = row["geometry"]
    name_zh, name_en = row["name_zh"] or row["name_en"], row["name_en"] or row["name_zh"]
    assert read.pipeline
    return PlotFacts(
        code=row["code"],
        zone_id=known_zones[layout.zones.get(row["zone"], row["zone"])],
        name_zh=name_zh,
        name_en=name_en,
        kind=layout.kinds.get(row["kind"] or "", row["kind"] or ""),
        grade=layout.grades.get(row["grade"] or "", row["grade"]) or None,
        declared_area_m2=_declared(row["declared_area"], layout.area_unit),
        measured_area_m2=area,
        area_method=measure.METHOD,
        crs_pipeline=read.pipeline.name,
        shape=shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]),
    )


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
    return Issue(issue.code, ", ".join(place), SENTENCES[issue.code], details)
