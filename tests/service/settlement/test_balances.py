"""What the doctor finds in statements that somebody changed past the program."""

from datetime import date

import pytest
from sqlalchemy import text

from service.settlement.queries import balance_issues
from tests.conftest import World

GUARDED = ("statement", "statement_line", "statement_decision")
# what is done in the database, what is found, and where
DAMAGE = {
    "another sum": (
        "UPDATE statement SET payable_minor = payable_minor + 1 WHERE code = 'C1-2013-01'",
        [("not_the_sum", "C1-2013-01")],
    ),
    "another amount": (
        "UPDATE statement_line SET amount_minor = amount_minor - 1 WHERE number = 1 AND statement_id = "
        "(SELECT id FROM statement WHERE code = 'C1-2013-02')",
        [("not_the_sum", "C1-2013-02"), ("not_the_root", "C1-2013-02")],
    ),
    "another fact": (
        "UPDATE statement SET inputs = inputs || ' ' WHERE code = 'C1-2013-02'",
        [("inputs_changed", "C1-2013-02")],
    ),
    "another line number": (
        "UPDATE statement_line SET number = 7 WHERE number = 1 AND statement_id = "
        "(SELECT id FROM statement WHERE code = 'C1-2013-01')",
        [("line_gone", "C1-2013-01")],
    ),
    "a period moved": (
        "UPDATE statement SET valid_from = '2013-02-02' WHERE code = 'C1-2013-02'",
        [("not_contiguous", "C1")],
    ),
    "an approval's number": ("UPDATE statement_decision SET number = 9 WHERE number = 2", [("number_gap", "2013")]),
}


@pytest.fixture
def settled(world: World) -> World:
    """January and February of C1, with a deduction."""
    world.on(date(2013, 1, 10))
    world.confirm(world.file("N-1", quantity="2"))
    world.on(date(2013, 3, 1))
    world.settle("C1", 1, 2)
    return world


def found(world: World) -> list[tuple[str, str]]:
    return [(issue.code, issue.place) for issue in world.read("host", balance_issues)]


def past_the_guards(world: World, statement: str) -> None:
    with world.database.engine.begin() as connection:
        for table in GUARDED:
            if world.database.is_sqlite:
                for verb in ("update", "delete", "insert"):
                    connection.execute(text(f"DROP TRIGGER {table}_{verb}"))
            else:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"))
        connection.execute(text(statement))


def test_good_statements_balance(settled: World) -> None:
    assert found(settled) == []


@pytest.mark.parametrize("name", DAMAGE)
def test_each_change_is_found_and_named(settled: World, name: str) -> None:
    statement, wanted = DAMAGE[name]
    past_the_guards(settled, statement)
    assert found(settled) == wanted
