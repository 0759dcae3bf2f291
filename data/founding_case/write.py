"""Writes the founding case as the files an authority would hand in."""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas
import shapely
import yaml
from shapely.geometry.base import BaseGeometry

from data.founding_case.contracts import LOTS, contract, lines
from data.founding_case.people import AUTHORITY, INDICATORS, ORGANISATIONS, users, zones
from data.founding_case.pictures import draw_pictures
from data.founding_case.plane import to_lonlat
from data.founding_case.plots import CHORD_M, Plot, plots
from data.founding_case.story import findings
from data.founding_case.streets import KINDS, RIVER, STREETS, lake, river
from data.founding_case.tasks import tasks

SCHEME = Path(__file__).parent.with_name("schemes") / "jn-2012.yaml"
PLOT_COLUMNS = ["code", "name_zh", "name_en", "zone", "kind", "grade"]


def write(folder: Path) -> None:
    """Write all files of the founding case into a folder, which is made if need be; the same bytes each time.

    (plots.gpkg is the exception: SQLite keeps a time of writing in it; its rows are the same.)
    """
    folder.mkdir(parents=True, exist_ok=True)
    register = plots()
    _yaml(folder / "authority.yaml", _authority())
    _yaml(folder / "users.yaml", users())
    _plots(folder, register)
    _geojson(folder / "streets.geojson", _streets())
    _geojson(folder / "water.geojson", _water())
    shutil.copyfile(SCHEME, folder / SCHEME.name)
    for lot in LOTS:
        _yaml(folder / f"contract-{lot.contract}.yaml", contract(lot))
        _csv(folder / f"lines-{lot.contract}.csv", lines(lot, register))
    _csv(folder / "tasks.csv", tasks(register))
    reports = findings(register)
    _csv(folder / "findings.csv", reports)
    draw_pictures(folder / "photos", reports)


def _authority() -> dict[str, Any]:
    return {"authority": AUTHORITY, "indicators": INDICATORS, "organisations": ORGANISATIONS, "zones": zones()}


class _Spelled(yaml.SafeDumper):
    """Writes a value out each time it occurs: no anchors for people to follow."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(path: Path, content: Any) -> None:
    text = yaml.dump(content, Dumper=_Spelled, allow_unicode=True, sort_keys=False, width=120)
    path.write_text(text, encoding="utf-8", newline="\n")


def _csv(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _plots(folder: Path, register: Sequence[Plot]) -> None:
    rows = [(s.code, s.zh, s.en, s.zone, s.kind, s.grade) for s in (plot.sketch for plot in register)]
    properties = [dict(zip(PLOT_COLUMNS, row, strict=True)) for row in rows]
    outlines = [plot.outline for plot in register]
    _geojson(folder / "plots.geojson", list(zip(properties, outlines, strict=True)))
    target = folder / "plots.gpkg"
    target.unlink(missing_ok=True)
    frame = geopandas.GeoDataFrame(properties, geometry=outlines, crs="EPSG:4326")
    frame.to_file(target, driver="GPKG", layer="plots")


def _geojson(path: Path, features: Sequence[tuple[Mapping[str, Any], BaseGeometry]]) -> None:
    """One feature a line, so that a change of one plot reads as a change of one line."""
    lines_ = [
        json.dumps(
            {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(geometry)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, geometry in features
    ]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines_) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _streets() -> list[tuple[Mapping[str, Any], BaseGeometry]]:
    return [
        (
            {"code": s.code, "name_zh": s.zh, "name_en": s.en, "class": s.kind, "width_m": KINDS[s.kind].carriageway_m},
            to_lonlat(shapely.simplify(s.line, CHORD_M)),
        )
        for s in STREETS.values()
    ]


def _water() -> list[tuple[Mapping[str, Any], BaseGeometry]]:
    return [
        (
            {"name_zh": "学海湖", "name_en": "Xuehai Lake", "kind": "lake"},
            shapely.orient_polygons(to_lonlat(shapely.simplify(lake(), CHORD_M))),
        ),
        (
            {"name_zh": RIVER.zh, "name_en": RIVER.en, "kind": "river"},
            shapely.orient_polygons(to_lonlat(shapely.simplify(river(), CHORD_M))),
        ),
    ]
