"""GeoPackages as strangers make them: one plot, then whatever SQL somebody ran over it."""

import sqlite3
import struct
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import geopandas
import shapely

SQUARE = shapely.box(118.85, 31.92, 118.852, 31.922)
HEADER = b"GP\x00\x01" + struct.pack("<i", 4326)  # before the WKB of a geometry


@cache
def good() -> bytes:
    """Return a GeoPackage of one plot."""
    row = {"code": "J2-008", "name_zh": "lawn", "zone": "Z2"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        geopandas.GeoDataFrame([row], geometry=[SQUARE], crs="EPSG:4326").to_file(path, driver="GPKG", layer="plots")
        return path.read_bytes()


def changed(*statements: str | tuple[str, Sequence[object]]) -> bytes:
    """Return one after SQL by whoever cares for no rule: no triggers of its own, the schema writable."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(good())
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            names = raw.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'plots'"
            ).fetchall()
            for (name,) in names:
                raw.execute(f'DROP TRIGGER "{name}"')
            raw.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                raw.execute(*((statement,) if isinstance(statement, str) else statement))
        return path.read_bytes()


def holding(wkb: bytes) -> bytes:
    """Return one whose plot has this WKB."""
    return changed(("UPDATE plots SET geom = ?", (HEADER + wkb,)))
