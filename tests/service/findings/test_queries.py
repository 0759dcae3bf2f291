"""Who sees which findings, and what a list holds."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from service.core.errors import NotFound
from service.findings.queries import answerable, finding_by_id, findings, steps
from service.findings.rules import STANDING, Act, State
from tests.conftest import World

FOURTH, FIFTH = date(2013, 8, 4), date(2013, 8, 5)


@pytest.fixture
def named(world: World) -> dict[str, UUID]:
    """File findings: in both zones, confirmed and not, and one on ground without a contract."""
    world.on(FIFTH)
    ids = {
        "north filed": world.file("N-1", on=FOURTH),
        "north confirmed": world.file("N-2"),
        "south confirmed": world.file("S-1", by="inspector-s"),
        "north withdrawn": world.file("N-1"),
        "north withdrawn at once": world.file("N-1"),
        "nobody's confirmed": world.file("S-2", by="inspector-s"),
    }
    for name, finding_id in ids.items():
        if "confirmed" in name or name == "north withdrawn":
            world.confirm(finding_id)
    for name in ("north withdrawn", "north withdrawn at once"):
        world.take(ids[name], Act.WITHDRAW, "manager")
    return ids


NORTH = {"north filed", "north confirmed", "north withdrawn", "north withdrawn at once"}
SOUTH = {"south confirmed", "nobody's confirmed"}
SEEN = {
    "viewer": NORTH | SOUTH,
    "manager": NORTH | SOUTH,
    "auditor": NORTH | SOUTH,
    "host": NORTH | SOUTH,
    "supervisor": NORTH | SOUTH,
    "inspector": NORTH,
    "inspector-s": SOUTH,
    "green-1": {"north confirmed", "north withdrawn"},  # what was filed and never confirmed is not its business
    "river-1": {"south confirmed"},
    "admin": set(),
}


@pytest.mark.parametrize("who", SEEN)
def test_everybody_sees_their_own(world: World, named: dict[str, UUID], who: str) -> None:
    """In lists, one by one, and through the steps: the same answer at every door."""
    names = {finding_id: name for name, finding_id in named.items()}
    assert {names[record.finding.id] for record in world.read(who, findings)} == SEEN[who]
    for name, finding_id in named.items():
        if name in SEEN[who]:
            record = world.read(who, finding_by_id, finding_id)
            assert world.read(who, steps, record.finding)
        else:
            with pytest.raises(NotFound):
                world.read(who, finding_by_id, finding_id)
            hidden = world.read("manager", finding_by_id, finding_id).finding
            assert world.read(who, steps, hidden) == []


def codes(world: World, **filters: object) -> list[str]:
    return [record.finding.code for record in world.read("manager", findings, **filters)]  # type: ignore[arg-type]


def test_a_list_is_the_latest_day_first_and_pages_without_gaps(world: World, named: dict[str, UUID]) -> None:
    everything = world.read("manager", findings)
    assert [record.finding.found_on for record in everything] == [FIFTH] * 5 + [FOURTH]
    paged, after = [], None
    while page := world.read("manager", findings, after=after, limit=2):
        paged += page
        after = (page[-1].finding.found_on, page[-1].finding.id)
    assert [r.finding.id for r in paged] == [r.finding.id for r in everything]


def test_filters(world: World, named: dict[str, UUID]) -> None:
    assert len(codes(world, first=FIFTH)) == 5
    assert codes(world, until=FOURTH) == ["F-2013-0001"]
    assert codes(world, plot=world.plots["N-2"]) == ["F-2013-0002"]
    assert codes(world, states=[State.FILED]) == ["F-2013-0001"]
    assert len(codes(world, states=STANDING)) == 3
    assert codes(world, types=["weeds"]) == []
    assert codes(world, overdue=True) == []
    world.on(date(2013, 8, 9))
    assert len(codes(world, overdue=True)) == 3


def test_a_finding_stands_where_it_stood_at_an_instant(world: World) -> None:
    world.on(FIFTH)
    before = world.clock()
    finding = world.file("N-1")
    filed = world.clock()
    world.confirm(finding)
    confirmed = world.clock()
    world.take(finding, Act.WITHDRAW, "manager")
    known = [world.read("manager", findings, known_at=at) for at in (before, filed, confirmed, None)]
    assert [[record.state.value for record in rows] for rows in known] == [[], ["filed"], ["confirmed"], ["withdrawn"]]
    standing = [world.read("manager", findings, known_at=at, states=STANDING) for at in (filed, confirmed, None)]
    assert [len(rows) for rows in standing] == [0, 1, 0]


def test_who_is_answerable_for_findings(world: World, named: dict[str, UUID]) -> None:
    filer, supervisor, manager = (world.actors[who].user_id for who in ("inspector", "supervisor", "manager"))
    assert world.read("manager", answerable, [named["north confirmed"]]) == {filer, supervisor}
    assert world.read("manager", answerable, [named["north withdrawn"]]) == {filer, supervisor, manager}
    assert world.read("manager", answerable, [named["north filed"]]) == {filer}


def test_lists_are_led_by_an_index_to_the_id() -> None:
    """Without the id in it, all findings of a day are looked at, and sorted, for one page."""
    led = {tuple(index.columns.keys()) for index in SQLModel.metadata.tables["finding"].indexes}
    assert led >= {("found_on", "id"), ("plot_id", "found_on", "id"), ("contract_id", "found_on", "id")}
