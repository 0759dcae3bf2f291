"""Opening a database: only one of this program's age, set up as it must be, living by the right clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from service.access.models import Authority
from service.core import db
from service.core.db import Database, now, today
from service.core.errors import HasIssues
from service.core.settings import Settings
from service.opening import CannotOpen, NothingThere, OtherSchema, open_database
from tests.conftest import World
from tests.service.exchange.files import HOST
from tests.support.databases import ENGINE


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(folder=tmp_path, database_url=database_url)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    yield database
    database.engine.dispose()


def of(world: World) -> Settings:
    return Settings(folder=world.folder, database_url=world.url)


def test_without_an_authority_it_lives_in_utc(opened: Database) -> None:
    assert opened.zone is UTC
    with opened.transaction(HOST, write=False) as session:
        assert abs(now(session) - datetime.now(UTC)) < timedelta(seconds=30)


def test_the_business_date_is_the_authoritys(world: World) -> None:
    database = open_database(of(world), clock=lambda: datetime(2013, 8, 5, 17, 30, tzinfo=UTC))
    assert database.zone == ZoneInfo("Asia/Shanghai")
    with database.transaction(HOST, write=False) as session:
        assert today(session) == date(2013, 8, 6), "half past one at night there"
    database.engine.dispose()


def test_another_schema_is_refused(settings: Settings) -> None:
    engine = create_engine(settings.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(OtherSchema) as refused:
        open_database(settings)
    assert refused.value.details["found"] == "9999"


def test_no_database_is_refused_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(NothingThere) as refused:
        open_database(Settings(folder=tmp_path / "nowhere", database_url=""))
    assert refused.value.details == {"place": f"{tmp_path}/nowhere/greenkeep.db"}
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "greenkeep.db").write_text("spades " * 99)
    with pytest.raises(CannotOpen):
        open_database(Settings(folder=tmp_path, database_url=""))


if ENGINE == "sqlite":

    @pytest.mark.parametrize(
        "pragma", ["synchronous=OFF", "foreign_keys=OFF", "trusted_schema=ON", "journal_mode=DELETE"]
    )
    def test_a_connection_that_is_not_set_up_is_refused(
        settings: Settings, pragma: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name = pragma.split("=")[0]
        loose = [pragma if kept.startswith(name) else kept for kept in db.PRAGMAS]
        monkeypatch.setattr(db, "PRAGMAS", loose)
        with pytest.raises(HasIssues) as refused:
            open_database(settings)
        assert [issue.place for issue in refused.value.issues] == [name]

    def test_every_connection_is_set_up(opened: Database) -> None:
        for _ in range(3):
            with opened.engine.connect() as connection:
                found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in db_settings()}
            assert found == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "trusted_schema": 0,
                "busy_timeout": 5000,
            }
            opened.engine.dispose()


def db_settings() -> list[str]:
    return [pragma.split("=")[0] for pragma in db.PRAGMAS]


def test_a_demo_begins_at_its_present_and_never_goes_back(world: World) -> None:
    world.on(date(2013, 5, 6))
    world.file("N-1")
    presents = (datetime(2013, 9, 3, tzinfo=UTC), datetime(2013, 1, 1, tzinfo=UTC))
    for present, first in zip(presents, (presents[0], world.instant), strict=True):
        with world.session("host", write=True) as session:
            session.get_one(Authority, 1).demo_at = present
        database = open_database(of(world))
        with database.transaction(HOST, write=False) as session:
            instant = now(session)
        database.engine.dispose()
        assert first <= instant < first + timedelta(minutes=1)
