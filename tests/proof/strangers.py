"""Files of plots as strangers make them to read what is not theirs, to reach other hosts, or to end their reader."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.proof.archives import packed, parts
from tests.proof.packages import changed, good

CANARY, SECRET = "greenkeep-canary", "CANARY-7f3a"
File = tuple[str, bytes]
ENDS = ("geojson", "gpkg", "zip", "csv", "json")
DEEP = 30_000


def lay_canary(folder: Path) -> Path:
    """Write the file that nobody may read."""
    path = folder / f"{CANARY}.csv"
    path.write_text(
        f'code,name_zh,zone,WKT\n{SECRET},x,Z,"POLYGON ((118 31,119 31,119 32,118 31))"\n', encoding="utf-8"
    )
    return path


def crafted(canary: Path) -> Iterator[tuple[str, File]]:
    """Yield each by its name, as (file name, bytes)."""
    elsewhere = {
        "file": str(canary),
        "http": f"http://127.0.0.1:9/{CANARY}",
        "curl": f"/vsicurl/http://127.0.0.1:9/{CANARY}",
        "zip of curl": f"/vsizip//vsicurl/http://127.0.0.1:9/{CANARY}.zip",
        "s3": f"/vsis3/bucket/{CANARY}",
    }
    for kind, source in elsewhere.items():
        for end in ENDS:
            yield f"VRT of {kind} as .{end}", (f"a.{end}", _vrt(source))
    for kind, text in _documents(canary).items():
        for end in ENDS:
            yield f"{kind} as .{end}", (f"a.{end}", text.encode())
    yield from ((f"CRS {kind}", ("a.geojson", geojson(crs))) for kind, crs in _systems(canary).items())
    yield from ((f"GeoPackage, {kind}", ("a.gpkg", content)) for kind, content in _packages(canary))
    yield from ((f"Shapefile, {kind}", ("a.zip", content)) for kind, content in _shapefiles(canary))


def _vrt(source: str) -> bytes:
    layer = f'<OGRVRTLayer name="{CANARY}"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>'
    return f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>".encode()


def _documents(canary: Path) -> dict[str, str]:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = '<?xml version="1.0"?><!DOCTYPE k ['
    xlink = f'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://127.0.0.1:9/{CANARY}"'
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    link = f"http://127.0.0.1:9/{CANARY}"
    linked = {"type": "link", "properties": {"href": link}}
    pipeline = f"gdal vector pipeline ! read {canary} ! write --of stream streamed"
    return {
        "XXE": f'{doctype}<!ENTITY x SYSTEM "file://{canary}">]>{kml}<name>&x;</name></Document></kml>',
        "laughs": f'{doctype}<!ENTITY l0 "ha">{entities}]>{kml}<name>&l9;</name></Document></kml>',
        "a network link": f"{kml}<NetworkLink><Link><href>{link}</href></Link></NetworkLink></Document></kml>",
        "GML by xlink": f'<gml:Feature xmlns:gml="http://www.opengis.net/gml" {xlink}/>',
        "a streamed algorithm": json.dumps({"type": "gdal_streamed_alg", "command_line": pipeline}),
        "WFS": f"WFS:{link}",
        "a name": str(canary),
        "ESRI JSON": json.dumps({"geometryType": "esriGeometryPolygon", "features": [], "url": link}),
        "TopoJSON": json.dumps({"type": "Topology", "objects": {}, "arcs": []}),
        "a linked CRS": json.dumps({"type": "FeatureCollection", "features": [], "crs": linked}),
    }


def _systems(canary: Path) -> dict[str, str]:
    return {
        "file": str(canary),
        "http": f"http://127.0.0.1:9/{CANARY}",
        "grid": f"+proj=longlat +nadgrids={canary} +type=crs",
        "init": f"+init={canary}:1",
        "urn": f"urn:ogc:def:crs:EPSG::{CANARY}",
        "deep": "PROJCS[" * 1000,
        "pipeline": f"+proj=pipeline +step +proj=vgridshift +grids={canary}",
        "long": "EPSG:" + "4" * 100_000,
        "JSON": '{"$schema": "http://127.0.0.1:9/' + CANARY + '", "type": "GeographicCRS", "name": "x"}',
    }


def geojson(crs: str) -> bytes:
    """Return a file of one plot that names its coordinate system so."""
    ring = [[118.1, 31.5], [118.2, 31.5], [118.2, 31.6], [118.1, 31.5]]
    row = {"type": "Feature", "properties": {"code": "x"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    named = {"type": "name", "properties": {"name": crs}}
    return json.dumps({"type": "FeatureCollection", "crs": named, "features": [row]}).encode()


def _packages(canary: Path) -> Iterator[tuple[str, bytes]]:
    """Yield GeoPackages: functions in views, tables of other engines, false promises, broken pages."""
    view = (
        "ALTER TABLE plots RENAME TO kept",
        "CREATE VIEW plots AS SELECT fid, geom, {} AS code, name_zh, zone FROM kept",
    )
    for name, call in {
        "asks a host": "ogr_geocode('x')",
        "asks a host back": "ogr_geocode_reverse(118, 31)",
        "a library": f"load_extension('{canary}')",
        "a file": f"readfile('{canary}')",
        "much": "hex(randomblob(900000000))",
        "a raster": f"gdal_get_pixel_value('{canary}', 1, 'georef', 1, 1)",
        "a tokenizer": "fts3_tokenizer('x')",
        "a layer elsewhere": f"ogr_datasource_load_layers('{canary}')",
        "without end": _endless(),
        "itself": "(SELECT code FROM plots)",
    }.items():
        yield f"a view calls {name}", changed(view[0], view[1].format(call))
    for name, table in {
        "OGR": f"VirtualOGR('{canary}')",
        "a Shapefile": f"VirtualShape('{canary}', 'UTF-8', 4326)",
        "a CSV": f"csv(filename='{canary}')",
        "text": f"VirtualText('{canary}')",
        "http": f"VirtualOGR('/vsicurl/http://127.0.0.1:9/{CANARY}')",
    }.items():
        sql = f"CREATE VIRTUAL TABLE extra USING {table}"
        row = "INSERT INTO sqlite_master VALUES ('table', 'extra', 'extra', 0, ?)"
        yield f"a table of {name}", changed((row, (sql,)), "DELETE FROM gpkg_contents", _content("extra"))
    trigger = "CREATE TRIGGER t AFTER {} ON plots BEGIN DELETE FROM plots; END"
    yield "a trigger", changed(trigger.format("INSERT"))
    for name, sql in {
        "another database": f"'; ATTACH DATABASE '{canary}' AS x; --",
        "quotes": '"; DROP TABLE plots; --',
        "no name": "",
    }.items():
        yield f"a layer named {name}", changed(("UPDATE gpkg_contents SET table_name = ?", (sql,)))
    for name, definition in {**_systems(canary), "nothing": ""}.items():
        statement = "UPDATE gpkg_spatial_ref_sys SET definition = ?, organization = 'X', organization_coordsys_id = 99"
        yield f"a system from {name}", changed((statement, (definition,)))
    yield (
        "metadata elsewhere",
        changed(
            "CREATE TABLE gpkg_metadata (id INTEGER PRIMARY KEY, md_scope, md_standard_uri, mime_type, metadata)",
            (
                "INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'text/xml', ?)",
                (str(canary), _documents(canary)["XXE"]),
            ),
        ),
    )
    whole = good()
    for name, at, value in (
        ("write-ahead", 18, b"\2\2"),
        ("a page of 1", 16, b"\0\1"),
        ("UTF-16", 56, b"\0\0\0\2"),
        ("many pages", 28, b"\x7f" * 4),
    ):
        yield name, whole[:at] + value + whole[at + len(value) :]
    yield "cut off", whole[:5000]
    yield "nothing behind its head", whole[:100] + bytes(90_000)


def _endless() -> str:
    return "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n)"


def _content(table: str) -> str:
    row = f"('{table}', 'features', '{table}', 4326)"
    return f"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES {row}"


def _shapefiles(canary: Path) -> Iterator[tuple[str, bytes]]:
    """Yield zipped Shapefiles whose parts say what is not so."""
    whole = {f"a{suffix}": content for suffix, content in parts().items()}
    for name, text in {**_systems(canary), "XML": _documents(canary)["XXE"], "many brackets": "GEOGCS[" * DEEP}.items():
        yield f"prj {name}", packed(whole | {"a.prj": text.encode()})
    for text in ("UTF-16", f"../{CANARY}", str(canary), "zlib", "x" * 10_000, "\0", "LDID/255", "rot13"):
        yield f"cpg {text[:20]!r}", packed(whole | {"a.cpg": text.encode()})
    yield "XML beside it", packed(whole | {"a.shp.xml": _documents(canary)["XXE"].encode()})
    for name in ("a.qix", "a.sbn", "a.sbx", "a.qpj"):
        yield f"rubbish in {name}", packed(whole | {name: b"SQT\1" + b"\xff" * 3000})
    for name, part, at, value in (
        ("many rows", "a.dbf", 4, b"\xff\xff\xff\x7f"),
        ("no fields", "a.dbf", 8, b"\x21\0"),
        ("a long head", "a.dbf", 8, b"\xff\xff"),
        ("long rows", "a.dbf", 10, b"\xff\xff"),
        ("a memo", "a.dbf", 0, b"\x83"),
        ("a wide field", "a.dbf", 48, b"\xff"),
        ("another kind", "a.shp", 32, b"\x1f\0\0\0"),
        ("another kind of record", "a.shp", 108, b"\x63\0\0\0"),
        ("many parts", "a.shp", 144, b"\xff\xff\xff\x7f"),
        ("many points", "a.shp", 148, b"\xff\xff\xff\x7f"),
        ("fewer than none", "a.shp", 148, b"\xff\xff\xff\xff"),
        ("a part far off", "a.shp", 152, b"\xff\xff\xff\x7f"),
        ("a long record", "a.shp", 104, b"\x7f\xff\xff\xff"),
        ("a long file", "a.shp", 24, b"\x7f\xff\xff\xff"),
        ("an index far off", "a.shx", 100, b"\x7f\xff\xff\xff"),
        ("a long index", "a.shx", 24, b"\x7f\xff\xff\xff"),
    ):
        content = whole[part]
        yield name, packed(whole | {part: content[:at] + value + content[at + len(value) :]})
