"""Each test has a database of its own, at the newest schema."""

import pytest
from sqlalchemy import create_engine, text

from service.migrations import current, newest


def test_a_database_is_migrated(database_url: str) -> None:
    assert current(database_url) == newest()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_database_is_fresh(database_url: str, turn: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE footprint (turn TEXT)"))  # the second one fails if it meets the first's
    engine.dispose()
