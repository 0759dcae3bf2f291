"""A large register: the park of the tests with a hundred thousand plots beside its own, each in several versions."""

import atexit
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlmodel import Session, select

from gis.measure import METHOD
from service.access.models import Organisation
from service.contracts.models import Contract, ContractLine, ContractLineVersion
from service.contracts.rules import Unit
from service.core.db import insert_many
from service.core.geometry import index_shapes
from service.core.ids import new_id
from service.core.quantities import AreaM2
from service.migrations import upgrade
from service.plots.models import Plot, PlotVersion, Zone
from service.schemes.models import SchemeVersion
from tests.conftest import World, park
from tests.park import YEAR, new_contract

PLOTS, ZONES, CONTRACTS, BATCH = 100_000, 20, 20, 10_000
KINDS = ("lawn", "corner", "median", "square", "strip")
DAY = date(2013, 9, 3)  # the day asked about
# as recorded, in this order: the register, two later surveys, and a correction of the first of them
VERSIONS = (
    (date(2010, 1, 1), datetime(2010, 1, 1, tzinfo=UTC)),
    (date(2012, 7, 1), datetime(2012, 7, 1, tzinfo=UTC)),
    (date(2014, 1, 1), datetime(2012, 8, 1, tzinfo=UTC)),
    (date(2012, 7, 1), datetime(2012, 9, 1, tzinfo=UTC)),
)


def stars(count: int, west: float, south: float) -> NDArray[np.object_]:
    """Return star-shaped plots of 50 to 70 vertices on a grid of about 300 m, none over another."""
    chance = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(count)))
    vertices = chance.integers(50, 71, count)
    owner = np.repeat(np.arange(count), vertices)
    starts = np.concatenate([[0], np.cumsum(vertices)])[:-1]
    turn = (np.arange(len(owner)) - starts[owner]) / vertices[owner] * 2 * np.pi
    radius = (0.0004 + 0.0008 * chance.random(count))[owner] * chance.uniform(0.7, 1.1, len(owner))
    lon = west + (owner % side) * 0.003 + radius * np.cos(turn)
    lat = south + (owner // side) * 0.003 + radius * np.sin(turn)
    made: NDArray[np.object_] = shapely.polygons(shapely.linearrings(np.column_stack([lon, lat]), indices=owner))
    return made


@cache
def land() -> World:
    """Return the park with the large register and its contracts, made once a run and gone after it."""
    folder = TemporaryDirectory(prefix="greenkeep-land-")
    atexit.register(folder.cleanup)
    url = f"sqlite:///{folder.name}/greenkeep.db"
    upgrade(url)
    standing = park(url, Path(folder.name))
    world = standing.__enter__()
    atexit.register(standing.__exit__, None, None, None)
    with world.session("host", write=True) as session:
        _fill(session, shapely.multipolygons(stars(PLOTS, 110.0, 30.0).reshape(-1, 1)))
    return world


def _fill(session: Session, shapes: NDArray[np.object_]) -> None:
    tops = {zone.code: zone for zone in session.exec(select(Zone))}
    zones = []
    for number in range(ZONES):
        top, code = tops["NS"[number % 2]], f"L{number:02}"
        names: dict[str, Any] = {"name_zh": f"{number} 片区", "name_en": code}
        zones.append(Zone(code=code, parent_id=top.id, path=f"{top.path}{code}/", **names))
    session.add_all(zones)
    scheme = session.exec(select(SchemeVersion)).one()
    firms = {firm.code: firm for firm in session.exec(select(Organisation))}
    contracts = [new_contract(f"L{n:02}", firms[("green", "river")[n % 2]].id, scheme.id) for n in range(CONTRACTS)]
    session.add_all(contracts)
    session.flush()
    for first in range(0, len(shapes), BATCH):
        _plots(session, first, shapes[first : first + BATCH], zones, contracts)


def _plots(
    session: Session, first: int, shapes: NDArray[np.object_], zones: list[Zone], contracts: list[Contract]
) -> None:
    numbers = range(first, first + len(shapes))
    plots = [{"id": new_id(), "code": f"J{number:06}", "revision": len(VERSIONS)} for number in numbers]
    insert_many(session, Plot, plots)
    texts = shapely.to_wkb(shapes)
    for n, (valid_from, recorded_at) in enumerate(VERSIONS):
        rows = [
            {
                "id": new_id(),
                "subject_id": plot["id"],
                "valid_from": valid_from,
                "valid_to": None,
                "recorded_at": recorded_at,
                "zone_id": zones[number % ZONES].id,
                "name_zh": f"{number} 号地",
                "name_en": f"Plot {number}",
                "kind": KINDS[(number + n) % len(KINDS)],
                "grade": "1",
                "declared_area_m2": (20_000 + number) * AreaM2.step,
                "measured_area_m2": 20_000.5 + n,
                "area_method": METHOD,
                "crs_pipeline": "EPSG:4326",
                "shape": text,
            }
            for number, plot, text in zip(numbers, plots, texts, strict=True)
        ]
        insert_many(session, PlotVersion, rows)
        index_shapes(session, [row["id"] for row in rows], shapes)
    lines = [_line(n, plot["id"], contracts[n % CONTRACTS]) for n, plot in zip(numbers, plots, strict=True)]
    insert_many(session, ContractLine, lines)
    insert_many(session, ContractLineVersion, [_as_signed(line) for line in lines])


def _line(number: int, plot_id: Any, contract: Contract) -> dict[str, Any]:
    return {"id": new_id(), "contract_id": contract.id, "plot_id": plot_id, "number": number + 1}


def _as_signed(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subject_id": line["id"],
        "valid_from": YEAR.valid_from,
        "valid_to": YEAR.valid_to,
        "recorded_at": datetime(2012, 12, 20, tzinfo=UTC),
        "quantity": (20_000 + line["number"]) * AreaM2.step,
        "unit": Unit.M2,
        "basis": "projected",
        "unit_price": line["number"] % 7 * AreaM2.step,
        "grade": "1",
        "amendment_id": None,
    }
