"""A contract's page: its amendments, what they add, and how near the ceiling that is."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from service.access.models import Authority
from service.core.actor import Actor
from service.core.dates import half_open
from tests.conftest import World
from tests.park import YEAR, added, amend, changed
from tests.service.web.visitor import signed_in


def _ceiling(session: Session, actor: Actor, percent: str) -> None:
    own = session.exec(select(Authority)).one()
    own.amendment_ceiling_percent = Decimal(percent)
    session.add(own)


def page(world: World, who: str = "manager", *, lang: str = "en", asked: str = "") -> str:
    answer = signed_in(world, who, lang=lang).get(f"/contracts/C1{asked}")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def amended(world: World) -> World:
    """The park in March: C1 has got S-2 for 400.00 more, and loses N-2 from October on."""
    world.on(date(2013, 3, 1))
    world.act("host", _ceiling, "10")
    world.act("manager", amend, "C1", added("S-2", YEAR, "100", "4"))
    world.act("manager", amend, "C1", changed("N-2", half_open(date(2013, 10, 1), date(2013, 12, 31)), "0"))
    return world


def test_amendments_stand_on_the_page_with_what_they_add(amended: World) -> None:
    text = page(amended)
    assert "Amendments 2" in text
    assert "S-2</a> is added" in text
    assert "N-2</a> is removed" in text
    assert "80% of the ceiling is used" in text
    assert "87.27% of it is used" in text
    assert ">400.00<" in text
    assert ">258.33<" in text, "333.33 x 3.10 x 3/12"
    chinese = page(amended, lang="zh")
    assert "合同变更 2" in chinese
    assert "已达上限的 80%" in chinese


@pytest.mark.parametrize(("more", "words"), [("0", "80% of"), ("58", "80% of"), ("59", "Ceiling exceeded")])
def test_the_tag_follows_the_sum(amended: World, more: str, words: str) -> None:
    if more != "0":
        amended.act("manager", amend, "C1", changed("S-2", YEAR, price=str(4 + Decimal(more) / 100)))
    assert words in page(amended)


def test_within_the_ceiling_and_without_one(world: World) -> None:
    world.on(date(2013, 3, 1))
    assert "Amendments" not in page(world)
    world.act("manager", amend, "C1", changed("N-1", YEAR, "1000"))
    assert "Amendments 1" in page(world)
    assert "ceiling" not in page(world)
    world.act("host", _ceiling, "10")
    assert "Within the ceiling" in page(world)


def test_a_reader_of_one_zone_sees_its_changes_alone(amended: World) -> None:
    text = page(amended, "inspector")
    assert "N-2</a> is removed" in text
    assert "S-2</a>" not in text


def test_a_past_day_knows_no_later_amendment(amended: World) -> None:
    assert "Amendments" not in page(amended, asked="?as_of=2013-02-28")
