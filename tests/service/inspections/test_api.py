"""Scores over HTTP."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from service.contracts.queries import contract_by_code
from service.core.actor import Actor
from service.core.db import now
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from tests.conftest import World

API = "/api/v1"


@pytest.fixture
def scored(world: World) -> World:
    """A visit of N-1 on 5 January, one of S-1 on 6 January, and a score of N-1 for January."""

    def enter(session: Session, actor: Actor) -> None:
        north, south = (contract_by_code(session, code)[0] for code in ("C1", "C2"))
        rows = [("N-1", north, 5, 1, "90.5"), ("S-1", south, 6, 1, "80"), ("N-1", north, 1, 31, "95")]
        scores = [
            Score(
                plot_id=world.plots[plot],
                contract_id=contract.id,
                valid_from=date(2013, 1, day),
                valid_to=date(2013, 1, day) + timedelta(days=days),
                channel="visit",
                score=Decimal(score),
                recorded_at=now(session),
                recorded_by=actor.code,
            )
            for plot, contract, day, days, score in rows
        ]
        enter_scores(session, actor, scores, source=north)

    world.act("host", enter)
    return world


def seen(world: World, who: str = "manager", **asked: Any) -> list[tuple[str, str, str, str]]:
    rows = world.client(who).get(f"{API}/scores", params=asked).json()["items"]
    return [(row["plot"], row["from"], row["until"], row["score"]) for row in rows]


MONTH = ("N-1", "2013-01-01", "2013-01-31", "95")
NORTH, SOUTH = ("N-1", "2013-01-05", "2013-01-05", "90.5"), ("S-1", "2013-01-06", "2013-01-06", "80")


def test_scores_by_plot_contract_and_days(scored: World) -> None:
    assert seen(scored) == [MONTH, NORTH, SOUTH]
    assert seen(scored, plot="N-1") == seen(scored, contract="C1") == seen(scored, "green-1") == [MONTH, NORTH]
    assert seen(scored, **{"from": "2013-01-05", "until": "2013-01-05"}) == [NORTH]
    assert seen(scored, **{"from": "2013-01-02"}) == [NORTH, SOUTH]
    assert seen(scored, until="2013-01-31") == [MONTH, NORTH, SOUTH]
    assert seen(scored, until="2013-01-30") == [NORTH, SOUTH]
    assert seen(scored, "admin") == []


def test_scores_are_paged(scored: World) -> None:
    page = scored.client("manager").get(f"{API}/scores", params={"limit": 1}).json()
    assert seen(scored, after=page["next"]) == [NORTH, SOUTH]


def test_the_last_day_does_not_come_first(scored: World) -> None:
    answer = scored.client("manager").get(f"{API}/scores", params={"from": "2013-01-02", "until": "2013-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "until_before_from")
