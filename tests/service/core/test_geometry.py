"""Shapes in the database: they come back as they went in, and the index finds every one of them."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlmodel import Session, col, select

from service.access.queries import organisation_by_code
from service.core.actor import Actor
from service.core.geometry import SRID, Shape, _outward, touches
from service.plots.actions import enter_plots
from service.plots.models import PlotVersion
from service.plots.queries import register, zone_by_code
from tests.conftest import World
from tests.park import ALWAYS, square

SQLITE: Dialect = sqlite.dialect()
POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
SQUARE = shapely.MultiPolygon([shapely.box(118.8, 31.9, 118.9, 32.0, ccw=False)])


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=["sqlite", "postgres"])
def test_a_shape_reads_back_without_srid(dialect: Dialect) -> None:
    column = Shape("MultiPolygon")
    bound = column.process_bind_param(SQUARE, dialect)
    back = column.process_result_value(bound, dialect)
    assert back is not None
    assert shapely.equals_identical(back, SQUARE)
    assert shapely.get_srid(back) == 0
    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None


def test_postgis_gets_the_srid_with_each_shape() -> None:
    bound = Shape("MultiPolygon").process_bind_param(SQUARE, POSTGRES)
    assert shapely.get_srid(shapely.from_wkb(bound)) == SRID
    assert shapely.get_srid(SQUARE) == 0, "the caller's shape is left as it is"


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 1e-4), st.floats(0, 1e-4))
def test_a_box_never_loses_its_shape_to_32_bits(west: float, south: float, width: float, height: float) -> None:
    boxed = np.array(_outward((west, south, west + width, south + height)), dtype=np.float32)
    west_32, south_32, east_32, north_32 = (float(edge) for edge in boxed)
    assert west_32 <= west
    assert south_32 <= south
    assert east_32 >= west + width
    assert north_32 >= south + height


def _enter(session: Session, actor: Actor, places: list[tuple[float, float]]) -> None:
    zone = zone_by_code(session, "N1")
    facts = [square(f"G-{n}", west, south, zone.id) for n, (west, south) in enumerate(places)]
    enter_plots(session, actor, facts, valid_from=ALWAYS, source=organisation_by_code(session, "park"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(118.70, 119.0), st.floats(31.80, 32.0), st.floats(0.0001, 0.1))
def test_a_box_finds_what_a_scan_finds(grid: World, west: float, south: float, size: float) -> None:
    window = shapely.box(west, south, west + size, south + size)
    with grid.session("auditor") as session:
        everything = register(session)
        found = {record.plot.code for record in register(session, box=window.bounds)}
    exact = {record.plot.code for record in everything if record.version.shape.intersects(window)}
    near = {record.plot.code for record in everything if record.version.shape.distance(window) < 1e-4}
    assert exact <= found <= near, "never one too few; at the most a hand's breadth too many"


@pytest.fixture
def grid(world: World) -> World:
    places = [(118.72 + 0.02 * x, 31.82 + 0.02 * y) for x in range(10) for y in range(8)]
    world.act("host", _enter, places)
    return world


def test_boxes_go_with_their_transaction(world: World) -> None:
    def fail(session: Session, actor: Actor) -> None:
        _enter(session, actor, [(118.75, 31.85)])
        raise LookupError

    with pytest.raises(LookupError):
        world.act("host", fail)
    with world.session("auditor") as session:
        box = (118.74, 31.84, 118.76, 31.86)
        assert register(session, box=box) == []
        assert session.exec(select(col(PlotVersion.id)).where(touches(session, box))).all() == []
