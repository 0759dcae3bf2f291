"""Plots for benchmarks of maps: made the same every time, as a frame and as a served register."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import geopandas
import numpy as np
import shapely
from sqlmodel import Session, col, select

from service.access.models import Organisation
from service.access.queries import user_by_code
from service.access.sign_in_actions import issue_link, issue_token
from service.app import create_app
from service.contracts.actions import sign_contract
from service.core.dates import Clock
from service.core.db import Database
from service.core.settings import Settings
from service.migrations import upgrade
from service.plots.actions import enter_plots
from service.plots.facts import PlotFacts
from service.plots.models import Plot
from service.plots.queries import zone_by_code
from service.schemes.models import SchemeVersion
from tests import park
from tests.support.browser import served

KINDS = ("lawn", "corner", "median", "square", "strip")


def plots(count: int) -> geopandas.GeoDataFrame:
    """Return star-shaped plots of 50 to 70 vertices and 0.4 to 20 ha on a 300 m grid from 118.85E 31.9N."""
    chance = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(count)))
    shapes = []
    for number in range(count):
        vertices = int(chance.integers(50, 71))
        angles = np.sort(chance.uniform(0, 2 * np.pi, vertices))
        radius = np.sqrt(np.clip(chance.lognormal(0.6, 0.8), 0.4, 20) * 10_000 / np.pi) / 111_320
        radii = radius * chance.uniform(0.7, 1.1, vertices)
        lon = 118.85 + (number % side) * 0.0032 + chance.uniform(0, 0.0005)
        lat = 31.9 + (number // side) * 0.0027 + chance.uniform(0, 0.0005)
        shapes.append(
            shapely.Polygon(np.column_stack([lon + np.cos(angles) * radii / 0.85, lat + np.sin(angles) * radii]))
        )
    columns = {
        "id": [str(number) for number in range(count)],
        "code": [f"J{number:06d}" for number in range(count)],
        "name": [f"Plot {number}" for number in range(count)],
        "kind": [KINDS[number % len(KINDS)] for number in range(count)],
    }
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


class Served(NamedTuple):
    """A register behind a real server: where it is, a link that signs a browser in, a program's token."""

    url: str
    link: str
    token: str


@contextmanager
def register_served(folder: Path, frame: geopandas.GeoDataFrame, clock: Clock) -> Iterator[Served]:
    """Serve the tests' park with these plots, all under one contract of the year 2013; entered as users enter them."""
    settings = Settings(folder=folder)
    folder.mkdir(mode=0o700)
    upgrade(settings.url)
    database = Database(settings.url, zone=park.ZONE, clock=clock)
    with database.transaction(park.HOST) as session:
        park.build(session)
        _enter(session, frame)
    with database.transaction(park.HOST) as session:
        _sign(session)
        manager = user_by_code(session, "manager")
        link = issue_link(session, park.HOST, manager)
        token = issue_token(session, park.HOST, manager, name="benchmark")
    database.engine.dispose()
    with served(create_app(settings, clock=clock)) as url:
        yield Served(url, f"{url}/sign-in/{link}", token)


def _enter(session: Session, frame: geopandas.GeoDataFrame) -> None:
    zone = zone_by_code(session, "N1")
    facts = [
        PlotFacts(
            row.code, zone.id, row.name, row.name, row.kind, "12"[n % 2], None, 1.0, "geod", "EPSG:4326",
            shapely.MultiPolygon([shape]),
        )
        for n, (row, shape) in enumerate(zip(_rows(frame), frame.geometry, strict=True))
    ]  # fmt: skip
    enter_plots(session, park.HOST, facts, valid_from=park.ALWAYS, source=zone)


class _Row(NamedTuple):
    code: str
    name: str
    kind: str


def _rows(frame: geopandas.GeoDataFrame) -> Iterator[_Row]:
    return map(_Row._make, zip(frame["code"], frame["name"], frame["kind"], strict=True))


def _sign(session: Session) -> None:
    contractor = session.exec(select(Organisation).where(Organisation.code == "river")).one()
    scheme = session.exec(select(SchemeVersion)).one()
    named = session.exec(select(Plot.id, Plot.code).where(col(Plot.code).startswith("J"))).all()
    lines = [park.new_line(plot, code, "1000.00", "1.2") for plot, code in named]
    sign_contract(session, park.HOST, park.new_contract("BIG", contractor.id, scheme.id), lines)
