"""G2: a geometry that would cost much, or mean nothing, is refused with its reason, quickly."""

import json
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import geopandas
import numpy as np
import shapely
import shapely.affinity

from service.core.sandbox import WEB
from service.evidence.rules import MEGABYTE
from tests.proof.apart import DEATH, TOGETHER, apart, resident
from tests.proof.archives import packed
from tests.proof.at_hand import summary
from tests.proof.check import Check, Outcome, Trial
from tests.proof.packages import holding
from tests.proof.reading import plots, plots_not_looked_at

QUICK_S, GROWTH_BYTES = 2.0, 50 * MEGABYTE
X, Y = 118.85, 31.92
NO_PLOT = ("geometry_kind", "geometry_unreadable", "geometry_missing")  # GDAL drops what is nested beyond 32


class Bomb(NamedTuple):
    """A file, and the reasons one of which must be given; none where the geometry may be used."""

    file: str
    content: bytes
    reasons: tuple[str, ...]


def bombs(full: bool) -> Iterator[tuple[str, Bomb]]:
    """Yield every bomb by its name."""
    for name, ring, reason in _rings():
        yield name, _json({"type": "Polygon", "coordinates": ring}, reason)
    for name, geometry, reason in _others():
        yield name, _json(geometry, reason)
    for name, text, reason in _texts():
        yield f"WKT {name}", Bomb("a.csv", f'code,name_zh,zone,geometry\nx,x,Z,"{text}"\n'.encode(), (reason,))
    for depth in (50, 1000, 100_000):
        text = '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth
        yield f"{depth} collections", Bomb("a.geojson", text.encode(), ("file_too_deep",))
        text = '{"type":"Polygon","coordinates":' + "[" * depth + "]" * depth + "}"
        yield f"{depth} lists", Bomb("a.geojson", text.encode(), ("file_too_deep", "coordinates_unusable"))
    for depth in (50, 1000, 100_000):
        yield f"WKB {depth} deep", Bomb("a.gpkg", holding(_deep_wkb(depth)), NO_PLOT)
    comb = _comb(4000)
    yield "comb on comb", _plots([comb, shapely.affinity.rotate(comb, 90, origin=(X, Y))], ())
    many = _circle(10_000_000 if full else 1_000_000)
    yield f"{shapely.get_num_coordinates(many)} vertices", Bomb("a.zip", _shapefile(many), ("vertices_many",))


def _rings() -> Iterator[tuple[str, Any, str]]:
    box = [[X, Y], [X + 0.01, Y], [X + 0.01, Y + 0.01], [X, Y + 0.01], [X, Y]]
    yield "a good one", [box], ""
    yield "the same point again", [[box[0], *box]], ""
    yield "a thousand degrees", [[[x * 10, y * 10] for x, y in box]], "out_of_range"
    yield "axes swapped", [[[y, x] for x, y in box]], "out_of_range"
    yield (
        "axes swapped within the world",
        [[[31.92, 80.0], [31.93, 80.0], [31.93, 80.1], [31.92, 80.0]]],
        "out_of_extent",
    )
    yield "over the dateline", [[[179.9, Y], [-179.9, Y], [-179.9, Y + 0.1], [179.9, Y]]], "out_of_extent"
    yield "another datum", [[[500_000 + x, 3_500_000 + y] for x, y in box]], "out_of_range"
    yield "a bow-tie", [[box[0], box[2], box[1], box[3], box[0]]], "geometry_invalid"
    yield "a hole outside", [box, [[x + 0.1, y] for x, y in box]], "geometry_invalid"
    yield "a hole that is all", [box, box], "geometry_invalid"
    yield "a spike", [[*box[:2], [X + 0.05, Y], *box[1:]]], "geometry_invalid"
    yield "a sliver", [[[X, Y], [X + 0.01, Y], [X + 0.02, Y], [X, Y]]], "geometry_invalid"
    yield "a point thrice", [[box[0]] * 4], "ring_too_short"
    yield "open", [box[:-1]], "ring_not_closed"
    yield "empty", [], "geometry_empty"
    yield "an empty ring", [[]], "ring_not_closed"


def _others() -> Iterator[tuple[str, Any, str]]:
    box = shapely.geometry.mapping(shapely.box(X, Y, X + 0.01, Y + 0.01))
    yield "a point", {"type": "Point", "coordinates": [X, Y]}, "geometry_kind"
    yield "a line", {"type": "LineString", "coordinates": [[X, Y], [X + 1, Y]]}, "geometry_kind"
    yield "a collection", {"type": "GeometryCollection", "geometries": [box]}, "geometry_kind"
    yield "a curve", {"type": "CurvePolygon", "coordinates": box["coordinates"]}, "coordinates_unusable"
    yield "two on each other", {"type": "MultiPolygon", "coordinates": [box["coordinates"]] * 2}, "geometry_invalid"
    yield "texts", {"type": "Polygon", "coordinates": [[["118", "31"]] * 4]}, "coordinates_unusable"
    yield "nothing", None, "geometry_missing"
    yield "a huge number", {"type": "Polygon", "coordinates": [[[10**400, 1]] * 4]}, "format_mismatch"
    high = [[[*point, 9.0, 9.0] for point in ring] for ring in box["coordinates"]]
    yield "heights and measures", {"type": "Polygon", "coordinates": high}, ""


def _texts() -> Iterator[tuple[str, str, str]]:
    yield "NaN", f"POLYGON (({X} {Y}, nan {Y}, {X} 32, {X} {Y}))", "wkt_unreadable"
    yield "infinite", f"POLYGON (({X} {Y}, 1e999 {Y}, {X} 32, {X} {Y}))", "not_finite"
    yield "a collection", "GEOMETRYCOLLECTION EMPTY", "wkt_unreadable"
    yield "deep", "POLYGON " + "(" * 100_000 + ")" * 100_000, "wkt_too_deep"
    yield "long", "POLYGON ((" + "0 0, " * 450_000 + "0 0))", "wkt_too_long"
    yield "open", "POLYGON ((0 0, 1 0, 1 1))", "geometry_unreadable"
    yield "a datum", f"SRID=3857;POLYGON (({X} {Y}, 119 31, 118 31, {X} {Y}))", "wkt_unreadable"


def _json(geometry: Any, reason: str) -> Bomb:
    row = {"type": "Feature", "properties": {"code": "x", "name_zh": "x", "zone": "Z"}, "geometry": geometry}
    return Bomb(
        "a.geojson", json.dumps({"type": "FeatureCollection", "features": [row]}).encode(), (reason,) if reason else ()
    )


def _plots(shapes: list[Any], reasons: tuple[str, ...]) -> Bomb:
    frame = geopandas.GeoDataFrame({"code": [f"P-{n}" for n in range(len(shapes))]}, geometry=shapes, crs="EPSG:4326")
    return Bomb("a.geojson", frame.to_json().encode(), reasons)


def _comb(teeth: int) -> shapely.Polygon:
    step = 0.01 / teeth
    edge = [(X + n * step, Y + (0.01 if n % 2 else 0.0001)) for n in range(teeth)]
    return shapely.Polygon([(X, Y), *edge, (X + 0.01, Y)])


def _circle(count: int) -> shapely.Polygon:
    turns = np.linspace(0, 2 * np.pi, count)
    grid = np.round(np.column_stack([X + 0.01 * np.cos(turns), Y + 0.01 * np.sin(turns)]) * 2**26) / 2**26
    return shapely.Polygon(np.vstack([grid, grid[:1]]))


def _shapefile(shape: shapely.Polygon) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        geopandas.GeoDataFrame({"code": ["x"]}, geometry=[shape], crs="EPSG:4326").to_file(Path(folder) / "a.shp")
        return packed({path.name: path.read_bytes() for path in Path(folder).iterdir()})


def _deep_wkb(depth: int) -> bytes:
    point = struct.pack("<BIdd", 1, 1, X, Y)
    return struct.pack("<BII", 1, 7, 1) * depth + point


def run(trial: Trial) -> Outcome:
    """Read every bomb in the child process; as a control, without a look at geometries."""
    wrong: list[str] = []
    cases = dict(bombs(trial.full))
    before = resident()
    how = plots_not_looked_at if trial.control else plots
    files = {name: (bomb.file, bomb.content) for name, bomb in cases.items()}
    groups = [{name: file} for name, file in files.items()] if trial.full and not trial.control else [files]
    read = {name: one for group in groups for name, one in apart(how, group, WEB if trial.full else TOGETHER).items()}
    growth = resident() - before
    slowest = max(one.cpu_s for one in read.values())
    for name, bomb in cases.items():
        one = read[name]
        if one.codes == [DEATH]:
            continue  # ended, and refused
        if set(bomb.reasons).isdisjoint(one.codes) and (bomb.reasons or one.codes):
            wrong.append(f"{name}: {one.codes}, not {bomb.reasons}")
        if one.cpu_s > QUICK_S and bomb.reasons:
            wrong.append(f"{name}: {one.cpu_s:.1f} s")
    if growth > GROWTH_BYTES:
        wrong.append(f"{growth} bytes more here")
    dead = sum(one.codes == [DEATH] for one in read.values())
    tried = f"{len(cases)} geometries, {dead} ended their reader, the slowest {slowest:.1f} s, "
    tried += f"{growth // MEGABYTE} MB more here"
    return Outcome(not wrong, summary(wrong, tried))


CHECK = Check(
    name="G2",
    claim="A geometry that costs too much or means nothing is refused with its reason, none is mended in silence, "
    "and a good one is read",
    target="each with its own reason within 2 s of CPU, or ended within 10 s; at most 50 MB more here",
    control="no look at geometries",
    run=run,
)
