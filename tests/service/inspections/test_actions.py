"""Scores are written as they stand, and seen by those whose they are."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import Session

from service.access.queries import organisations
from service.access.rules import NotYours
from service.contracts.queries import contracts
from service.core.actor import Actor
from service.core.dates import half_open
from service.core.db import now
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.inspections.queries import scores
from tests.conftest import World
from tests.park import month_of

DAY = date(2013, 5, 6)


def enter(
    session: Session, actor: Actor, /, plots: dict[str, UUID], first: list[date], score: str = "90", days: int = 1
) -> None:
    ids = {contract.code: contract.id for contract, _ in contracts(session)}
    rows = [
        Score(
            plot_id=plot_id,
            contract_id=ids.get({"N": "C1", "S": "C2"}[code[0]]) if code != "S-2" else None,
            valid_from=day,
            valid_to=day + timedelta(days=days),
            channel="patrol",
            score=Decimal(score),
            recorded_at=now(session),
            recorded_by=actor.code,
        )
        for code, plot_id in plots.items()
        for day in first
    ]
    enter_scores(session, actor, rows, source=organisations(session)[0])


@pytest.fixture
def scored(world: World) -> World:
    """The park with a score for every plot on a day of May."""
    world.act("manager", enter, dict(world.plots), [DAY])
    return world


def seen(world: World, who: str, **filters: object) -> list[str]:
    return sorted(plot.code for _, plot in world.read(who, scores, **filters))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "plots"),
    [
        ("manager", ["N-1", "N-2", "S-1", "S-2"]),
        ("viewer", ["N-1", "N-2", "S-1", "S-2"]),
        ("inspector", ["N-1", "N-2"]),
        ("inspector-s", ["S-1", "S-2"]),
        ("green-1", ["N-1", "N-2"]),
        ("river-1", ["S-1"]),
        ("admin", []),
    ],
)
def test_who_sees_which_scores(scored: World, who: str, plots: list[str]) -> None:
    assert seen(scored, who) == plots


@pytest.mark.parametrize("who", ["viewer", "supervisor", "green-1", "auditor", "admin"])
def test_others_enter_no_scores(world: World, who: str) -> None:
    with pytest.raises(NotYours):
        world.act(who, enter_scores, [], source=world.read("host", organisations)[0])


def test_repeat_visits_stay_rows_of_their_own(scored: World) -> None:
    scored.act("inspector", enter, {"N-1": scored.plots["N-1"]}, [DAY], "70")
    rows = [score.score for score, plot in scored.read("manager", scores) if plot.code == "N-1"]
    assert sorted(rows) == [Decimal("70.000000"), Decimal("90.000000")]


def test_a_span_holds_scores_whose_days_lie_within(scored: World) -> None:
    assert len(seen(scored, "manager", span=month_of(5))) == 4
    assert seen(scored, "manager", span=half_open(DAY, DAY)) == ["N-1", "N-2", "S-1", "S-2"]
    assert seen(scored, "manager", span=month_of(6)) == []
    over_the_end = {"N-1": scored.plots["N-1"]}
    scored.act("manager", enter, over_the_end, [date(2013, 5, 31)], days=2)
    assert len(seen(scored, "manager", span=month_of(5))) == 4
    assert seen(scored, "manager", span=half_open(DAY + timedelta(days=1), date(2013, 12, 31))) == ["N-1"]


def test_scores_are_known_from_when_they_were_recorded(world: World) -> None:
    before = world.clock()
    world.act("manager", enter, {"N-1": world.plots["N-1"]}, [DAY])
    assert seen(world, "manager", known_at=before) == []
    assert seen(world, "manager", known_at=world.clock()) == ["N-1"]


def test_pages_leave_nothing_out(scored: World) -> None:
    scored.act("manager", enter, dict(scored.plots), [DAY, date(2013, 5, 7)])
    everything = scored.read("manager", scores)
    paged, after = [], None
    while page := scored.read("manager", scores, after=after, limit=5):
        paged += page
        after = (page[-1][0].valid_from, page[-1][0].id)
    assert [score.id for score, _ in paged] == [score.id for score, _ in everything]
    assert len(paged) == 12
