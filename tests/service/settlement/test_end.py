"""What comes after a contract's last period, what is waived, and contracts that begin inside a month."""

from datetime import date

import pytest

from service.core.dates import half_open
from service.findings.rules import Act
from service.settlement.actions import prepare_statement
from service.settlement.queries import lines, statement_by_code
from service.settlement.rules import Decision, LineKind, NothingLeft, PeriodOpen
from tests.conftest import World
from tests.park import month_of
from tests.service.settlement.test_corrections import sign as sign_with
from tests.service.settlement.test_terms import sign as sign_days

SPRING = half_open(date(2013, 1, 15), date(2013, 3, 14))


def amounts(world: World, code: str) -> list[tuple[LineKind, int]]:
    with world.session("auditor") as session:
        return [(row.kind, row.amount_minor) for row in lines(session, statement_by_code(session, code).statement)]


def payable(world: World, code: str) -> int:
    return world.read("auditor", statement_by_code, code).statement.payable_minor


def test_what_is_learnt_after_the_last_period_is_collected_by_a_closing_statement(world: World) -> None:
    world.act("manager", sign_days, SPRING)
    world.on(date(2013, 4, 1))
    world.settle("C9", 1, 2, 3)
    world.on(date(2013, 5, 1))
    with pytest.raises(NothingLeft):
        world.prepare("C9", 4)
    late = world.file("S-2", quantity="5", on=date(2013, 3, 10), by="inspector-s")
    world.confirm(late)
    world.on(date(2013, 5, 2))
    world.settle("C9", 4)
    assert amounts(world, "C9-2013-04") == [(LineKind.CORRECTION, -5000)]
    assert payable(world, "C9-2013-04") == -5000, "there is no next statement: it is collected"
    world.on(date(2013, 6, 2))
    with pytest.raises(NothingLeft):
        world.prepare("C9", 5)
    world.take(late, Act.WITHDRAW, "supervisor")
    world.settle("C9", 5)
    assert payable(world, "C9-2013-05") == 5000


def test_a_contract_is_closed_only_when_all_its_periods_are(world: World) -> None:
    world.act("manager", sign_days, SPRING)
    world.on(date(2013, 5, 2))
    world.settle("C9", 1, 2)
    with pytest.raises(PeriodOpen):
        world.prepare("C9", 4)


def test_a_balance_that_the_last_period_carries_is_collected(world: World) -> None:
    world.act("manager", sign_days, half_open(date(2013, 1, 1), date(2013, 1, 31)))
    world.on(date(2013, 1, 20))
    world.confirm(world.file("S-2", quantity="25", by="inspector-s"))
    world.on(date(2013, 3, 2))
    world.settle("C9", 1, 2)
    fee = amounts(world, "C9-2013-01")[0][1]
    assert payable(world, "C9-2013-01") == 0
    assert amounts(world, "C9-2013-02") == [(LineKind.CARRIED, fee - 25000)]
    assert payable(world, "C9-2013-02") == fee - 25000


def test_what_was_waived_is_not_paid_back(world: World) -> None:
    """100 - 250 is waived to 0; without the finding the period is worth 100, and February another 100."""
    world.act("manager", sign_with, "waive")
    world.on(date(2013, 1, 20))
    finding = world.file("S-2", quantity="25", by="inspector-s")
    world.confirm(finding)
    world.on(date(2013, 2, 2))
    world.settle("C9", 1)
    assert amounts(world, "C9-2013-01")[-1] == (LineKind.EARNED, 15000)
    assert payable(world, "C9-2013-01") == 0
    world.take(finding, Act.WITHDRAW, "supervisor")
    world.on(date(2013, 3, 2))
    world.settle("C9", 2)
    assert payable(world, "C9-2013-02") == 20000


def test_what_is_found_late_in_a_waived_period_costs_nothing_more(world: World) -> None:
    world.act("manager", sign_with, "waive")
    world.on(date(2013, 1, 20))
    world.confirm(world.file("S-2", quantity="25", by="inspector-s"))
    world.on(date(2013, 2, 2))
    world.settle("C9", 1)
    world.confirm(world.file("S-2", quantity="5", on=date(2013, 1, 21), by="inspector-s"))
    world.on(date(2013, 3, 2))
    world.settle("C9", 2)
    assert payable(world, "C9-2013-02") == 10000


def test_a_month_that_a_contract_shares_is_settled_by_its_name(world: World) -> None:
    world.act("manager", sign_days, SPRING)
    world.on(date(2013, 2, 2))
    answer = world.client("manager").put("/api/v1/contracts/C9/statements/2013-01")
    assert answer.status_code == 201, answer.text
    assert answer.json()["from"] == "2013-01-15"
    record = world.read("auditor", statement_by_code, "C9-2013-01")
    assert record.state == "prepared"
    assert record.statement.valid_from == date(2013, 1, 15)


def test_a_statement_that_waits_is_decided_first(world: World) -> None:
    world.on(date(2013, 2, 2))
    code = world.prepare("C1", 1)
    assert world.read("auditor", statement_by_code, code).state == "prepared"
    world.approve(code)
    assert world.read("auditor", statement_by_code, code).decision
    assert world.act("manager", prepare_statement, "C2", month_of(1)).state != Decision.APPROVED.value
