"""Plots and zones as they are entered: what stands later is not wiped, and a zone's letters are its own."""

from dataclasses import replace
from datetime import date

from sqlmodel import Session

from service.access.queries import organisation_by_code, user_by_code
from service.core.actor import Actor
from service.plots.actions import add_zone, enter_plots, post_to_zones
from service.plots.facts import PlotFacts
from service.plots.queries import plot_as_of, register, zone_by_code
from tests.conftest import World
from tests.park import square


def enter(session: Session, actor: Actor, facts: PlotFacts, first: date) -> None:
    source = organisation_by_code(session, "park")
    enter_plots(session, actor, [facts], valid_from=first, source=source)


def names(world: World, day: date) -> str:
    return world.read("auditor", plot_as_of, "B-1", as_of=day).version.name_en


def test_an_older_file_does_not_wipe_what_came_later(world: World) -> None:
    zone = world.read("host", zone_by_code, "N")
    first = square("B-1", 118.81, 31.91, zone.id)
    world.act("host", enter, first, date(2013, 1, 1))
    world.act("host", enter, replace(first, name_en="June"), date(2013, 6, 1))
    world.act("host", enter, replace(first, name_en="January"), date(2013, 1, 1))
    assert [names(world, day) for day in (date(2013, 5, 31), date(2013, 6, 1))] == ["January", "June"]


def test_zones_that_differ_only_in_case_or_by_a_wildcard_are_different(world: World) -> None:
    for number, code in enumerate(("Q", "q", "A_1", "AB1")):
        world.act("host", add_zone, code=code, parent=None, name_zh=code, name_en=code)
        zone = world.read("host", zone_by_code, code)
        plot = square(f"Z-{number}", 118.82 + number / 100, 31.92, zone.id)
        world.act("host", enter, plot, date(2000, 1, 1))
    with world.session("host", write=True) as session:
        post_to_zones(session, world.actors["host"], user_by_code(session, "inspector-s"), ["Q", "A_1"])
    seen = {record.plot.code for record in world.read("inspector-s", register)}
    assert {code for code in seen if code.startswith("Z-")} == {"Z-0", "Z-2"}
    assert [r.plot.code for r in world.read("auditor", register, zone="q")] == ["Z-1"]
