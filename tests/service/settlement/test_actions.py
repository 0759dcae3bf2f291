"""A statement is prepared by one, decided by another, once, and period by period."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from sqlmodel import select

from service.access.rules import NotYours
from service.audit_log.queries import verify
from service.core.dates import Span, half_open
from service.core.errors import Busy, NotFound
from service.core.money import major
from service.findings.rules import Act
from service.settlement.actions import decide_statement, prepare_statement
from service.settlement.models import Statement, StatementDecision, StatementLine
from service.settlement.queries import (
    StatementRecord,
    line_findings,
    lines,
    plot_deductions,
    settled_periods,
    statement_by_code,
    statements,
)
from service.settlement.rules import (
    AlreadyDecided,
    AwaitsDecision,
    BeyondMoney,
    Decision,
    LineKind,
    NoSuchPeriod,
    PeriodClosed,
    PeriodOpen,
    PeriodRunning,
    SamePerson,
)
from tests.conftest import World
from tests.park import month_of

DENIED_PREPARING = ["viewer", "inspector", "supervisor", "green-1", "auditor", "admin"]


@pytest.fixture
def february(world: World) -> World:
    """The first of February, after a January with two places of litter on N-1, worth 2 points."""
    world.on(date(2013, 1, 10))
    world.confirm(world.file("N-1", quantity="2"))
    world.on(date(2013, 2, 1))
    return world


def record_of(world: World, code: str, who: str = "auditor") -> StatementRecord:
    return world.read(who, statement_by_code, code)


def lines_of(world: World, code: str) -> list[StatementLine]:
    with world.session("auditor") as session:
        return lines(session, statement_by_code(session, code).statement)


def test_a_statement_by_hand(february: World) -> None:
    """1000.01 x 3.55 + 333.33 x 3.10 = 4583.3585 a year; a twelfth is 381.9465 -> 381.95; 2 points cost 20.00."""
    code = february.prepare("C1", 1)
    record, rows = record_of(february, code), lines_of(february, code)
    assert [(row.number, row.kind, row.rule, row.amount_minor) for row in rows] == [
        (1, LineKind.EARNED, "month_fee", 38195),
        (2, LineKind.DEDUCTED, "deduction", -2000),
    ]
    assert record.statement.payable_minor == 36195
    assert record.statement.score == Decimal(98)
    assert (code, record.state, record.statement.revision) == ("C1-2013-01", "prepared", 1)
    assert record.statement.prepared_by == february.actors["manager"].user_id
    with february.session("auditor") as session:
        assert [r.finding.code for r in line_findings(session, rows[1])] == ["F-2013-0001"]
        assert line_findings(session, rows[0]) == []
        assert plot_deductions(session, month_of(1)) == {}, "nobody approved it yet"
    february.approve(code)
    with february.session("auditor") as session:
        assert plot_deductions(session, month_of(1)) == {february.plots["N-1"]: -2000}
        assert settled_periods(session) == [month_of(1)]


def test_the_statement_pays_the_sum_of_its_lines_and_each_line_is_the_root_of_its_explanation(february: World) -> None:
    code = february.prepare("C1", 1)
    record, rows = record_of(february, code), lines_of(february, code)
    assert record.statement.payable_minor == sum(row.amount_minor for row in rows)
    for row in rows:
        node = json.loads(row.explanation)
        sign = -1 if row.kind is LineKind.DEDUCTED else 1
        assert Decimal(node["result"]) * sign == major(row.amount_minor, "CNY")
        if row.kind is LineKind.EARNED:
            assert Decimal(node["fee"]["amount"]) == major(row.amount_minor, "CNY")
            assert sum(Decimal(line["amount"]) for line in node["fee"]["lines"]) == Decimal(node["result"])


def test_another_approves_and_the_approval_has_a_number(february: World) -> None:
    february.approve(february.prepare("C1", 1))
    record = record_of(february, "C1-2013-01")
    assert record.state == "approved"
    assert record.decision
    assert (record.decision.number, record.decision.by_name) == (1, "Manager-2")
    february.settle("C2", 1)
    other = record_of(february, "C2-2013-01").decision
    assert other
    assert other.number == 2
    assert february.read("auditor", verify) == []


@pytest.mark.parametrize("who", DENIED_PREPARING)
def test_only_managers_and_the_host_prepare(february: World, who: str) -> None:
    with pytest.raises(NotYours):
        february.prepare("C1", 1, by=who)


@pytest.mark.parametrize("who", [*DENIED_PREPARING, "host"])
@pytest.mark.parametrize("decision", Decision)
def test_only_managers_decide(february: World, who: str, decision: Decision) -> None:
    code = february.prepare("C1", 1)
    with pytest.raises(NotYours):
        february.act(who, decide_statement, code, decision)
    assert record_of(february, code).state == "prepared"


def test_who_prepared_does_not_approve_but_may_send_back(february: World) -> None:
    code = february.prepare("C1", 1, by="manager-2")
    with pytest.raises(SamePerson):
        february.approve(code, by="manager-2")
    february.act("manager-2", decide_statement, code, Decision.SENT_BACK, reason="typed wrong")
    again = february.prepare("C1", 1, by="manager-2")
    february.approve(again, by="manager")


def test_who_confirmed_a_finding_does_not_approve_its_charge(world: World) -> None:
    world.on(date(2013, 1, 10))
    world.confirm(world.file("N-1"), by="manager-2")
    world.on(date(2013, 2, 1))
    code = world.prepare("C1", 1)
    with pytest.raises(SamePerson):
        world.approve(code, by="manager-2")
    with pytest.raises(SamePerson):
        world.approve(code, by="manager")
    host = world.act("host", prepare_statement, "C2", month_of(1))
    world.approve(host.statement.code, by="manager-2")  # C2 charges nothing that manager-2 confirmed


def test_who_confirmed_what_was_withdrawn_again_may_approve(world: World) -> None:
    world.on(date(2013, 1, 10))
    finding = world.file("N-1")
    world.confirm(finding, by="manager-2")
    world.take(finding, Act.WITHDRAW, "manager")
    world.on(date(2013, 2, 1))
    world.approve(world.prepare("C1", 1), by="manager-2")


def test_what_the_host_prepared_any_manager_approves(february: World) -> None:
    code = february.prepare("C1", 1, by="host")
    record = record_of(february, code)
    assert (record.statement.prepared_by, record.statement.prepared_by_name) == (None, "host:test")
    february.approve(code, by="manager")


@pytest.mark.parametrize("first", Decision)
@pytest.mark.parametrize("second", Decision)
def test_a_second_decision_is_refused(february: World, first: Decision, second: Decision) -> None:
    code = february.prepare("C1", 1)
    february.act("manager-2", decide_statement, code, first)
    with pytest.raises(AlreadyDecided):
        february.act("manager-2", decide_statement, code, second)
    assert record_of(february, code).state == first.value


def test_what_comes_to_more_than_money_can_say_is_refused_until_the_slip_is_withdrawn(world: World) -> None:
    world.on(date(2013, 1, 10))
    slips = [world.file("N-1", quantity="999999999999.99") for _ in range(12)]
    for slip in slips:
        world.confirm(slip)
    world.on(date(2013, 2, 1))
    with pytest.raises(BeyondMoney):
        world.prepare("C1", 1)
    for slip in slips:
        world.take(slip, Act.WITHDRAW, "supervisor")
    world.approve(world.prepare("C1", 1))


def test_two_approvals_at_once_are_one(february: World) -> None:
    code, start = february.prepare("C1", 1, by="host"), Barrier(2)

    def one(who: str) -> bool:
        start.wait()
        try:
            february.approve(code, by=who)
        except (AlreadyDecided, Busy):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, ["manager", "manager-2"])) == [False, True]
    february.settle("C2", 1)
    other = record_of(february, "C2-2013-01").decision
    assert other
    assert other.number == 2, "the approval that came too late took no number"


def test_a_statement_prepared_twice_at_once_is_one(february: World) -> None:
    start = Barrier(2)

    def one(who: str) -> bool:
        start.wait()
        try:
            february.prepare("C1", 1, by=who)
        except (AwaitsDecision, Busy):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, ["manager", "manager-2"])) == [False, True]
    assert len(february.read("auditor", statements)) == 1


def test_periods_are_settled_in_their_order(february: World) -> None:
    february.on(date(2013, 4, 1))
    with pytest.raises(PeriodOpen) as refused:
        february.prepare("C1", 2)
    assert refused.value.details == {"period": "2013-01"}
    code = february.prepare("C1", 1)
    for month in (1, 2):
        with pytest.raises(AwaitsDecision) as awaits:
            february.prepare("C1", month)
        assert awaits.value.details == {"statement": code}
    february.approve(code)
    with pytest.raises(PeriodClosed):
        february.prepare("C1", 1)
    with pytest.raises(PeriodOpen):
        february.prepare("C1", 3)
    february.settle("C1", 2, 3)


def test_a_running_period_is_not_settled(february: World) -> None:
    february.settle("C1", 1)
    with pytest.raises(PeriodRunning):
        february.prepare("C1", 2)
    february.on(date(2013, 2, 28))
    with pytest.raises(PeriodRunning):
        february.prepare("C1", 2)
    february.on(date(2013, 3, 1))
    february.settle("C1", 2)


@pytest.mark.parametrize(
    "period",
    [
        half_open(date(2013, 1, 1), date(2013, 3, 31)),  # a quarter
        half_open(date(2013, 1, 1), date(2013, 1, 30)),
        half_open(date(2013, 1, 2), date(2013, 1, 31)),
        half_open(date(2012, 12, 1), date(2012, 12, 31)),
    ],
)
def test_what_is_no_period_of_the_contract_is_refused(february: World, period: Span) -> None:
    with pytest.raises(NoSuchPeriod):
        february.act("manager", prepare_statement, "C1", period)


def test_an_unknown_contract_or_statement_is_not_found(february: World) -> None:
    with pytest.raises(NotFound):
        february.prepare("C7", 1)
    with pytest.raises(NotFound):
        february.approve("C1-2013-01")


def test_what_is_sent_back_is_prepared_anew_as_a_further_revision(february: World) -> None:
    for revision, code in enumerate(("C1-2013-01", "C1-2013-01-r2", "C1-2013-01-r3"), start=1):
        assert february.prepare("C1", 1) == code
        assert record_of(february, code).statement.revision == revision
        if revision < 3:
            february.act("manager-2", decide_statement, code, Decision.SENT_BACK, reason="没有照片")
            decision = record_of(february, code).decision
            assert decision
            assert (decision.reason, decision.number) == ("没有照片", None)
    february.approve("C1-2013-01-r3")
    decision = record_of(february, "C1-2013-01-r3").decision
    assert decision
    assert decision.number == 1
    with february.session("auditor") as session:
        assert plot_deductions(session, month_of(1)) == {february.plots["N-1"]: -2000}, "sent back is not counted"


def test_statements_are_seen_by_their_parties_and_overseers_alone(february: World) -> None:
    february.settle("C1", 1)
    february.settle("C2", 1)
    seen = {who: [record.statement.code for record in february.read(who, statements)] for who in february.actors}
    both = ["C1-2013-01", "C2-2013-01"]
    everything = dict.fromkeys(("host", "manager", "manager-2", "auditor"), both)
    nothing: dict[str, list[str]] = {who: [] for who in ("admin", "viewer", "supervisor", "inspector", "inspector-s")}
    assert seen == everything | nothing | {"green-1": both[:1], "river-1": both[1:]}
    for table in (Statement, StatementLine, StatementDecision):
        with february.session("green-1") as session:
            assert session.exec(select(table)).all()
        with february.session("viewer") as session:
            assert session.exec(select(table)).all() == []
    with pytest.raises(NotFound):
        record_of(february, "C2-2013-01", "green-1")
