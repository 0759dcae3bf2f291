"""What is shown is what may be shown, in random worlds. The check Z2 makes more of them."""

import pytest

from tests.conftest import World
from tests.service.sight import differences, make

SEEDS = (7, 8)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_sees_more_or_less_than_is_theirs(world: World, seed: int) -> None:
    assert list(differences(world, make(world, seed), seed)) == []
