"""The last day for a cure, in the working days of a published calendar or of none."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from service.access.queries import organisation_by_code
from service.findings.models import FindingEvent
from service.findings.queries import finding_by_id
from service.findings.rules import Act
from service.standards.actions import enter_catalogue
from service.standards.models import FindingType, Workday
from service.standards.rules import DayUnit
from tests.conftest import World
from tests.park import HOST, names


def last_of(world: World, finding: UUID) -> FindingEvent:
    return world.read("manager", finding_by_id, finding).last


def test_a_cure_in_working_days_leaves_out_what_the_calendar_closes(world: World) -> None:
    world.on(date(2013, 8, 5))
    with world.session("host", write=True) as session:
        park = organisation_by_code(session, "park")
        days = {date(2013, 1, 1): False, date(2013, 9, 29): True, date(2013, 10, 1): False, date(2013, 12, 31): False}
        workdays = [Workday(day=day, open=is_open, source="test") for day, is_open in days.items()]
        enter_catalogue(session, HOST, park, "workdays", workdays)
        facts: dict[str, Any] = {"unit": "m2", "grouping": "lawn", "cure_days": 3, "points": Decimal(1)}
        kind = FindingType(code="ivy", **names("ivy"), **facts, cure_unit=DayUnit.WORKING_DAYS)
        enter_catalogue(session, HOST, park, "finding_types", [kind])
    findings = [world.file("N-1", type_="ivy") for _ in range(2)]
    world.on(date(2013, 9, 28))
    world.confirm(findings[0])
    due = last_of(world, findings[0])
    assert (due.due_on, due.due_is_provisional) == (date(2013, 10, 2), False)  # 29 and 30 September, 2 October
    world.on(date(2013, 12, 30))
    world.confirm(findings[1])
    world.take(findings[1], Act.REPORT_CURED, "green-1")
    due = last_of(world, findings[1])
    assert (due.due_on, due.due_is_provisional) == (date(2014, 1, 3), True)  # nobody has named the days of 2014
    told = world.client("green-1").get(f"/api/v1/findings/{findings[1]}").json()
    assert (told["due_on"], told["due_is_provisional"]) == ("2014-01-03", True)
    page = world.browser("green-1").get(f"/findings/{told['code']}").text
    assert "3 working days from confirmation" in page
    assert "Provisional" in page
