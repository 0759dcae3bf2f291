"""The facts of a period, as known at an instant."""

import json
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from service.assessment.queries import assess_period, plot_points, plot_scores
from service.assessment.rules import Assessment
from service.contracts.queries import contract_by_code
from service.core.db import now
from service.findings.rules import Act
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.schemes.facts import SUPPLIED
from tests.conftest import World
from tests.park import month_of

JANUARY = month_of(1)


def assessed(world: World, code: str, known_at: datetime | None = None) -> Assessment:
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, code)
        return assess_period(session, contract, JANUARY, known_at=known_at or now(session))


def test_schemes_may_read_exactly_what_is_handed_over(world: World) -> None:
    world.on(date(2013, 1, 20))
    world.confirm(world.file("N-1"))
    give(world, "N-1", "90")
    facts = json.loads(assessed(world, "C1").inputs)
    assert {table: set(rows[0]) for table, rows in facts.items()} == SUPPLIED


def deduction(world: World, code: str = "C1", known_at: datetime | None = None) -> int:
    return assessed(world, code, known_at).amounts[1].amount_minor


def test_only_what_stands_is_charged(world: World) -> None:
    world.on(date(2013, 1, 20))
    filed = world.file("N-1")
    assert deduction(world) == 0
    world.confirm(filed)
    assert deduction(world) == -1000
    for act, by in ((Act.REPORT_CURED, "green-1"), (Act.SEND_BACK, "inspector"), (Act.REPORT_CURED, "green-1")):
        world.take(filed, act, by)
        assert deduction(world) == -1000
    world.take(filed, Act.VERIFY, "inspector")
    assert deduction(world) == -1000, "a cure does not undo the finding"
    other = world.file("N-1")
    world.confirm(other)
    assert deduction(world) == -2000
    world.take(other, Act.WITHDRAW, "manager")
    assert deduction(world) == -1000


def test_the_first_and_the_last_day_belong_to_the_period(world: World) -> None:
    world.on(date(2013, 2, 5))
    for day in (date(2012, 12, 31), date(2013, 1, 1), date(2013, 1, 31), date(2013, 2, 1)):
        world.confirm(world.file("N-1", on=day))
    assert assessed(world, "C1").score == Decimal(98)


def test_a_finding_is_charged_to_its_own_contract_alone(world: World) -> None:
    world.on(date(2013, 1, 20))
    world.confirm(world.file("S-1", by="inspector-s"))
    world.confirm(world.file("S-2", by="inspector-s"))
    assert (deduction(world, "C1"), deduction(world, "C2")) == (0, -1000)


def test_knowledge_of_an_instant_is_not_later_knowledge(world: World) -> None:
    world.on(date(2013, 1, 20))
    finding = world.file("N-1")
    filed = world.clock()
    world.confirm(finding)
    confirmed = world.clock()
    world.take(finding, Act.WITHDRAW, "manager")
    assert [deduction(world, known_at=at) for at in (filed, confirmed, None)] == [0, -1000, 0]


def test_the_plots_of_a_period_are_those_that_are_covered_whether_or_not_anything_happened(world: World) -> None:
    assert '"plots":[{"contract":"C1","plot":"N-1"' in assessed(world, "C1").inputs


def give(world: World, plot: str, score: str, first: date = date(2013, 1, 9), days: int = 1) -> None:
    with world.session("manager", write=True) as session:
        contract, _ = contract_by_code(session, "C1")
        row = Score(
            plot_id=world.plots[plot],
            contract_id=contract.id if plot.startswith("N") else None,
            valid_from=first,
            valid_to=date.fromordinal(first.toordinal() + days),
            channel="patrol",
            score=Decimal(score),
            recorded_at=now(session),
            recorded_by="manager",
        )
        enter_scores(session, world.actors["manager"], [row], source=contract)


def by_code(world: World, values: dict[UUID, Decimal]) -> dict[str, Decimal]:
    names = {plot_id: code for code, plot_id in world.plots.items()}
    return {names[plot]: value for plot, value in values.items()}


def test_a_plot_has_the_mean_of_its_scores_else_100_less_its_points(world: World) -> None:
    world.on(date(2013, 1, 20))
    world.confirm(world.file("N-2", quantity="3"))
    world.file("N-2", quantity="50")  # not confirmed
    world.confirm(world.file("S-1", quantity="120", by="inspector-s"))
    for score in ("80", "91"):
        give(world, "N-1", score)
    points = by_code(world, world.read("auditor", plot_points, date(2013, 1, 20)))
    assert points == {"N-1": Decimal(0), "N-2": Decimal(3), "S-1": Decimal(120)}
    scores = by_code(world, world.read("auditor", plot_scores, JANUARY))
    assert scores == {"N-1": Decimal("85.5"), "N-2": Decimal(97), "S-1": Decimal(0)}, "S-2 has no contract, no score"


def test_a_score_counts_for_the_period_that_holds_all_its_days(world: World) -> None:
    give(world, "S-2", "70", date(2013, 1, 31))
    give(world, "S-2", "50", date(2013, 1, 31), days=2)
    give(world, "S-2", "60", date(2013, 2, 1))
    assert by_code(world, world.read("auditor", plot_scores, JANUARY))["S-2"] == Decimal(70)
