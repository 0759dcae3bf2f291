"""The park with something of everything, as tests/service/full_world.py makes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Stand, World, in_park
from tests.service.full_world import Target, fill
from tests.support.masters import Masters, migrated

Filled = tuple[Stand, dict[str, Target]]


def in_full(url: str, folder: Path, stand: Stand) -> Filled:
    """Step: put something of everything into the park."""
    made = World(url, folder, stand)
    targets = fill(made)
    made.close()
    return made.stand, targets


@pytest.fixture
def filled(masters: Masters, tmp_path: Path) -> Iterator[tuple[World, dict[str, Target]]]:
    """Yield the full park in a database that no other test sees, and its targets."""
    with masters.copied(tmp_path, migrated, in_park, in_full) as (url, (stand, targets)):
        made = World(url, tmp_path, stand)
        try:
            yield made, targets
        finally:
            made.close()


@pytest.fixture
def full(filled: tuple[World, dict[str, Target]]) -> World:
    """Return the full park."""
    return filled[0]


@pytest.fixture
def targets(filled: tuple[World, dict[str, Target]]) -> dict[str, Target]:
    """Return the targets of the full park."""
    return filled[1]
