"""Scores from a CSV, and what is set aside of them."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from service.audit_log.queries import events
from service.core.actor import Actor
from service.core.db import look_at_the_clock
from service.core.errors import HasIssues
from service.core.i18n import translate
from service.exchange import scores_in
from service.exchange.queries import set_asides
from service.exchange.report import Report
from service.exchange.scores_in import ScoresLayout, import_scores
from service.exchange.texts import File
from service.inspections.actions import ImportedBefore
from service.inspections.models import Score
from tests.conftest import World
from tests.service.exchange.files import csv_file, numbers, problems, state

HEADER = ["plot", "period", "score", "channel"]
FOREIGN = ScoresLayout(
    columns={"plot": "ParkID", "period": "FQ", "score": "Score", "name": "Park"},
    empty=["NULL", "n/a"],
    scale=Decimal(30),
    fiscal_year_starts=7,
)


def act(
    session: Session, actor: Actor, file: File, layout: ScoresLayout | None = None, set_aside: Sequence[str] = ()
) -> Report:
    return import_scores(session, actor, file, layout or ScoresLayout(), set_aside=set_aside)


def scores(world: World) -> list[Score]:
    with world.session("auditor") as session:
        return list(session.exec(select(Score).order_by(col(Score.source_row))))


def test_scores_belong_to_the_contract_of_their_first_day(world: World) -> None:
    rows = [["N-1", "2013-08", "96.5", ""], ["N-1", "2012-08-03", "80", "public"], ["S-1", "2013-09", "100", ""]]
    report = world.act("manager", act, csv_file([HEADER, *rows]))
    assert (report.batch.rows, report.batch.written, report.set_aside) == (3, 3, [])
    first, early, third = scores(world)
    assert (first.valid_from, first.valid_to, first.score) == (date(2013, 8, 1), date(2013, 9, 1), Decimal("96.5"))
    assert (early.contract_id, early.channel) == (None, "public"), "before the contract there is none"
    assert None not in (first.contract_id, third.contract_id)
    assert first.contract_id != third.contract_id
    assert {score.import_id for score in scores(world)} == {report.batch.id}


def test_repeat_visits_stay_rows_of_their_own(world: World) -> None:
    world.act("manager", act, csv_file([HEADER, *[["N-1", "2013-08-01", "90", ""]] * 3]))
    assert len(scores(world)) == 3


def test_a_foreign_layout_scales_and_rounds_once(world: World) -> None:
    file = csv_file([["ParkID", "FQ", "Score", "Park"], ["N-1", "FY12Q3", "10", "x"], ["N-2", "FY13Q1", "30", "y"]])
    world.act("manager", act, file, FOREIGN)
    third, full = scores(world)
    assert (third.score, third.valid_from) == (Decimal("33.333333"), date(2012, 1, 1))
    assert (full.score, full.valid_from) == (Decimal(100), date(2012, 7, 1))


def test_set_asides_are_kept_listed_and_counted(world: World) -> None:
    rows = [["X-1", "FY13Q3", "7", "Lost"], ["X-1", "FY13Q4", "NULL", "Lost"], ["N-1", "FY13Q3", "NULL", ""]]
    file = csv_file([["ParkID", "FQ", "Score", "Park"], *rows, ["N-2", "FY12Q3", "30", ""]])
    report = world.act("manager", act, file, FOREIGN, ["unlinked", "missing"])
    assert report.reasons == {"unlinked": 2, "missing": 1}
    assert (report.batch.rows, report.batch.written, report.batch.set_aside) == (4, 1, 3)
    with world.session("auditor") as session:
        kept = set_asides(session, report.batch)
        target = f"Import {report.batch.id}"
        [(event, content)] = events(session, after=0, limit=9999, target=target)[-1:]
    assert event.verb == "import.scores"
    assert content
    assert [row["content"] for row in json.loads(content.document)["after"][1:]] == [row.content for row in kept]
    assert [(row.row, row.reason, row.name) for row in kept] == [
        (1, "unlinked", "Lost"),
        (2, "unlinked", "Lost"),
        (3, "missing", "N-1"),
    ]
    assert kept[0].content["plot"] == "X-1", "what it takes to link the row later stays with it"
    assert kept[0].content["score"] == "7"
    assert len(scores(world)) == 1


def test_without_leave_the_same_rows_are_errors_and_nothing_is_written(world: World) -> None:
    before = state(world.database)
    rows = [["X-1", "FY13Q3", "7", "Lost"], ["N-1", "FY13Q3", "NULL", ""]]
    file = csv_file([["ParkID", "FQ", "Score", "Park"], *rows])
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, file, FOREIGN)
    assert numbers(problems(refused)) == [(1, "plot", "unlinked"), (2, "score", "missing")]
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, file, FOREIGN, ["unlinked"])
    assert numbers(problems(refused)) == [(2, "score", "missing")]
    assert state(world.database) == before


def test_everything_that_is_wrong_is_told_at_once(world: World) -> None:
    before = state(world.database)
    rows = [
        ["X-1", "2013-13", "NaN", ""],
        ["N-1", "2013-08", "100.000001", ""],
        ["N-1", "2013-08", "-0.5", ""],
        ["N-1", "2013-08", "1e2", ""],
        ["N-1", "2013-08", "９６", ""],
        ["N-1", "９９", "96", ""],
        ["N-1", "", "", ""],
        ["N-1", "2013-08", "96.1234567", "a\x07b"],
        ["N-1", "2013-08", "9" * 200, ""],
    ]
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, csv_file([HEADER, *rows]))
    assert sorted(numbers(problems(refused))) == [
        (1, "period", "bad_cell"),
        (1, "plot", "unlinked"),
        (1, "score", "bad_cell"),
        (2, "score", "score_out_of_range"),
        (3, "score", "score_out_of_range"),
        (4, "score", "bad_cell"),
        (5, "score", "bad_cell"),
        (6, "period", "bad_cell"),
        (7, "period", "missing"),
        (7, "score", "missing"),
        (8, "channel", "unreadable_text"),
        (8, "score", "bad_cell"),
        (9, "score", "bad_cell"),
    ]
    [unlinked] = [issue for issue in refused.value.issues if issue.code == "unlinked"]
    assert translate(unlinked.message, "en", unlinked.details) == "No plot has the code X-1."
    assert state(world.database) == before


def test_the_very_file_again_is_refused(world: World) -> None:
    file = csv_file([HEADER, ["N-1", "2013-08", "96.5", ""]])
    world.act("manager", act, file)
    before = state(world.database)
    with pytest.raises(ImportedBefore):
        world.act("manager", act, csv_file([HEADER, ["N-1", "2013-08", "96.5", ""]], name="renamed.csv"))
    assert state(world.database) == before


def test_scores_are_known_from_when_nobody_settles_without_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited for a settlement gets a later instant than that settlement's."""

    def waiting(session: Session, ids: Sequence[UUID | None]) -> None:
        assert len(list(ids)) == 2, "every contract"
        world.instant += timedelta(hours=1)
        look_at_the_clock(session)

    monkeypatch.setattr(scores_in, "lock_contracts", waiting)
    before = world.instant
    world.act("manager", act, csv_file([HEADER, ["N-1", "2013-08", "96.5", ""]]))
    assert scores(world)[0].recorded_at >= before + timedelta(hours=1)


def test_a_score_that_was_given_already_does_not_count_again(world: World) -> None:
    world.act("manager", act, csv_file([HEADER, ["N-1", "2013-08-01", "90", ""]]))
    again = csv_file([HEADER, ["N-1", "2013-08-01", "95", ""], ["N-2", "2013-08-01", "80", ""]])
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, again)
    assert problems(refused) == [("file.csv, row 1, plot", "known")]
    report = world.act("manager", act, again, ScoresLayout(), ["known"])
    assert (report.batch.written, report.reasons) == (1, {"known": 1})


def test_a_score_of_days_that_are_settled_apart_is_refused(world: World) -> None:
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, csv_file([HEADER, ["N-1", "2013-Q3", "90", ""]]))
    assert problems(refused) == [("file.csv, row 1, period", "other_periods")]


def test_a_score_that_no_contract_reads_is_said(world: World) -> None:
    report = world.act("manager", act, csv_file([HEADER, ["N-1", "2012-Q3", "90", ""]]))
    assert [(remark.code, remark.details) for remark in report.remarks] == [("no_contract", {"count": 1})]
