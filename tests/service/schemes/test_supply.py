"""A scheme that reads what nobody hands over is refused by name."""

import pytest

from service.schemes.actions import enter_scheme
from service.schemes.issues import SchemeRefused
from service.schemes.language import read_scheme
from service.schemes.supply import unsupplied
from tests.conftest import World
from tests.park import SCHEME

LOST = """        from: findings
        per: [finding, contract, month]
"""


@pytest.mark.parametrize(
    ("read", "word"),
    [
        ("from: findings\n        where: {channel: hotline}", "findings.channel"),
        ("from: findings\n        where: {excuse: storm}", "findings.excuse"),
        ("from: findings\n        where: {grade: special}", "contracts.grade"),
        ("from: findings\n        where: plot_kind is known", "plots.kind"),
    ],
)
def test_a_column_that_nobody_hands_over_is_named(read: str, word: str) -> None:
    text = SCHEME.replace("from: findings", read, 1).replace("pots:", "terms: {plot_kind: kind}\npots:", 1)
    assert [issue.details["word"] for issue in unsupplied(read_scheme(text))] == [word]


def test_it_is_not_entered(world: World) -> None:
    text = SCHEME.replace("scheme: park", "scheme: other").replace(
        "from: findings", "from: findings\n        where: {severity: severe, channel: hotline}", 1
    )
    with pytest.raises(SchemeRefused) as refused:
        world.act("manager", enter_scheme, text)
    assert [issue.code for issue in refused.value.issues] == ["LATER"]


def test_a_table_that_nobody_hands_over_is_named() -> None:
    text = SCHEME.replace(LOST, LOST.replace("findings", "tasks").replace("finding,", "task,"), 1)
    text = text.replace("value: points * part(quantity)", "value: quantity")
    assert [issue.details["word"] for issue in unsupplied(read_scheme(text))] == ["tasks"]


def test_what_is_handed_over_may_be_read() -> None:
    assert unsupplied(read_scheme(SCHEME)) == []
