"""Whoever has a part in what a statement pays does not approve it, whatever that part is and whenever it was played."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from service.contracts.queries import contract_by_code
from service.core.actor import Actor
from service.core.dates import half_open
from service.core.db import now
from service.findings.rules import Act
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.settlement.rules import SamePerson
from tests.conftest import World
from tests.park import YEAR, amend, changed

FROM_MARCH = half_open(date(2013, 3, 1), date(2013, 12, 31))


def refused(world: World, code: str, who: str = "manager") -> None:
    """Check that somebody may not approve a statement."""
    with pytest.raises(SamePerson):
        world.approve(code, by=who)


@pytest.fixture
def february(world: World) -> World:
    """The first of February; January of C1 is prepared by the host and approved by manager-2."""
    world.on(date(2013, 2, 1))
    world.approve(world.prepare("C1", 1, by="host"))
    return world


def test_who_amended_paid_days_does_not_approve_the_correction_but_what_follows(february: World) -> None:
    february.act("manager", amend, "C1", changed("N-1", YEAR, price="4"))
    february.on(date(2013, 3, 1))
    code = february.prepare("C1", 2, by="host")
    refused(february, code)
    february.approve(code, by="manager-2")
    february.on(date(2013, 4, 1))
    february.approve(february.prepare("C1", 3, by="host"), by="manager")  # another has approved what it does by now


def test_who_amended_days_to_come_does_not_approve_the_first_of_them(february: World) -> None:
    february.act("manager", amend, "C1", changed("N-1", FROM_MARCH, price="4"))
    february.on(date(2013, 3, 1))
    february.approve(february.prepare("C1", 2, by="host"), by="manager")  # February does not know of it
    february.on(date(2013, 4, 1))
    code = february.prepare("C1", 3, by="host")
    refused(february, code)
    february.send_back(code)
    again = february.prepare("C1", 3, by="host")
    refused(february, again)  # sent back is not approved
    february.approve(again)
    february.on(date(2013, 5, 1))
    february.approve(february.prepare("C1", 4, by="host"), by="manager")


def test_who_amended_before_the_first_statement_does_not_approve_it(world: World) -> None:
    world.act("manager", amend, "C1", changed("N-1", YEAR, price="4"))
    world.on(date(2013, 2, 1))
    code = world.prepare("C1", 1, by="host")
    refused(world, code)
    world.approve(code)
    world.approve(world.prepare("C2", 1, by="host"), by="manager")  # it is of the other contract


def test_what_is_amended_after_the_preparation_is_of_the_next_statement(february: World) -> None:
    february.on(date(2013, 3, 1))
    code = february.prepare("C1", 2, by="host")
    february.act("manager", amend, "C1", changed("N-1", YEAR, price="4"))
    february.approve(code, by="manager")
    february.on(date(2013, 4, 1))
    later = february.prepare("C1", 3, by="host")
    refused(february, later)
    february.approve(later)


def test_who_withdrew_a_finding_before_the_statement_does_not_approve_it(february: World) -> None:
    """It is in none of the lines: nothing is deducted for it, and one person alone must not bring that about."""
    finding = february.file("N-1", on=date(2013, 2, 1))
    february.confirm(finding)
    february.take(finding, Act.WITHDRAW, "manager")
    february.on(date(2013, 3, 1))
    code = february.prepare("C1", 2, by="host")
    refused(february, code)
    february.approve(code)
    february.on(date(2013, 4, 1))
    february.approve(february.prepare("C1", 3, by="host"), by="manager")


def test_who_entered_scores_does_not_approve_what_they_come_to(february: World) -> None:
    def entering(session: Session, actor: Actor) -> None:
        contract, _ = contract_by_code(session, "C1")
        row = Score(
            plot_id=february.plots["N-1"],
            contract_id=contract.id,
            valid_from=date(2013, 2, 1),
            valid_to=date(2013, 3, 1),
            channel="inspection",
            score=Decimal(99),
            recorded_at=now(session),
            recorded_by=actor.code,
        )
        enter_scores(session, actor, [row], source=contract)

    february.on(date(2013, 3, 1))
    february.act("manager", entering)
    code = february.prepare("C1", 2, by="host")
    refused(february, code)
    february.approve(code)


def test_the_page_says_why_somebody_may_not_approve(february: World) -> None:
    february.act("manager", amend, "C1", changed("N-1", YEAR, price="4"))
    february.on(date(2013, 3, 1))
    code = february.prepare("C1", 2, by="host")
    sentence = "It rests on findings, scores or amendments of yours."
    assert sentence in february.browser("manager").get(f"/statements/{code}?lang=en").text
    assert sentence not in february.browser("manager-2").get(f"/statements/{code}?lang=en").text


def test_who_filed_a_finding_does_not_approve_what_it_costs(world: World) -> None:
    world.on(date(2013, 1, 10))
    world.confirm(world.file("N-1", by="manager"))
    world.on(date(2013, 2, 1))
    code = world.prepare("C1", 1, by="host")
    refused(world, code)
    world.approve(code, by="manager-2")
