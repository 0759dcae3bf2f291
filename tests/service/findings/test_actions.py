"""Findings are filed once, move one step at a time, and two people stand behind each that counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from hashlib import sha256
from threading import Barrier
from uuid import UUID

import pytest
import shapely
from sqlmodel import Session

from service.access.rules import NotYours
from service.audit_log.queries import events
from service.core.actor import Actor
from service.core.errors import Busy, IdTaken, NotFound, Stale, UnknownCode
from service.core.ids import new_id
from service.evidence.rules import NotAPhoto
from service.findings.actions import NewFinding, act_on_finding, add_photo, file_finding
from service.findings.queries import FindingRecord, finding_by_code, finding_by_id, findings, photos, steps
from service.findings.rules import (
    Act,
    FoundLater,
    NothingFound,
    NotYourAct,
    OutsidePlot,
    OwnFinding,
    Severity,
    State,
    WrongState,
)
from tests.conftest import World

DAY = date(2013, 8, 5)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
OFF = shapely.Point(118.9, 31.9)
ON = shapely.Point(118.8005, 31.9005)


def facts(**other: object) -> NewFinding:
    plain = {"plot": "N-1", "type": "weeds", "severity": Severity.MINOR, "quantity": Decimal("12.50"), "text": "杂草"}
    return NewFinding(**plain | {"point": ON, "found_on": DAY} | other)  # type: ignore[arg-type]


def record_of(world: World, finding_id: UUID, who: str = "manager") -> FindingRecord:
    return world.read(who, finding_by_id, finding_id)


def verbs(world: World) -> list[str]:
    """Return what the audit log says was done to findings, in order."""
    rows = world.read("auditor", events, after=0, limit=1000)
    return [event.verb for event, _ in rows if event.verb.startswith("finding.")]


@pytest.fixture
def august(world: World) -> World:
    """The park on the fifth of August."""
    world.on(DAY)
    return world


def test_a_finding_names_its_plot_its_contract_and_the_unit_of_its_type(august: World) -> None:
    record, new = august.act("inspector", file_finding, new_id(), facts())
    finding = record.finding
    assert new
    assert (finding.code, record.plot.code, finding.unit, finding.quantity) == (
        "F-2013-0001",
        "N-1",
        "m2",
        Decimal("12.5"),
    )
    assert record.contract
    assert record.contract.code == "C1"
    assert record.state is State.FILED
    assert finding.point == ON
    assert finding.filed_by == august.actors["inspector"].user_id
    assert august.read("inspector", finding_by_code, "F-2013-0001").finding.id == finding.id


def test_a_finding_belongs_to_whoever_covered_the_plot_on_its_day(august: World) -> None:
    none = august.file("S-2", by="inspector-s")
    before = august.file("S-1", by="inspector-s", on=date(2012, 12, 31))
    inside = august.file("S-1", by="inspector-s", on=date(2013, 1, 1))
    assert [(r := record_of(august, each)).contract and r.contract.code for each in (none, before, inside)] == [
        None,
        None,
        "C2",
    ]


def test_numbers_run_by_the_year_of_the_day(august: World) -> None:
    ids = [august.file("N-1", on=day) for day in (DAY, date(2012, 12, 30), date(2013, 1, 2), date(2012, 5, 1))]
    codes = [record_of(august, each).finding.code for each in ids]
    assert codes == ["F-2013-0001", "F-2012-0001", "F-2013-0002", "F-2012-0002"]


def test_a_finding_sent_again_is_the_same_finding(august: World) -> None:
    finding_id = new_id()
    first, new = august.act("inspector", file_finding, finding_id, facts())
    again, newer = august.act("inspector", file_finding, finding_id, facts())
    assert (new, newer) == (True, False)
    assert again.finding == first.finding
    august.confirm(finding_id)
    third, _ = august.act("inspector", file_finding, finding_id, facts())
    assert third.finding == first.finding
    assert august.file("N-1")
    assert record_of(august, finding_id).finding.code == "F-2013-0001"
    assert verbs(august) == ["finding.file", "finding.confirm", "finding.file"]


@pytest.mark.parametrize(
    "other",
    [
        {"plot": "N-2"},
        {"type": "litter"},
        {"severity": Severity.SEVERE},
        {"quantity": Decimal("12.51")},
        {"text": "x"},
        {"point": None},
        {"point": shapely.Point(118.8005, 31.90051)},
        {"found_on": date(2013, 8, 4)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_same_id_with_other_content_is_refused(august: World, other: dict[str, object]) -> None:
    finding_id = new_id()
    august.act("inspector", file_finding, finding_id, facts())
    with pytest.raises(IdTaken):
        august.act("inspector", file_finding, finding_id, facts(**other))
    assert record_of(august, finding_id).finding.quantity == Decimal("12.50")


def test_the_same_id_from_somebody_else_is_refused_in_sight_and_out_of_it(august: World) -> None:
    finding_id = new_id()
    august.act("inspector", file_finding, finding_id, facts())
    with pytest.raises(IdTaken):
        august.act("supervisor", file_finding, finding_id, facts())
    with pytest.raises(IdTaken):
        august.act("inspector-s", file_finding, finding_id, facts(plot="S-1", point=None))


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"point": OFF}, OutsidePlot),
        ({"quantity": Decimal(0)}, NothingFound),
        ({"quantity": Decimal("-0.01")}, NothingFound),
        ({"found_on": date(2013, 8, 6)}, FoundLater),
        ({"type": "nonsense"}, UnknownCode),
        ({"plot": "S-1"}, NotFound),  # there, but out of the inspector's sight
        ({"plot": "X-9"}, NotFound),
        ({"found_on": date(1999, 12, 31)}, NotFound),  # the plot is not in the register yet
    ],
)
def test_what_cannot_be_found_is_refused_and_takes_no_number(
    august: World, other: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        august.act("inspector", file_finding, new_id(), facts(**other))
    assert august.read("manager", findings) == []
    assert record_of(august, august.file("N-1")).finding.code == "F-2013-0001"


@pytest.mark.parametrize("who", ["viewer", "green-1", "river-1", "auditor", "admin", "host"])
def test_others_do_not_file(august: World, who: str) -> None:
    with pytest.raises(NotYours):
        august.act(who, file_finding, new_id(), facts())


@pytest.mark.parametrize("who", ["manager", "supervisor"])
def test_nobody_confirms_what_they_filed(august: World, who: str) -> None:
    finding = august.file("N-1", by=who)
    with pytest.raises(OwnFinding):
        august.confirm(finding, by=who)
    august.confirm(finding, by="manager-2")
    assert record_of(august, finding).state is State.CONFIRMED


def test_a_whole_life(august: World) -> None:
    finding = august.file("N-1", type_="weeds")
    august.on(date(2013, 8, 7))
    august.confirm(finding)
    assert record_of(august, finding).last.due_on == date(2013, 8, 12)  # 7 + 5 days of the type weeds
    august.take(finding, Act.REPORT_CURED, "green-1")
    august.on(date(2013, 8, 14))
    august.take(finding, Act.SEND_BACK, "inspector")
    record = record_of(august, finding)
    assert record.last.due_on == date(2013, 8, 12), "sent back, it is still due when it was"
    assert record.overdue_days(date(2013, 8, 12)) == 0
    assert record.overdue_days(date(2013, 8, 14)) == 2
    august.take(finding, Act.REPORT_CURED, "green-1")
    august.take(finding, Act.VERIFY, "inspector")
    with august.session("auditor") as session:
        row = finding_by_id(session, finding).finding
        states = [step.state.value for step in steps(session, row)]
    assert states == ["filed", "confirmed", "cured", "sent_back", "cured", "verified"]
    acts = ("file", "confirm", "report_cured", "send_back", "report_cured", "verify")
    assert verbs(august) == [f"finding.{act}" for act in acts]
    with pytest.raises(WrongState):
        august.take(finding, Act.WITHDRAW, "manager")


def test_a_contractor_cures_its_own_findings_alone(august: World) -> None:
    finding = august.file("N-1")
    for early in ("green-1", "river-1"):
        with pytest.raises(NotFound):
            august.take(finding, Act.REPORT_CURED, early)
    august.confirm(finding)
    with pytest.raises(NotFound):
        august.take(finding, Act.REPORT_CURED, "river-1")
    with pytest.raises(NotYourAct):
        august.take(finding, Act.VERIFY, "green-1")
    august.take(finding, Act.REPORT_CURED, "green-1")


def test_an_inspector_of_another_zone_finds_nothing_to_act_on(august: World) -> None:
    finding = august.file("N-1")
    august.confirm(finding)
    with pytest.raises(NotFound):
        august.take(finding, Act.WITHDRAW, "inspector-s")


def test_a_step_from_a_state_that_is_gone_is_stale(august: World) -> None:
    finding = august.file("N-1")
    august.act("supervisor", act_on_finding, finding, Act.CONFIRM, seen="1")
    with pytest.raises(Stale):
        august.act("manager", act_on_finding, finding, Act.WITHDRAW, seen="1")
    august.act("manager", act_on_finding, finding, Act.WITHDRAW, seen="2")


def test_of_two_at_once_one_takes_the_step(august: World) -> None:
    """The contractor answers while the manager withdraws, both having seen the same state: one of them is told."""
    finding = august.file("N-1")
    august.confirm(finding)
    start = Barrier(2)

    def one(who: str, act: Act) -> bool:
        start.wait()
        try:
            august.act(who, act_on_finding, finding, act, seen="2")
        except (Stale, Busy):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(one, ["green-1", "manager"], [Act.REPORT_CURED, Act.WITHDRAW]))
    assert sorted(done) == [False, True]
    with august.session("manager") as session:
        row = finding_by_id(session, finding).finding
        assert [step.number for step in steps(session, row)] == [1, 2, 3]


def test_of_the_same_finding_sent_twice_at_once_one_is_kept(august: World) -> None:
    finding_id, start = new_id(), Barrier(2)

    def one(_: int) -> bool:
        start.wait()
        try:
            return august.act("inspector", file_finding, finding_id, facts())[1]
        except (Busy, IdTaken):
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [False, True]
    assert len(august.read("manager", findings)) == 1
    assert record_of(august, august.file("N-1")).finding.code == "F-2013-0002", "no number was lost"


def keep(session: Session, actor: Actor, /, finding_id: UUID, content: bytes) -> bool:
    return add_photo(session, actor, finding_id, content, sha256(content).hexdigest())[1]


def test_a_photo_hangs_on_a_finding_once(august: World) -> None:
    finding = august.file("N-1")
    assert august.act("inspector", keep, finding, JPEG)
    assert not august.act("inspector", keep, finding, JPEG)
    with august.session("manager") as session:
        assert len(photos(session, finding_by_id(session, finding).finding)) == 1


def test_a_closed_finding_takes_no_photo(august: World) -> None:
    finding = august.file("N-1")
    august.take(finding, Act.WITHDRAW, "inspector")
    with pytest.raises(WrongState):
        august.act("inspector", keep, finding, JPEG)


def test_what_is_no_photo_is_refused_and_so_is_a_finding_out_of_sight(august: World) -> None:
    finding = august.file("N-1")
    with pytest.raises(NotAPhoto):
        august.act("inspector", keep, finding, b"<svg>")
    for who in ("inspector-s", "green-1", "river-1"):
        with pytest.raises(NotFound):
            august.act(who, keep, finding, JPEG)
    with pytest.raises(NotYours):
        august.act("viewer", keep, finding, JPEG)


def test_the_same_photo_may_hang_on_findings_that_do_not_see_each_other(august: World) -> None:
    north, south = august.file("N-1"), august.file("S-1", by="inspector-s")
    assert august.act("inspector", keep, north, JPEG)
    assert august.act("inspector-s", keep, south, JPEG)
