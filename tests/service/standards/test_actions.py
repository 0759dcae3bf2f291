"""Catalogues are entered once by the host, and read by everybody."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from service.access.models import Organisation
from service.access.queries import organisation_by_code
from service.access.rules import NotYours
from service.core.errors import UnknownCode
from service.standards.actions import EntryTaken, enter_catalogue
from service.standards.models import FindingType, Grade, Workday
from service.standards.queries import finding_type, finding_types, grades, operations, workdays
from tests.conftest import World
from tests.park import PEOPLE, names


def park(world: World) -> Organisation:
    return world.read("host", organisation_by_code, "park")


@pytest.mark.parametrize("who", [*PEOPLE, "host"])
def test_everybody_reads_the_catalogues(world: World, who: str) -> None:
    assert list(world.read(who, finding_types)) == ["litter", "weeds"]
    assert list(world.read(who, grades)) == ["1", "2"]
    assert list(world.read(who, operations)) == ["mowing"]
    assert world.read(who, finding_type, "weeds").points == Decimal("0.5")


def test_a_code_that_names_nothing_is_refused_by_name(world: World) -> None:
    with pytest.raises(UnknownCode) as refused:
        world.read("viewer", finding_type, "snow")
    assert refused.value.details == {"kind": "finding type", "value": "snow"}


@pytest.mark.parametrize("who", PEOPLE)
def test_only_the_host_enters_catalogues(world: World, who: str) -> None:
    with pytest.raises(NotYours):
        world.act(who, enter_catalogue, park(world), "grades", [Grade(code="9", **names("nine"))])


def test_a_code_is_taken_once_and_the_rest_of_its_file_is_not_written(world: World) -> None:
    rows = [Grade(code="9", **names("nine")), Grade(code="1", **names("one"))]
    with pytest.raises(EntryTaken) as refused:
        world.act("host", enter_catalogue, park(world), "grades", rows)
    assert refused.value.details == {"catalogue": "grades"}
    assert list(world.read("viewer", grades)) == ["1", "2"]


def test_points_keep_six_decimals(world: World) -> None:
    row = FindingType(code="ice", **names("ice"), unit="m2", grouping="x", cure_days=0, points=Decimal("0.000001"))
    world.act("host", enter_catalogue, park(world), "finding_types", [row])
    assert str(world.read("viewer", finding_type, "ice").points) == "0.000001"


def test_the_calendar_names_the_days_that_differ_from_the_week(world: World) -> None:
    days = {date(2013, 10, 1): False, date(2013, 9, 29): True}
    rows = [Workday(day=day, open=is_open, source="test") for day, is_open in days.items()]
    world.act("host", enter_catalogue, park(world), "workdays", rows)
    assert world.read("viewer", workdays) == days


def test_a_type_is_known_only_on_the_days_of_its_catalogue(world: World) -> None:
    kind = world.read("viewer", finding_type, "litter")
    world.read("viewer", finding_type, "litter", on=kind.valid_from)
    with pytest.raises(UnknownCode):
        world.read("viewer", finding_type, "litter", on=kind.valid_from - timedelta(days=1))
