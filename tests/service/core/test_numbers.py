"""Numbers have no gaps and come once, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import Session

from service.core.errors import Busy
from service.core.numbers import continue_series, next_number
from tests.conftest import World
from tests.park import HOST

WRITERS, EACH = 6, 5


def test_a_series_begins_at_1_and_each_kind_has_its_own(world: World) -> None:
    with world.session("host", write=True) as session:
        assert [next_number(session, "a") for _ in range(3)] == [1, 2, 3]
        assert next_number(session, "b") == 1


def test_a_series_goes_on_behind_the_numbers_on_paper(world: World) -> None:
    with world.session("host", write=True) as session:
        continue_series(session, "approval 2013", 57)
        assert next_number(session, "approval 2013") == 58


def draw_and_fail(session: Session, kind: str, expected: int) -> None:
    assert next_number(session, kind) == expected
    raise ZeroDivisionError


def test_what_is_rolled_back_leaves_no_gap(world: World) -> None:
    with world.session("host", write=True) as session:
        assert next_number(session, "a") == 1
    with pytest.raises(ZeroDivisionError), world.session("host", write=True) as session:
        draw_and_fail(session, "a", 2)
    with world.session("host", write=True) as session:
        assert next_number(session, "a") == 2


def drawn(world: World) -> list[int]:
    """Let many writers draw numbers at once; one try in five fails afterwards."""
    start = Barrier(WRITERS)

    def one(database_world: World) -> list[int]:
        start.wait()
        mine: list[int] = []
        tries = 0
        while len(mine) < EACH:
            tries += 1
            try:
                with database_world.database.transaction(HOST) as session:
                    number = next_number(session, "c")
                    if tries % 5 == 0:
                        raise ZeroDivisionError
            except (Busy, ZeroDivisionError):
                continue
            mine.append(number)
        return mine

    with ThreadPoolExecutor(WRITERS) as pool:
        return sorted(number for mine in pool.map(one, [world] * WRITERS) for number in mine)


def test_many_writers_at_once_leave_no_gap_and_draw_none_twice(world: World) -> None:
    with world.session("host", write=True) as session:
        continue_series(session, "c", 0)
    numbers = drawn(world)
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_first_number_of_a_series_may_be_drawn_by_many_at_once(world: World) -> None:
    numbers = drawn(world)
    assert numbers == list(range(1, len(numbers) + 1))
