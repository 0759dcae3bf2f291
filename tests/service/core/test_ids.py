"""Ids: UUIDv7, in the order in which they were made."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import pytest

from service.core import ids
from service.core.ids import new_id


def test_ids_are_uuids_of_version_7_with_the_time_in_front() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_each_is_greater_than_the_one_before() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_threads_never_get_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: [new_id() for _ in range(2000)], range(8)))
    assert all(part == sorted(part) for part in made)
    assert len({one for part in made for one in part}) == 16_000


def test_a_clock_that_goes_back_does_not_turn_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(ids, "system_clock", lambda: datetime.now(UTC) - timedelta(days=400))
    assert first < new_id() < new_id()


def test_ids_of_one_millisecond_cannot_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    starts = set()
    for day in range(200):
        monkeypatch.setattr(ids, "system_clock", lambda day=day: datetime(2150, 1, 1, tzinfo=UTC) + timedelta(days=day))
        starts.add(new_id().int & (1 << 62) - 1)
    assert len(starts) == 200
    monkeypatch.setattr(ids, "_last", 0)  # the far future would stay in force for the tests that follow
