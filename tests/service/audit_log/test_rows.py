"""Rows that somebody changed past the program, with the guards put back: the audit log still says what was written."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError
from sqlmodel import SQLModel

from service.audit_log import rows
from service.audit_log.rows import changed_rows
from service.core import stored
from service.core.errors import Issue
from service.core.i18n import translate
from service.core.settings import Settings
from service.doctor import examine
from tests.conftest import World
from tests.service.core.test_temporal import live_a_month

LINE = "(SELECT id FROM contract_line_version ORDER BY recorded_at, id LIMIT 1)"
FINDING = "(SELECT id FROM finding ORDER BY code LIMIT 1)"
NEW_ID = "0123456789ab7def8123456789abcdef"
# the table, what is done to it, and what is found: the code, and the columns
DAMAGE = {
    "a price": (
        "contract_line_version",
        f"UPDATE contract_line_version SET unit_price = unit_price + 1 WHERE id = {LINE}",
        [("row_changed", "unit_price")],
    ),
    "a quantity": (
        "finding",
        f"UPDATE finding SET quantity = quantity * 2 WHERE id = {FINDING}",
        [("row_changed", "quantity")],
    ),
    "a day and a word": (
        "finding",
        f"UPDATE finding SET found_on = '2013-01-01', text = 'nothing' WHERE id = {FINDING}",
        [("row_changed", "text"), ("row_changed", "found_on")],
    ),
    "nothing where something stood": (
        "score",
        "UPDATE score SET contract_id = NULL WHERE id = (SELECT id FROM score ORDER BY id LIMIT 1)",
        [("row_changed", "contract_id")],
    ),
    "an instant": (
        "statement_decision",
        "UPDATE statement_decision SET at = '2013-02-01 00:00:00' WHERE number = 1",
        [("row_changed", "at")],
    ),
    "a decision": (
        "statement_decision",
        "UPDATE statement_decision SET decision = 'sent_back' WHERE number = 1",
        [("row_changed", "decision")],
    ),
    "a shape": (
        "plot_version",
        "UPDATE plot_version SET shape = (SELECT shape FROM plot_version ORDER BY id DESC LIMIT 1) "
        "WHERE id = (SELECT id FROM plot_version ORDER BY id LIMIT 1)",
        [("row_changed", "shape")],
    ),
    "a step taken out": (
        "finding_event",
        f"DELETE FROM finding_event WHERE number = 2 AND finding_id = {FINDING}",
        [("row_gone", "")],
    ),
    "a step put in": (
        "finding_event",
        "INSERT INTO finding_event (id, finding_id, number, state, at, by, by_name, note, due_is_provisional) "
        f"SELECT '{NEW_ID}', finding_id, 3, 'withdrawn', at, by, by_name, '', due_is_provisional FROM finding_event "
        f"WHERE number = 2 AND finding_id = {FINDING}",
        [("row_unknown", "")],
    ),
    "a finding off its line": ("statement_finding", "DELETE FROM statement_finding", [("row_gone", "")] * 4),
}


@contextmanager
def unguarded(world: World, table: str) -> Iterator[Connection]:
    """Yield a connection on which a table may be changed; put its guards back as they were."""
    with world.database.engine.begin() as connection:
        if not world.database.is_sqlite:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"))
            yield connection
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only"))
            return
        asked = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
        guards = connection.execute(asked, {"table": table}).all()
        for name, _ in guards:
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for _, made in guards:
            connection.execute(text(made))


def damage(world: World, table: str, statement: str) -> None:
    with unguarded(world, table) as connection:
        connection.execute(text(statement))


def issues(world: World) -> list[Issue]:
    return world.read("host", changed_rows)


def test_an_untouched_world_has_nothing_to_say(full: World) -> None:
    assert issues(full) == []


def test_a_month_with_rows_in_every_table_has_nothing_to_say_but_of_what_was_not_logged(world: World) -> None:
    live_a_month(world)  # enters an import and a row set aside past the actions
    assert [(issue.code, issue.place.split()[0]) for issue in issues(world)] == [
        ("row_unknown", "import_batch"),
        ("row_unknown", "set_aside"),
    ]


def test_columns_tell_each_append_only_table_from_every_other() -> None:
    tables = SQLModel.metadata.tables.values()
    names = Counter(frozenset(table.c.keys()) for table in tables)
    assert [
        table.name for table in tables if table.info.get("append_only") and names[frozenset(table.c.keys())] > 1
    ] == []


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_change_is_named_by_table_id_and_column(full: World, kind: str) -> None:
    table, statement, wanted = DAMAGE[kind]
    damage(full, table, statement)
    found = issues(full)
    assert [(issue.code, str(issue.details.get("column", ""))) for issue in found] == wanted
    assert {issue.place.split()[0] for issue in found} == {table}
    assert "{" not in "".join(translate(i.message, lang, i.details) for i in found for lang in ("zh", "en"))


def test_rows_are_compared_batch_by_batch(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rows, stored):
        monkeypatch.setattr(module, "BATCH", 3)
    assert issues(full) == []
    damage(full, *DAMAGE["a price"][:2])
    assert [issue.code for issue in issues(full)] == ["row_changed"]


def test_what_cannot_be_read_is_named_too(full: World) -> None:
    unreadable = f"UPDATE finding SET quantity = 'many', found_on = 'soon' WHERE id = {FINDING}"
    if full.database.is_sqlite:
        damage(full, "finding", unreadable)
        assert [issue.details["column"] for issue in issues(full)] == ["quantity", "found_on"]
    else:
        with pytest.raises(DataError):  # a column holds what its type says, whoever writes
            damage(full, "finding", unreadable)


def test_with_a_document_erased_changes_are_still_named_but_not_rows_that_it_may_have_held(full: World) -> None:
    erased = "DELETE FROM audit_content WHERE seq = (SELECT min(seq) FROM audit_event WHERE verb = 'contract.sign')"
    damage(full, "audit_content", erased)
    assert issues(full) == []
    damage(full, *DAMAGE["a step put in"][:2])
    damage(full, *DAMAGE["a quantity"][:2])
    assert [issue.code for issue in issues(full)] == ["row_changed"]


def test_the_doctor_says_so_with_the_guards_put_back(full: World) -> None:
    full.folder.chmod(0o700)
    settings = Settings(folder=full.folder, database_url=full.url)
    table, statement, _ = DAMAGE["a quantity"]
    before = {issue.code for issue in full.read("host", examine, full.database, settings)}
    damage(full, table, statement)
    found = {issue.code for issue in full.read("host", examine, full.database, settings)}
    assert found - before == {"row_changed"}
