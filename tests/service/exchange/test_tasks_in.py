"""Tasks from a CSV."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from service.access.models import Organisation
from service.contracts.actions import sign_contract
from service.core.actor import Actor
from service.core.dates import half_open
from service.core.errors import HasIssues
from service.exchange.report import Report
from service.exchange.tasks_in import COLUMNS, import_tasks
from service.exchange.texts import File
from service.plots.models import Plot
from service.schemes.models import SchemeVersion
from service.workplan.models import Task
from tests.conftest import World
from tests.park import new_contract, new_line
from tests.service.exchange.files import csv_file, numbers, problems, state

GOOD = ["N-1", "mowing", "2013-05-01", "2013-05-10", "2013-05-03", "120.50", "m2", "green-1", "supervisor"]
OPEN = ["S-2", "mowing", "2013-05-01", "2013-05-10", "", "", "", "", ""]
BAD = {  # what is put into the good row: the issues, each a column and a code
    "no plot": ({0: "X-9"}, [("plot", "unknown_plot")]),
    "plot in full width": ({0: "Ｎ-1"}, [("plot", "unknown_plot")]),
    "plot empty": ({0: ""}, [("plot", "missing")]),
    "no operation": ({1: "sow"}, [("operation", "unknown_operation")]),
    "two dates": ({2: "2013-5-1", 3: "2013-02-30"}, [("due_from", "bad_cell"), ("due_until", "bad_cell")]),
    "iso week": ({2: "2013-W18-3"}, [("due_from", "bad_cell")]),
    "far date": ({4: "9999-12-31"}, [("done_on", "bad_cell")]),
    "no dates": ({2: "", 3: ""}, [("due_from", "missing"), ("due_until", "missing")]),
    "backwards": ({2: "2013-05-11"}, [("due_until", "until_before_from")]),
    "not done": ({4: ""}, [("signed_by", "signed_undone")]),
    "exponent": ({5: "1e999"}, [("quantity", "bad_cell")]),
    "no number": ({5: "NaN"}, [("quantity", "bad_cell")]),
    "too many places": ({5: "1.005"}, [("quantity", "bad_cell")]),
    "beyond 64 bits": ({5: "9223372036854775808"}, [("quantity", "bad_cell")]),
    "less than nothing": ({5: "-1"}, [("quantity", "bad_cell")]),
    "full width": ({5: "１２"}, [("quantity", "bad_cell")]),
    "unit": ({6: "m"}, [("unit", "other_unit")]),
    "nul": ({7: "a\x00b"}, [("reported_by", "unreadable_text")]),
    "long": ({8: "a" * 3000}, [("signed_by", "string_too_long")]),
}


def act(session: Session, actor: Actor, file: File) -> Report:
    return import_tasks(session, actor, file)


def table(*rows: list[str]) -> File:
    return csv_file([list(COLUMNS), *rows])


def with_cells(cells: dict[int, str]) -> list[str]:
    return [cells.get(index, text) for index, text in enumerate(GOOD)]


def test_a_good_file_becomes_tasks_of_their_contracts(world: World) -> None:
    report = world.act("manager", act, table(GOOD, OPEN))
    assert (report.batch.rows, report.batch.written, report.batch.unchanged) == (2, 2, 0)
    with world.session("auditor") as session:
        tasks = {task.plot_id: task for task in session.exec(select(Task))}
    done, undone = tasks[world.plots["N-1"]], tasks[world.plots["S-2"]]
    assert (done.done_on, done.quantity, done.unit) == (date(2013, 5, 3), Decimal("120.50"), "m2")
    assert done.contract_id is not None
    assert undone.contract_id is None, "nobody is contracted for it"
    assert undone.done_on is None


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_written(world: World) -> None:
    before = state(world.database)
    file = table(*(with_cells(cells) for cells, _ in BAD.values()), GOOD, GOOD)
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, file)
    wanted = [(row, *issue) for row, (_, issues) in enumerate(BAD.values(), start=1) for issue in issues]
    found = numbers(problems(refused))
    twice = [issue for issue in found if issue[2] == "task_twice"]
    assert sorted(issue for issue in found if issue not in twice) == sorted(wanted)
    assert (len(BAD) + 2, "plot", "task_twice") in twice
    assert refused.value.details == {"count": len(found)}
    assert state(world.database) == before


def test_the_same_file_again_changes_nothing(world: World) -> None:
    world.act("manager", act, table(GOOD, OPEN))
    report = world.act("manager", act, table(GOOD, OPEN))
    assert (report.batch.written, report.batch.unchanged) == (0, 2)


def test_what_was_done_meanwhile_is_brought_up_to_date(world: World) -> None:
    world.act("manager", act, table(OPEN))
    done = [*OPEN[:4], "2013-05-04", "10", "m2", "green-1", ""]
    report = world.act("manager", act, table(done, GOOD))
    assert (report.batch.written, report.batch.unchanged) == (2, 0)
    with world.session("auditor") as session:
        tasks = list(session.exec(select(Task).where(Task.plot_id == world.plots["S-2"])))
    assert [task.done_on for task in tasks] == [date(2013, 5, 4)]


def test_tasks_that_came_before_their_contract_find_it_when_they_come_again(world: World) -> None:
    early = ["N-1", "mowing", "2014-05-01", "2014-05-10", "", "", "", "", ""]
    world.act("manager", act, table(early))
    assert world.read("green-1", tasks_of_2014) == []
    world.act("host", sign_2014)
    report = world.act("manager", act, table(early))
    assert (report.batch.written, report.batch.unchanged) == (1, 0)
    assert len(world.read("green-1", tasks_of_2014)) == 1


def tasks_of_2014(session: Session) -> list[Task]:
    return list(session.exec(select(Task).where(Task.due_from == date(2014, 5, 1))))


def sign_2014(session: Session, actor: Actor) -> None:
    green = session.exec(select(Organisation).where(Organisation.code == "green")).one()
    scheme = session.exec(select(SchemeVersion)).one()
    plot = session.exec(select(Plot).where(Plot.code == "N-1")).one()
    year = half_open(date(2014, 1, 1), date(2014, 12, 31))
    contract = new_contract("C9", green.id, scheme.id, valid_from=year.valid_from, valid_to=year.valid_to)
    sign_contract(session, actor, contract, [new_line(plot.id, "N-1", "1", "1", year)])
