"""Statements on a past day, and what a finding costs."""

import re
from datetime import date

from tests.conftest import World
from tests.service.web.visitor import signed_in


def settled(world: World) -> str:
    """File and confirm a finding of January, settle the month; return the finding's code."""
    world.on(date(2013, 1, 20))
    finding = world.file("N-1", quantity="2")
    world.confirm(finding)
    world.on(date(2013, 2, 2))
    world.approve(world.prepare("C1", 1))
    world.on(date(2013, 2, 10))
    return re.search(r"F-2013-\d+", signed_in(world, "manager").get("/findings?state=all").text)[0]  # type: ignore[index]


def test_on_a_past_day_later_statements_are_not_there_yet(world: World) -> None:
    settled(world)
    browser = signed_in(world, "manager")
    for page in ("/statements", "/contracts/C1"):
        assert "C1-2013-01" in browser.get(page).text
        assert "C1-2013-01" in browser.get(f"{page}?as_of=2013-02-02").text
        assert "C1-2013-01" not in browser.get(f"{page}?as_of=2013-02-01").text
    assert browser.get("/statements/C1-2013-01?as_of=2013-02-01").status_code == 404


def test_a_finding_leads_to_what_it_costs(world: World) -> None:
    code = settled(world)
    page = signed_in(world, "green-1").get(f"/findings/{code}").text
    assert re.search(r'href="/statements/C1-2013-01#line-\d"', page)
    assert "2 points" in page
    assert "20.00" in page, "the scheme takes ten yuan a point"
    assert "What it costs" not in signed_in(world, "viewer").get(f"/findings/{code}").text


def test_who_sees_no_money_is_told_so(world: World) -> None:
    answer = signed_in(world, "viewer").get("/statements")
    assert answer.status_code == 403
    assert "No statement yet" not in answer.text
