"""What is learnt after a period is closed goes to the next statement, signed, with its reason; nothing is lost."""

import json
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from service.access.models import Organisation
from service.assessment.queries import assess_period
from service.contracts.actions import sign_contract
from service.contracts.queries import contract_by_code
from service.core.actor import Actor
from service.core.dates import half_open
from service.core.db import now
from service.findings.rules import Act
from service.plots.models import Plot
from service.schemes.actions import enter_scheme
from service.settlement.models import StatementLine
from service.settlement.queries import line_findings, lines, statement_by_code
from service.settlement.rules import LineKind, SamePerson
from tests.conftest import World
from tests.park import SCHEME, amend, changed, month_of, new_contract, new_line


def lines_of(world: World, code: str) -> list[StatementLine]:
    with world.session("auditor") as session:
        return lines(session, statement_by_code(session, code).statement)


def corrections(world: World, code: str) -> list[tuple[str, str, int, dict[str, Any]]]:
    """Return what a statement corrects: the rule, the statement meant, the difference, the facts that changed."""
    nodes = [(row, json.loads(row.explanation)) for row in lines_of(world, code) if row.kind is LineKind.CORRECTION]
    return [(row.rule, node["of"], row.amount_minor, node["changed"]) for row, node in nodes]


def payable(world: World, code: str) -> int:
    return world.read("auditor", statement_by_code, code).statement.payable_minor


def change(session: Session, actor: Actor, /, code: str, plot: str, quantity: str, first: date) -> None:
    amend(session, actor, code, changed(plot, half_open(first, date(2013, 12, 31)), quantity, "3.55"))


def test_nothing_new_is_no_correction(world: World) -> None:
    world.on(date(2013, 4, 1))
    world.settle("C1", 1, 2)
    assert [row.kind for row in lines_of(world, world.prepare("C1", 3))] == [LineKind.EARNED, LineKind.DEDUCTED]


def test_a_late_finding_is_corrected_in_the_next_statement_with_its_reason(world: World) -> None:
    world.on(date(2013, 2, 1))
    world.settle("C1", 1)
    before = lines_of(world, "C1-2013-01")
    world.confirm(world.file("N-1", quantity="3", on=date(2013, 1, 20)))
    world.on(date(2013, 3, 1))
    code = world.prepare("C1", 2)
    assert corrections(world, code) == [("deduction", "C1-2013-01", -3000, {"findings": ["F-2013-0001"]})]
    [line] = [row for row in lines_of(world, code) if row.kind is LineKind.CORRECTION]
    node = json.loads(line.explanation)
    assert (node["formula"], node["numbers"], node["result"]) == ("now - posted", "-30.00 - 0.00", "-30.00")
    assert (line.for_from, line.for_to) == month_of(1)
    with world.session("auditor") as session:
        assert [r.finding.code for r in line_findings(session, line)] == ["F-2013-0001"]
    assert payable(world, code) == sum(row.amount_minor for row in lines_of(world, code))
    assert lines_of(world, "C1-2013-01") == before, "the closed statement stands as it stood"


def test_a_later_withdrawal_is_the_opposite_correction_once(world: World) -> None:
    world.on(date(2013, 2, 1))
    world.settle("C1", 1)
    late = world.file("N-1", quantity="3", on=date(2013, 1, 20))
    world.confirm(late)
    world.on(date(2013, 3, 1))
    world.settle("C1", 2)
    world.take(late, Act.WITHDRAW, "manager")
    world.on(date(2013, 5, 1))
    world.settle("C1", 3)
    assert corrections(world, "C1-2013-03") == [("deduction", "C1-2013-01", 3000, {"findings": ["F-2013-0001"]})]
    assert corrections(world, world.prepare("C1", 4)) == []


def test_a_correction_is_charged_by_two_people_too(world: World) -> None:
    world.on(date(2013, 2, 1))
    world.settle("C1", 1)
    late = world.file("N-1", on=date(2013, 1, 20))
    world.confirm(late, by="manager-2")
    world.on(date(2013, 3, 1))
    code = world.prepare("C1", 2)
    with pytest.raises(SamePerson):
        world.approve(code, by="manager-2")


def test_a_withdrawal_that_pays_back_is_approved_by_another_than_who_confirmed(world: World) -> None:
    world.on(date(2013, 1, 20))
    finding = world.file("N-1")
    world.confirm(finding, by="manager-2")
    world.on(date(2013, 2, 1))
    world.approve(world.prepare("C1", 1, by="host"), by="manager")
    world.take(finding, Act.WITHDRAW, "manager")  # who gives money back does not approve it
    world.on(date(2013, 3, 1))
    code = world.prepare("C1", 2, by="host")
    assert corrections(world, code) == [("deduction", "C1-2013-01", 1000, {"findings": ["F-2013-0001"]})]
    for who in ("manager-2", "manager"):
        with pytest.raises(SamePerson):
            world.approve(code, by=who)


def test_a_changed_line_corrects_the_fee_and_says_which_line(world: World) -> None:
    """900 instead of 1000.01 m2 from 15 January: due at the end of January 14/31 x 3550.0355/12 + 17/31 x 3195/12 + ...

    = 133.6035 + 146.0081 + 86.1103 = 365.7219 -> 365.72, was 381.95: 16.23 less.
    """
    world.on(date(2013, 2, 1))
    world.settle("C1", 1)
    world.act("manager", change, "C1", "N-1", "900", date(2013, 1, 15))
    world.on(date(2013, 3, 1))
    code = world.prepare("C1", 2)
    assert corrections(world, code) == [("month_fee", "C1-2013-01", -1623, {"lines": ["C1-1"]})]


def test_each_closed_period_is_corrected_by_itself(world: World) -> None:
    world.on(date(2013, 4, 1))
    world.settle("C1", 1, 2)
    for day in (date(2013, 1, 5), date(2013, 2, 5), date(2013, 2, 6), date(2013, 3, 5)):
        world.confirm(world.file("N-2", on=day))
    code = world.prepare("C1", 3)
    assert corrections(world, code) == [
        ("deduction", "C1-2013-01", -1000, {"findings": ["F-2013-0001"]}),
        ("deduction", "C1-2013-02", -2000, {"findings": ["F-2013-0002", "F-2013-0003"]}),
    ]


def test_what_is_sent_back_corrects_nothing_and_its_next_revision_does(world: World) -> None:
    world.on(date(2013, 2, 1))
    world.settle("C1", 1)
    world.confirm(world.file("N-1", on=date(2013, 1, 20)))
    world.on(date(2013, 3, 1))
    first = world.prepare("C1", 2)
    world.send_back(first)
    again = world.prepare("C1", 2)
    assert corrections(world, again) == corrections(world, first) != []
    world.approve(again)
    world.on(date(2013, 4, 1))
    assert corrections(world, world.prepare("C1", 3)) == []


def booked(world: World, code: str) -> dict[tuple[date, str], int]:
    """Return what approved statements of a contract say of each period and rule, all lines together."""
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, code)
        query = select(StatementLine).where(
            StatementLine.contract_id == contract.id, col(StatementLine.kind) != LineKind.CARRIED
        )
        total: dict[tuple[date, str], int] = {}
        for row in session.exec(query):
            place = (row.for_from, row.rule)
            total[place] = total.get(place, 0) + row.amount_minor
        return total


def assessed(world: World, code: str, months: range) -> dict[tuple[date, str], int]:
    """Return the same from a fresh assessment of every month, as known now."""
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, code)
        fresh = [assess_period(session, contract, month_of(month), known_at=now(session)) for month in months]
    return {(a.span.valid_from, amount.rule): amount.amount_minor for a in fresh for amount in a.amounts}


@pytest.mark.parametrize("code", ["C1", "C2"])
def test_over_a_year_all_lines_of_a_period_are_what_a_fresh_assessment_says(world: World, code: str) -> None:
    """Findings come in time and late, some are withdrawn later, a line changes backwards: the books follow."""
    plot, by = ("N-1", "inspector") if code == "C1" else ("S-1", "inspector-s")
    withdrawn = []
    for month in range(1, 12):
        world.on(date(2013, month, 20))
        for back in (0, 1, 3):
            if month > back:
                finding = world.file(plot, quantity=str(month % 3 + 1), on=date(2013, month - back, 9), by=by)
                world.confirm(finding)
                if (month + back) % 3 == 0:
                    withdrawn.append(finding)
        if month % 4 == 0 and withdrawn:
            world.take(withdrawn.pop(0), Act.WITHDRAW, "manager")
        if month == 6:
            world.act("manager", change, code, plot, "777.77", date(2013, 2, 11))
        world.on(date(2013, month + 1, 1))
        world.settle(code, month)
    assert booked(world, code) == assessed(world, code, range(1, 12))


def sign(session: Session, actor: Actor, /, below_zero: str) -> None:
    """Sign C9 for S-2, 1200.00 a year, with a scheme that deals with what is below zero in its own way."""
    text = SCHEME.replace("scheme: park", f"scheme: park-{below_zero}").replace("carry", below_zero)
    scheme, _ = enter_scheme(session, actor, text)
    river = session.exec(select(Organisation).where(Organisation.code == "river")).one()
    plot = session.exec(select(Plot).where(Plot.code == "S-2")).one()
    lines_ = [new_line(plot.id, "S-2", "100.00", "12")]
    sign_contract(session, actor, new_contract("C9", river.id, scheme.id), lines_)


@pytest.mark.parametrize(
    ("below_zero", "paid"),
    [
        # January 100 - 250 = -150; February 100 - 30; March 100; April 100
        ("carry", [0, 0, 2000, 10000]),  # -150 -> -80 -> 20 -> 100
        ("collect", [-15000, 7000, 10000, 10000]),
        ("waive", [0, 7000, 10000, 10000]),
    ],
)
def test_what_is_below_zero(world: World, below_zero: str, paid: list[int]) -> None:
    world.act("manager", sign, below_zero)
    world.on(date(2013, 2, 20))
    world.confirm(world.file("S-2", quantity="25", on=date(2013, 1, 5), by="inspector-s"))
    world.confirm(world.file("S-2", quantity="3", on=date(2013, 2, 5), by="inspector-s"))
    world.on(date(2013, 5, 1))
    world.settle("C9", 1, 2, 3, 4)
    codes = [f"C9-2013-0{month}" for month in range(1, 5)]
    assert [payable(world, code) for code in codes] == paid
    assert [corrections(world, code) for code in codes] == [[], [], [], []]
    carried = [[r.amount_minor for r in lines_of(world, code) if r.kind is LineKind.CARRIED] for code in codes]
    assert carried == ([[], [-15000], [-8000], []] if below_zero == "carry" else [[], [], [], []])


def test_a_correction_may_turn_a_balance_that_was_carried(world: World) -> None:
    """January -150 carried, its finding withdrawn: February pays 100 + 250 - 150 = 200."""
    world.act("manager", sign, "carry")
    world.on(date(2013, 2, 1))
    finding = world.file("S-2", quantity="25", on=date(2013, 1, 5), by="inspector-s")
    world.confirm(finding)
    world.settle("C9", 1)
    world.take(finding, Act.WITHDRAW, "manager")
    world.on(date(2013, 4, 1))
    world.settle("C9", 2, 3)
    assert [payable(world, f"C9-2013-0{month}") for month in (1, 2, 3)] == [0, 20000, 10000]
