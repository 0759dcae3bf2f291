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

from data.founding_case.books import BOOK, BOOK_OF_2012
from data.founding_case.contracts import JOINS, LOTS, LOTS_OF_2012, contract, lines
from data.founding_case.people import AUTHORITY, INDICATORS, ORGANISATIONS, users, zones
from data.founding_case.pictures import draw_pictures
from data.founding_case.plane import to_lonlat
from data.founding_case.plots import CHORD_M, Plot, plots, plots_of_2012
from data.founding_case.story import findings
from data.founding_case.streets import KINDS, RIVER, STREETS, lake, river
from data.founding_case.tasks import SEASON, SEASON_OF_2012, tasks

SCHEME = Path(__file__).parent.with_name("schemes") / "jn-2012.yaml"
PLOT_COLUMNS = ["code", "name_zh", "name_en", "zone", "kind", "grade"]


def write(folder: Path) -> None:
    """Write all files of the founding case into a folder, which is made if need be; the same bytes each time.

    (plots.gpkg is the exception: SQLite keeps a time of writing in it; its rows are the same.)
    """
    folder.mkdir(parents=True, exist_ok=True)
    before, register = plots_of_2012(), plots()
    _yaml(folder / "authority.yaml", _authority())
    _yaml(folder / "users.yaml", users())
    _geojson(folder / "plots-2012.geojson", _features(before))
    _geojson(folder / "plots.geojson", _features(register))
    _geopackage(folder / "plots.gpkg", register)
    _geojson(folder / "streets.geojson", _streets())
    _geojson(folder / "water.geojson", _water())
    shutil.copyfile(SCHEME, folder / SCHEME.name)
    for lot, known in [*((lot, before) for lot in LOTS_OF_2012), *((lot, register) for lot in LOTS)]:
        _yaml(folder / f"contract-{lot.contract}.yaml", contract(lot))
        _csv(folder / f"lines-{lot.contract}.csv", lines(lot, known))
    late = {code for _, code in JOINS}  # nobody's work for half a year: told neither of findings nor of tasks
    kept = [plot for plot in before if plot.code not in late]
    _csv(folder / "tasks-2012.csv", tasks(SEASON_OF_2012, kept))
    _csv(folder / "tasks.csv", tasks(SEASON, register))
    found_before, found = findings(BOOK_OF_2012, kept), findings(BOOK, register)
    _csv(folder / "findings-2012.csv", found_before)
    _csv(folder / "findings.csv", found)
    draw_pictures(folder / "photos", [*found_before, *found])


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


Features = Sequence[tuple[Mapping[str, Any], BaseGeometry]]


def _features(register: Sequence[Plot]) -> Features:
    rows = [(s.code, s.zh, s.en, s.zone, s.kind, s.grade) for s in (plot.sketch for plot in register)]
    properties = [dict(zip(PLOT_COLUMNS, row, strict=True)) for row in rows]
    return list(zip(properties, [plot.outline for plot in register], strict=True))


def _geopackage(path: Path, register: Sequence[Plot]) -> None:
    path.unlink(missing_ok=True)
    properties, outlines = zip(*_features(register), strict=True)
    frame = geopandas.GeoDataFrame(list(properties), geometry=list(outlines), crs="EPSG:4326")
    frame.to_file(path, driver="GPKG", layer="plots")


def _geojson(path: Path, features: Features) -> None:
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


def _streets() -> Features:
    return [
        (
            {"code": s.code, "name_zh": s.zh, "name_en": s.en, "class": s.kind, "width_m": KINDS[s.kind].carriageway_m},
            to_lonlat(shapely.simplify(s.line, CHORD_M)),
        )
        for s in STREETS.values()
    ]


def _water() -> Features:
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
