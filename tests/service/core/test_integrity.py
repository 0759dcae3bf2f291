"""What a database says of itself: pragmas, pages, foreign keys, spatial index."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from service.core import db
from service.core.db import Database
from service.core.integrity import EXPECTED, database_issues, setup_issues
from tests.conftest import World
from tests.support.databases import ENGINE

DAMAGE = {
    "a box is lost": "DELETE FROM plot_box WHERE id = 1",
    "a box is too many": "INSERT INTO plot_box VALUES (999, 1, 2, 3, 4)",
    "a box is elsewhere": "UPDATE plot_box SET west = 10, east = 11 WHERE id = 2",
}


def found(world: World) -> list[tuple[str, str]]:
    with world.session("host") as session:
        return [(issue.code, issue.place) for issue in database_issues(session, world.database)]


def damage(world: World, *statements: str) -> None:
    """Reach past the program, with the foreign keys off."""
    raw = world.database.engine.raw_connection()
    raw.execute("PRAGMA foreign_keys=OFF")
    for statement in statements:
        raw.execute(statement)
    raw.execute("PRAGMA foreign_keys=ON")
    raw.close()


def test_a_good_database_has_nothing_wrong(world: World) -> None:
    assert found(world) == []


if ENGINE == "sqlite":  # on PostgreSQL pages, keys and indexes are the server's own business

    @pytest.mark.parametrize("name", DAMAGE)
    def test_an_index_that_differs_from_the_shapes_is_found(world: World, name: str) -> None:
        damage(world, DAMAGE[name])
        assert found(world) == [("no_box", "plot_box")]

    def test_a_broken_foreign_key_is_found(world: World) -> None:
        damage(world, "UPDATE zone_posting SET zone_id = hex(randomblob(16))")
        assert {code for code, _ in found(world)} == {"not_whole"}
        assert found(world)[0][1].startswith("zone_posting ")

    def test_a_damaged_page_is_found(world: World) -> None:
        with world.database.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            root, size = (
                connection.execute(text(query)).scalar_one()
                for query in (
                    "SELECT rootpage FROM sqlite_master WHERE name = 'ix_audit_event_target'",
                    "PRAGMA page_size",
                )
            )
        world.database.engine.dispose()
        path = world.folder / "greenkeep.db"
        content = bytearray(path.read_bytes())
        at = int(root) * int(size) - 60
        content[at : at + 40] = bytes(40)
        path.write_bytes(content)
        assert "not_whole" in {code for code, _ in found(world)}

    @pytest.mark.parametrize("name", EXPECTED)
    def test_a_setting_that_did_not_take_is_found(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = {"journal_mode": "DELETE", "synchronous": "OFF", "foreign_keys": "OFF", "trusted_schema": "ON"}
        world.database.engine.dispose()
        given: Sequence[str] = [f"{pragma.split('=')[0]}={pragma.split('=')[1]}" for pragma in db.PRAGMAS]
        loose = Database(world.url)
        monkeypatch.setattr(
            db, "PRAGMAS", [f"{name}={wrong.get(name, '1')}" if p.startswith(f"{name}=") else p for p in given]
        )
        with loose.transaction(world.actors["host"], write=False) as session:
            assert [issue.place for issue in setup_issues(session, loose)] == [name]
        loose.engine.dispose()


def test_a_guard_that_was_taken_away_is_found(world: World) -> None:
    guard = "statement_update" if world.database.is_sqlite else "statement_append_only ON statement"
    with world.database.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER {guard}"))
    assert found(world) == [("unguarded", "statement")]


if ENGINE == "postgres":

    def test_a_guard_that_sleeps_and_a_key_that_was_got_past_are_found(world: World) -> None:
        with world.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE contract DISABLE TRIGGER ALL"))
            connection.execute(text("ALTER TABLE zone_posting DISABLE TRIGGER ALL"))
            connection.execute(text("UPDATE zone_posting SET zone_id = gen_random_uuid()"))
        assert found(world) == [("unguarded", "contract"), ("not_whole", "zone_posting zone_id")]
