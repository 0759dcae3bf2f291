"""No shape of query shows a row that its actor may not see."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, text, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from service.core import scope
from service.core.actor import Actor, Role
from service.core.scope import NotThroughTheDoor, everything, nothing, scope_of, visible
from service.plots.models import Plot, PlotVersion
from tests.conftest import World

Other = aliased(Plot)
TABLE: Any = SQLModel.metadata.tables["plot"]
CTE = select(Plot).cte()
SHAPES: dict[str, Any] = {
    "entity": select(Plot),
    "column": select(Plot.id),
    "alias": select(Other),
    "join": select(Plot).join(PlotVersion),
    "joined from the other side": select(col(PlotVersion.id)).join(Plot),
    "outer": select(Plot.id, Other.id).join(Other, col(Other.id) == col(Plot.id), isouter=True),
    "version": select(PlotVersion),
    "subquery": select(select(Plot).subquery().c.id),
    "cte": select(CTE.c.code),
    "in": select(Plot.code).where(col(Plot.id).in_(select(Other.id))),
    "grouped": select(Plot.code, func.count()).group_by(Plot.code),
    "distinct": select(Plot.code).distinct(),
    "ordered, limited": select(Plot).order_by(col(Plot.code)).limit(100),
    "locked": select(Plot).with_for_update(),
}
COUNTS: dict[str, Any] = {
    "count": select(func.count()).select_from(Plot),
    "count of a column": select(func.count(col(Plot.id))),
    "count of a subquery": select(func.count()).select_from(select(Plot).subquery()),
    "count of a union": select(func.count()).select_from(select(Plot.id).union(select(Other.id)).subquery()),
    "scalar subquery": select(select(func.count(col(Plot.id))).scalar_subquery()),
}
SEEN = {"manager": 4, "inspector": 2, "inspector-s": 2, "green-1": 2, "river-1": 1}


@pytest.mark.parametrize("who", SEEN)
def test_every_shape_of_query_is_narrowed(world: World, who: str) -> None:
    world.on(date(2013, 3, 2))
    rows = SEEN[who]
    with world.session(who, write=True) as session:
        assert {shape: len(session.exec(query).all()) for shape, query in SHAPES.items()} == dict.fromkeys(SHAPES, rows)
        assert {shape: session.exec(query).one() for shape, query in COUNTS.items()} == dict.fromkeys(COUNTS, rows)
        assert sum(session.get(Plot, plot_id) is not None for plot_id in world.plots.values()) == rows


def test_the_day_asked_about_decides(world: World) -> None:
    with world.session("green-1") as session:
        for day, rows in {
            date(2012, 12, 31): 0,
            date(2013, 1, 1): 2,
            date(2013, 12, 31): 2,
            date(2014, 1, 1): 0,
        }.items():
            assert len(session.exec(visible(select(PlotVersion), as_of=day)).all()) == rows


def test_writes_in_bulk_are_narrowed(world: World) -> None:
    with world.session("inspector-s", write=True) as session:
        changed: Any = session.exec(update(Plot).where(col(Plot.code) == "N-1").values(revision=99))
        assert changed.rowcount == 0


def test_a_session_without_an_actor_refuses_to_read(world: World) -> None:
    with world.database.transaction(None) as session, pytest.raises(NotThroughTheDoor):
        session.exec(select(Plot))
    with Session(world.database.engine) as session, pytest.raises(NotThroughTheDoor):
        session.get(Plot, world.plots["N-1"])


@pytest.mark.parametrize("query", [text("SELECT * FROM plot"), select(TABLE), select(func.now())], ids=str)
def test_only_mapped_tables_are_read(world: World, query: Any) -> None:
    with world.session("manager") as session, pytest.raises(NotThroughTheDoor):
        session.exec(query)


def test_what_nobody_registered_nobody_sees(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(scope._SCOPES, (Plot, Role.MANAGER))
    with world.session("manager") as session:
        assert session.exec(select(Plot)).all() == []


def test_a_table_has_one_scope_for_a_role() -> None:
    with pytest.raises(ValueError, match="already has a scope"):
        scope_of(Plot, Role.MANAGER)(nothing)
    assert scope_of(Plot, Role.MANAGER)(everything) is everything


def test_every_table_says_who_sees_it() -> None:
    """A person's role that nobody thought of sees nothing; a table that no role sees is a mistake."""
    registered = {model for model, _role in scope._SCOPES}
    tables = {mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    assert {table.__name__ for table in tables - registered} == set()


def test_an_actor_without_an_organisation_owns_nothing(world: World) -> None:
    stranger = Actor("stranger", Role.CONTRACTOR)
    with world.database.transaction(stranger, write=False) as session:
        assert session.exec(select(Plot)).all() == []


@pytest.mark.parametrize("who", ["inspector", "green-1"])
def test_what_is_in_sight_is_looked_up_row_by_row(world: World, who: str) -> None:
    """A list of all plots in sight, made anew for every query, takes seconds where there are a hundred thousand."""
    asked: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with world.session(who) as session:
        session.exec(select(PlotVersion).limit(1)).all()
    assert "EXISTS (SELECT" in asked[-1]
    assert not re.search(r"(subject_id|plot_id|plot\.id) IN \(SELECT", asked[-1])
