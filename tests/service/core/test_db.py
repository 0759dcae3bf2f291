"""One transaction, one instant; all or nothing."""

from datetime import UTC, date, datetime
from pathlib import Path
from threading import Timer
from time import sleep
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlmodel import Session, select

from service.access.actions import add_organisation
from service.access.models import Organisation
from service.access.queries import organisations
from service.core import db
from service.core.actor import Kind
from service.core.db import Database, business_date, insert, now, rehearsal, today
from service.core.errors import Busy, CodeTaken
from service.core.scope import NotThroughTheDoor
from tests.conftest import World
from tests.park import HOST


def codes(world: World) -> set[str]:
    return {row.code for row in world.read("host", organisations)}


def add(session: Session, *codes_: str) -> None:
    for code in codes_:
        add_organisation(session, HOST, code=code, kind=Kind.BUILDER, name_zh=code, name_en=code)


def add_and_fail(session: Session) -> None:
    add(session, "new")
    raise ZeroDivisionError


def test_a_refusal_leaves_the_database_as_it_was(world: World) -> None:
    before = codes(world)
    with pytest.raises(CodeTaken), world.session("host", write=True) as session:
        add(session, "new", "green")
    assert codes(world) == before


def test_any_exception_leaves_the_database_as_it_was(world: World) -> None:
    before = codes(world)
    with pytest.raises(ZeroDivisionError), world.session("host", write=True) as session:
        add_and_fail(session)
    assert codes(world) == before


def test_a_rehearsal_goes_the_whole_way_and_leaves_nothing(world: World) -> None:
    before = codes(world)
    with rehearsal(world.database, HOST) as session:
        add(session, "new")
        assert "new" in {row.code for row in organisations(session)}
    assert codes(world) == before


def test_a_rehearsal_lets_refusals_out(world: World) -> None:
    with pytest.raises(CodeTaken), rehearsal(world.database, HOST) as session:
        add(session, "green")


def test_a_transaction_has_one_instant_and_the_next_a_later_one(world: World) -> None:
    with world.session("host") as session:
        first = now(session)
        assert now(session) == first
    with world.session("host") as session:
        assert now(session) > first


def test_the_business_date_is_the_authoritys_not_utcs(database_url: str) -> None:
    late = datetime(2013, 8, 31, 17, 30, tzinfo=UTC)
    database = Database(database_url, clock=lambda: late, zone=ZoneInfo("Asia/Shanghai"))
    with database.transaction(HOST, write=False) as session:
        assert today(session) == date(2013, 9, 1)
        assert business_date(session, datetime(2013, 8, 31, 15, 59, tzinfo=UTC)) == date(2013, 8, 31)
    database.engine.dispose()


def test_a_session_without_an_actor_refuses_to_read(world: World) -> None:
    with pytest.raises(NotThroughTheDoor), world.database.transaction(None) as session:
        session.exec(select(Organisation)).all()


def test_insert_names_what_is_taken(world: World) -> None:
    taken = CodeTaken(code="green")
    row = Organisation(code="green", kind=Kind.BUILDER, name_zh="旧", name_en="Old")
    with pytest.raises(CodeTaken) as refused, world.session("host", write=True) as session:
        insert(session, row, taken=taken)
    assert refused.value is taken


def test_rows_can_be_read_after_their_transaction(world: World) -> None:
    [row, *_] = world.read("host", organisations)
    try:
        assert row.code
    except DetachedInstanceError:
        pytest.fail("rows must outlive their session")


def test_a_writer_that_waits_on_sqlite_looks_as_often_at_the_end_as_in_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, waits = Database(f"sqlite:///{tmp_path}/queue.db"), list[float]()
    other = database.engine.execution_options(sqlite_begin="IMMEDIATE").connect()
    holding = other.begin()
    release = Timer(0.5, holding.rollback)

    def noted(seconds: float) -> None:
        waits.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(db, "sleep", noted)
    release.start()
    with database.transaction(HOST) as session:
        assert session.connection().execute(text("PRAGMA busy_timeout")).scalar_one() == 5000
    other.close()
    assert len(waits) > 10
    assert set(waits) == {db.LOOK_AGAIN_S}


def test_a_writer_that_waited_too_long_on_sqlite_is_told_so_and_other_trouble_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path}/queue.db")
    monkeypatch.setattr(db, "PATIENCE_S", 0.0)
    writer = database.engine.execution_options(sqlite_begin="IMMEDIATE")
    with writer.connect() as other, other.begin(), pytest.raises(Busy), database.transaction(HOST):
        pass
    monkeypatch.setattr(db, "PATIENCE_S", 60.0)
    with pytest.raises(OperationalError, match="syntax error"):
        database.engine.execution_options(sqlite_begin="AND NEVER ENDS").connect().begin()
