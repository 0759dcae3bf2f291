"""Import of a register.

Seconds from a GeoPackage on disk to plots in a durable SQLite, by the ordinary path: read in a child process, checked,
measured, overlaps looked for, written as versions with their boxes, audited, committed. The peer reads with geopandas
and writes WKT rows with SQLModel's `add_all`, without any check, area, version, index or audit.
"""

import json
import tempfile
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import geopandas
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine

from service import models
from service.access.actions import add_organisation, found_authority
from service.access.models import Authority
from service.core.actor import Actor, Kind, Role
from service.core.db import Database
from service.exchange.plots_in import LARGEST, PlotsLayout, extent_of, import_plots, parse_apart
from service.exchange.report import Report
from service.exchange.texts import open_file
from service.migrations import upgrade
from service.plots.actions import add_zone
from tests.benchmarks.land import KINDS, stars
from tests.benchmarks.row import Row, seconds

COMPLETE = models  # imported so that the metadata is complete
COUNT, RUNS = 100_000, 1
HOST = Actor("host:benchmark", Role.HOST)


class Plain(SQLModel, registry=registry()):
    """Tables of the peer: none of ours, so they stand outside of our metadata."""


class PlainPlot(Plain, table=True):
    """What the peer writes."""

    __tablename__ = "plain_plot"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str
    zone: str
    kind: str
    shape: str


def write_plots(path: Path, count: int) -> None:
    """Write star-shaped plots of 50 to 70 vertices, none over another, into a GeoPackage."""
    shapes = stars(count, 110.0, 30.0)
    numbers = range(count)
    columns = {
        "code": [f"J{number:06d}" for number in numbers],
        "name_zh": [f"{number} 号地" for number in numbers],
        "name_en": [f"Plot {number}" for number in numbers],
        "zone": ["Z"] * count,
        "kind": [KINDS[number % len(KINDS)] for number in numbers],
    }
    geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(path, driver="GPKG", layer="plots")


def prepared(path: Path) -> Database:
    """Return a fresh database with an authority and a zone."""
    url = f"sqlite:///{path}"
    upgrade(url)
    database = Database(url)
    with database.transaction(HOST) as session:
        own = add_organisation(session, HOST, code="A", kind=Kind.AUTHORITY, name_zh="甲", name_en="A")
        place = {"time_zone": "Asia/Shanghai", "locale": "zh_CN", "currency": "CNY", "indicators": {}}
        extent = {"west": 109.0, "south": 29.0, "east": 112.0, "north": 32.0}
        facts: dict[str, Any] = {"organisation_id": own.id, **place, **extent}
        found_authority(session, HOST, Authority(**facts))
        add_zone(session, HOST, code="Z", parent=None, name_zh="区", name_en="Zone")
    return database


def bring_in(path: Path, folder: Path, count: int) -> Report:
    """Import as the command line does."""
    database = prepared(Path(tempfile.mkdtemp(dir=folder)) / "ours.db")
    file, layout = open_file(path, LARGEST), PlotsLayout()
    with database.transaction(HOST, write=False) as session:
        extent = extent_of(session)
    parsed = parse_apart(file, layout, extent)
    with database.transaction(HOST) as session:
        report = import_plots(session, HOST, file, layout, valid_from=date(2013, 1, 1), parsed=parsed)
    database.engine.dispose()
    assert report.batch.written == count
    return report


def bring_in_plain(path: Path, folder: Path) -> None:
    """Import as a short script does."""
    engine = create_engine(f"sqlite:///{tempfile.mkdtemp(dir=folder)}/plain.db")
    Plain.metadata.create_all(engine)
    frame = geopandas.read_file(path)
    with Session(engine) as session:
        rows = frame.drop(columns="geometry").to_dict("records")
        shapes = frame.geometry.to_wkt()
        session.add_all([PlainPlot(**row, shape=shape) for row, shape in zip(rows, shapes, strict=True)])
        session.commit()
    engine.dispose()


def main() -> list[Row]:
    """Measure both in one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "plots.gpkg"
        write_plots(path, COUNT)
        ours_s = seconds(partial(bring_in, path, folder, COUNT), runs=RUNS)
        plain_s = seconds(partial(bring_in_plain, path, folder), runs=RUNS)
    peer = "read_file + SQLModel add_all"
    return [Row("GeoPackage to durable, audited versions", f"{COUNT:,} plots", ours_s, "s", peer, plain_s, 2.5)]


if __name__ == "__main__":
    for row in main():
        print(json.dumps(asdict(row) | {"ratio": row.ratio}))
