"""Plots from a file: read apart, checked whole, entered at once or not at all."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlmodel import Session

from service.access.rules import NotYours
from service.core.actor import Actor
from service.core.errors import HasIssues
from service.core.integrity import database_issues
from service.exchange.plots_in import PlotsLayout, extent_of, import_plots, parse_apart
from service.exchange.report import Report
from service.exchange.texts import File, open_file
from service.plots.queries import Fix, plot_as_of, plot_of, versions_of
from tests.conftest import World
from tests.service.exchange.files import numbers, problems, said, state

FROM = date(2013, 3, 1)
FIELDS = ("code", "name_zh", "name_en", "zone", "kind", "grade", "declared_area")


def act(
    session: Session, actor: Actor, file: File, layout: PlotsLayout | None = None, valid_from: date = FROM
) -> Report:
    return import_plots(session, actor, file, layout or PlotsLayout(), valid_from=valid_from)


def box(west: float, south: float, size: float = 0.001) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shapely.box(west, south, west + size, south + size)))


def plot(code: str, geometry: Any, **cells: Any) -> dict[str, Any]:
    row = {"code": code, "name_zh": "地", "name_en": "Plot", "zone": "N1", "kind": "lawn", "grade": "1"}
    return {"type": "Feature", "properties": {**row, **cells}, "geometry": geometry}


def geojson(folder: Path, features: Sequence[dict[str, Any]], name: str = "plots.geojson") -> File:
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return open_file(folder / name)


def test_new_changed_and_unchanged_plots(world: World, tmp_path: Path) -> None:
    one, two = plot("P-1", box(118.81, 31.91)), plot("P-2", box(118.82, 31.91), declared_area=1000.005)
    report = world.act("manager", act, geojson(tmp_path, [one, two]))
    assert (report.batch.rows, report.batch.written, report.batch.unchanged) == (2, 2, 0)
    before = state(world.database)
    again = world.act("manager", act, geojson(tmp_path, [one, two]))
    assert (again.batch.written, again.batch.unchanged) == (0, 2)
    after = state(world.database)
    assert {n for n in after[0] if after[0][n] != before[0][n]} == {"import_batch", "audit_event", "audit_content"}
    moved = plot("P-1", box(118.83, 31.91), name_en="Moved")
    changed = world.act("manager", act, geojson(tmp_path, [moved, two]), valid_from=date(2013, 6, 1))
    assert (changed.batch.written, changed.batch.unchanged) == (1, 1)
    with world.session("auditor") as session:
        record = plot_as_of(session, "P-1", as_of=date(2013, 5, 31))
        assert record.version.name_en == "Plot", "from a day on: before it the old version holds"
        assert plot_as_of(session, "P-1", as_of=date(2013, 6, 1)).version.name_en == "Moved"
        assert len(versions_of(session, record.plot)) == 2
        assert record.plot.revision == 2
        area = plot_as_of(session, "P-2", as_of=FROM).version.declared_area_m2
        assert area == Decimal("1000.01"), "rounded once, half up"
        found = plot_of(session, Fix(118.8305, 31.9105), as_of=date(2013, 6, 1))
        assert found
        assert found.code == "P-1", "its new place is in the spatial index"
        assert list(database_issues(session, world.database)) == []


def test_every_bad_cell_and_shape_is_told_at_once(world: World, tmp_path: Path) -> None:
    before = state(world.database)
    corners = [[118.81, 31.91], [118.82, 31.92], [118.82, 31.91], [118.81, 31.92], [118.81, 31.91]]
    bow = {"type": "Polygon", "coordinates": [corners]}
    at = iter(range(1, 30))

    def good() -> dict[str, Any]:
        """Return a place that nobody else has."""
        return box(118.8 + 0.002 * next(at), 31.95)

    a_list: Any = ["P-16"]  # as some program may write it
    rows = [
        plot("", good()),
        plot("P-2", good(), name_zh="", name_en=None, zone="Z", grade="9"),
        plot("P-3", good(), zone=None, declared_area="1e3"),
        plot("P-4", good(), declared_area="-5"),
        plot("P-5", good(), declared_area="１２"),
        plot("P-6", good(), name_zh="a\x00b", name_en="c\u202ed"),
        plot("P" * 81, good(), kind="k" * 81, name_en="n" * 2001),
        plot("P-6", good()),
        plot("P-9", bow),
        plot("P-10", box(121.5, 31.2), zone="Z"),
        plot("P-11", {"type": "Point", "coordinates": [118.8, 31.9]}),
        plot("P-12", None),
        plot("P-13", good(), declared_area="9" * 70),
        plot("P-1\u200b4", good()),
        plot("P-1\n5", good()),
        plot(a_list, good()),
    ]
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, geojson(tmp_path, rows))
    found = [(place.split(", ")[1:], code) for place, code in problems(refused)]
    assert sorted((int(where[0].removeprefix("row ")), *where[1:2], code) for where, code in found) == [
        (1, "code", "missing"),
        (2, "grade", "unknown_grade"),
        (2, "name_en", "missing"),
        (2, "zone", "unknown_zone"),
        (3, "declared_area", "bad_cell"),
        (3, "zone", "missing"),
        (4, "declared_area", "bad_cell"),
        (5, "declared_area", "bad_cell"),
        (6, "name_en", "unreadable_text"),
        (6, "name_zh", "unreadable_text"),
        (7, "code", "string_too_long"),
        (7, "kind", "string_too_long"),
        (7, "name_en", "string_too_long"),
        (8, "code", "code_twice"),
        (9, "118.815000 31.915000", "geometry_invalid"),
        (10, "121.500500 31.200500", "out_of_extent"),
        (10, "zone", "unknown_zone"),
        (11, "geometry_kind"),
        (12, "geometry_missing"),
        (13, "declared_area", "bad_cell"),
        (14, "code", "unreadable_text"),
        (15, "code", "unreadable_text"),
        (16, "code", "cell_unusable"),
    ]
    [invalid] = [issue for issue in refused.value.issues if issue.code == "geometry_invalid"]
    assert "Self-intersection" in said(invalid, "en")
    assert "Self-intersection" not in said(invalid, "zh"), "the reason is told in Chinese, too"
    assert state(world.database) == before


def test_a_foreign_csv_is_mapped_and_its_area_converted(world: World, tmp_path: Path) -> None:
    layout = PlotsLayout(
        columns={"code": "id", "name_en": "label", "zone": "psa", "declared_area": "size"},
        geometry="shape",
        crs="EPSG:4490",
        encoding="GBK",
        area_unit="mu",
        zones={"北": "N1"},
        grades={"A": "1"},
        kinds={"草": "lawn"},
    )
    wkt = shapely.box(118.81, 31.91, 118.811, 31.911).wkt
    text = f'id,label,psa,size,grade,kind,shape\n7,Seven,北,1.5,A,草,"{wkt}"\n'
    (tmp_path / "p.csv").write_bytes(text.encode("gbk"))
    report = world.act("manager", act, open_file(tmp_path / "p.csv"), layout)
    assert report.batch.written == 1
    with world.session("auditor") as session:
        version = plot_as_of(session, "7", as_of=FROM).version
    assert (version.declared_area_m2, version.kind, version.grade) == (Decimal("1000.00"), "lawn", "1")
    assert version.crs_pipeline.startswith("EPSG:4490 -> EPSG:4326")
    assert version.measured_area_m2 == pytest.approx(10_480, rel=0.01)


def test_a_wrong_coordinate_system_puts_plots_out_of_the_extent(world: World, tmp_path: Path) -> None:
    before = state(world.database)
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, geojson(tmp_path, [plot("P-1", box(118.81, 31.91))]), PlotsLayout(crs="EPSG:32650"))
    assert [code for _, code in problems(refused)] == ["out_of_extent"]
    assert state(world.database) == before


@pytest.mark.parametrize(
    ("name", "content", "layout", "code"),
    [
        ("plots.kml", b"<kml/>", {}, "format_unknown"),
        ("plots.gpkg", b"not a geopackage", {}, "format_mismatch"),
        ("plots.geojson", b'{"type": "FeatureCollection", "features": [', {}, "format_mismatch"),
        ("plots.csv", "编号,shape\n1,x\n".encode("gbk"), {"geometry": "shape"}, "encoding_unusable"),
        (
            "plots.geojson",
            b'{"type": "FeatureCollection", "features": []}',
            {"encoding": "klingon"},
            "encoding_unusable",
        ),
        ("plots.geojson", b'{"type": "FeatureCollection", "features": []}', {"crs": "EPSG:999999"}, "file_empty"),
    ],
)
def test_a_file_that_is_none_is_one_issue(
    world: World, tmp_path: Path, name: str, content: bytes, layout: dict[str, str], code: str
) -> None:
    before = state(world.database)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, open_file(tmp_path / name), PlotsLayout.model_validate(layout))
    assert problems(refused) == [(name, code)]
    assert state(world.database) == before


def test_a_column_that_the_layout_names_must_be_there(world: World, tmp_path: Path) -> None:
    layout = PlotsLayout(columns={"code": "id", "zone": "psa"})
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, geojson(tmp_path, [plot("P-1", box(118.81, 31.91))]), layout)
    assert [code for _, code in problems(refused)] == ["column_missing", "column_missing"], "and nothing of each row"


def test_overlaps_are_remarks_not_errors(world: World, tmp_path: Path) -> None:
    rows = [plot("P-1", box(118.81, 31.91)), plot("P-2", box(118.8105, 31.91))]
    report = world.act("manager", act, geojson(tmp_path, rows))
    assert report.batch.written == 2
    [remark] = report.remarks
    assert (remark.code, remark.details["left"], remark.details["right"]) == ("overlap", "P-1", "P-2")
    assert numbers([(f"{remark.place}, -", remark.code)], "plots.geojson") == [(2, "-", "overlap")]


def test_only_the_authority_imports(world: World, tmp_path: Path) -> None:
    before = state(world.database)
    with pytest.raises(NotYours):
        world.act("viewer", act, geojson(tmp_path, [plot("P-1", box(118.81, 31.91))]))
    assert state(world.database) == before


def test_a_file_is_read_before_the_transaction_and_not_again(world: World, tmp_path: Path) -> None:
    file = geojson(tmp_path, [plot("P-1", box(118.81, 31.91))])
    parsed = parse_apart(file, PlotsLayout(), world.read("manager", extent_of))
    file.path.unlink()

    def enter(session: Session, actor: Actor) -> Report:
        return import_plots(session, actor, file, PlotsLayout(), valid_from=FROM, parsed=parsed)

    assert world.act("manager", enter).batch.written == 1
