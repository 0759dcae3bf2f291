"""The map's words are marked for translation in service.web; maps knows no languages."""

from dataclasses import fields
from datetime import date
from uuid import UUID

from sqlmodel import Session

from maps.labels import Labels
from service.access.queries import organisation_by_code
from service.contracts.actions import sign_contract
from service.contracts.queries import Cover, contract_by_code, covers
from service.core.actor import Actor
from service.core.settings import Settings
from service.plots.queries import register
from service.schemes.actions import enter_scheme
from service.standards.queries import grades
from service.web.map_words import STATES, WORDS, labels_in
from service.web.register_map import level_of, period_before, popup, read_register, register_file, themes_of
from service.workplan.actions import enter_tasks
from service.workplan.models import Task
from tests.conftest import World
from tests.park import SCHEME, new_contract, new_line
from tests.service.web.visitor import signed_in


def test_every_word_of_the_map_is_marked_as_it_stands_there() -> None:
    own = Labels()
    assert {item.name for item in fields(own)} == {*WORDS, "states"}
    assert labels_in(str) == own
    assert own.states == STATES


def test_the_map_knows_what_its_reader_may_know(full: World) -> None:
    manager = {row.record.plot.code: row for row in full.read("manager", read_register).rows}
    viewer = {row.record.plot.code: row for row in full.read("viewer", read_register).rows}
    assert len(manager["N-1"].open_findings) == 2
    assert manager["N-1"].late_tasks == 1
    assert manager["N-1"].deducted_minor is not None
    assert viewer["N-1"].deducted_minor is None
    assert {row.record.plot.code for row in full.read("green-1", read_register).rows} == {"N-1", "N-2", "S-2"}


def test_a_contractor_has_the_same_colour_for_every_reader_and_in_every_zone(full: World) -> None:

    def colours(who: str, zone: str = "") -> dict[str, object]:
        found = full.read(who, lambda session: themes_of(session, read_register(session, zone=zone), "en"))
        return {item.label: item.colours for item in found[0].classes}

    everything = colours("manager")
    assert len(set(everything.values())) == len(everything) > 1
    assert all(everything[name] == pair for name, pair in colours("manager", "N").items())
    assert colours("river-1") == {"River": everything["River"]}


def test_the_chosen_theme_stands_in_the_address_and_is_kept(full: World) -> None:
    browser = signed_in(full, "manager")
    page = browser.get("/map?theme=score&zone=N&month=2013-01").text
    assert '<input type="hidden" name="theme" value="score">' in page
    assert "/map?theme=score&amp;zone=N&amp;month=2013-01&amp;lang=zh" in page
    assert browser.get("/map?theme=sunshine").status_code == 422


def test_a_past_day_shows_what_was_known_then(full: World) -> None:
    then = {r.record.plot.code: r for r in full.read("manager", read_register, as_of=date(2013, 1, 15)).rows}
    assert then["N-1"].open_findings == ()
    assert then["N-1"].late_tasks == 0  # due until 31 January


def test_the_written_map_is_the_same_every_time_and_names_no_other_host(full: World) -> None:
    here, day = Settings(folder=full.folder), date(2013, 3, 1)
    one = full.read("manager", register_file, here, language="zh", as_of=day)
    assert one == full.read("manager", register_file, here, language="zh", as_of=day)
    assert b"https://" not in one.split(b"<body")[1].split(b"<script>")[0]


def test_overdue_tasks_have_a_line_of_their_own_in_the_popup(world: World) -> None:
    world.on(date(2013, 2, 4))
    world.act("host", _late_task, world.plots["N-1"])
    data = world.read("manager", read_register)
    row = next(row for row in data.rows if row.record.plot.code == "N-1")
    told = dict(world.read("manager", lambda session: popup(row, grades(session), "en")))
    assert told["Overdue tasks"] == "1"
    assert "Findings" not in told


def _late_task(session: Session, actor: Actor, plot: UUID) -> None:
    contract = contract_by_code(session, "C1")[0]
    due = date(2013, 1, 10)
    task = Task(plot_id=plot, contract_id=contract.id, operation="mowing", due_from=due, due_until=due)
    enter_tasks(session, actor, [task], source=contract)


def test_currency_and_period_are_those_of_the_contracts_shown(world: World) -> None:
    """S-2 comes in, in another currency, settled by quarter."""
    world.act("host", _dollars_by_quarter, world.plots["S-2"])
    world.on(date(2013, 5, 6))
    north, all_ = (world.read("manager", read_register, zone=zone) for zone in ("N", ""))
    assert (north.level, list(north.currencies)) == ("month", ["CNY"])
    assert (all_.level, list(all_.currencies)) == ("month", ["CNY", "USD"])
    units = [theme.unit for theme in world.read("manager", themes_of, all_, "en") if theme.key.startswith("deductions")]
    assert units == ["CNY", "USD"]
    page = signed_in(world, "manager").get("/map").text
    assert "USD 0.00" in page
    own = world.read("manager", lambda session: only(session, "S-2"))
    assert level_of(own) == "quarter"
    assert [period_before(date(2013, 5, 6), level).valid_from.month for level in ("month", "quarter")] == [4, 1]
    assert level_of([]) == "month"


def only(session: Session, code: str) -> list[Cover]:
    held = covers(session)
    return [held[r.plot.id] for r in register(session, codes=[code])]


def _dollars_by_quarter(session: Session, actor: Actor, plot: UUID) -> None:
    text = SCHEME.replace("CNY", "USD").replace("month", "quarter").replace("scheme: park", "scheme: park-usd")
    text = text.replace("period: 2013-05", "period: 2013-Q2").replace("2013-06-01", "2013-07-01")
    scheme, _ = enter_scheme(session, actor, text.replace("2013-05-01", "2013-04-01"))
    green = organisation_by_code(session, "green")
    contract = new_contract("C4", green.id, scheme.id, currency="USD", settled="quarter")
    sign_contract(session, actor, contract, [new_line(plot, "S-2", "5.00", "2")])
