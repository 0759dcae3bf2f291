"""The map's words are marked for translation in service.web; maps knows no languages."""

from dataclasses import fields
from datetime import date

from maps.labels import Labels
from service.core.settings import Settings
from service.web.map_words import STATES, WORDS, labels_in
from service.web.register_map import read_register, register_file, themes_of
from tests.conftest import World
from tests.service.full_world import fill
from tests.service.web.visitor import signed_in


def test_every_word_of_the_map_is_marked_as_it_stands_there() -> None:
    own = Labels()
    assert {item.name for item in fields(own)} == {*WORDS, "states"}
    assert labels_in(str) == own
    assert own.states == STATES


def test_the_map_knows_what_its_reader_may_know(world: World) -> None:
    fill(world)
    manager = {row.record.plot.code: row for row in world.read("manager", read_register).rows}
    viewer = {row.record.plot.code: row for row in world.read("viewer", read_register).rows}
    assert len(manager["N-1"].open_findings) == 2
    assert manager["N-1"].late_tasks == 1
    assert manager["N-1"].deducted_minor is not None
    assert viewer["N-1"].deducted_minor is None
    assert {row.record.plot.code for row in world.read("green-1", read_register).rows} == {"N-1", "N-2", "S-2"}


def test_a_contractor_has_the_same_colour_for_every_reader_and_in_every_zone(world: World) -> None:
    fill(world)

    def colours(who: str, zone: str = "") -> dict[str, object]:
        found = world.read(who, lambda session: themes_of(session, read_register(session, zone=zone), "en"))
        return {item.label: item.colours for item in found[0].classes}

    everything = colours("manager")
    assert len(set(everything.values())) == len(everything) > 1
    assert all(everything[name] == pair for name, pair in colours("manager", "N").items())
    assert colours("river-1") == {"River": everything["River"]}


def test_the_chosen_theme_stands_in_the_address_and_is_kept(world: World) -> None:
    fill(world)
    browser = signed_in(world, "manager")
    page = browser.get("/map?theme=score&zone=N&month=2013-01").text
    assert '<input type="hidden" name="theme" value="score">' in page
    assert "/map?theme=score&amp;zone=N&amp;month=2013-01&amp;lang=zh" in page
    assert browser.get("/map?theme=sunshine").status_code == 422


def test_a_past_day_shows_what_was_known_then(world: World) -> None:
    fill(world)
    then = {r.record.plot.code: r for r in world.read("manager", read_register, as_of=date(2013, 1, 15)).rows}
    assert then["N-1"].open_findings == ()
    assert then["N-1"].late_tasks == 0  # due until 31 January


def test_the_written_map_is_the_same_every_time_and_names_no_other_host(world: World) -> None:
    fill(world)
    here, day = Settings(folder=world.folder), date(2013, 3, 1)
    one = world.read("manager", register_file, here, language="zh", as_of=day)
    assert one == world.read("manager", register_file, here, language="zh", as_of=day)
    assert b"https://" not in one.split(b"<body")[1].split(b"<script>")[0]
