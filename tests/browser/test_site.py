"""The site as people see it: the map draws, popups lead on, the form files from a phone, nobody else is asked."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from service.findings.queries import findings
from tests.browser.park_96 import enter_more_plots
from tests.conftest import World
from tests.service.web.visitor import link_for
from tests.support.browser import Chromium, served

PLOTS = "document.querySelector('.gk-map').gkState.data.plots.code.length"
PAINTED = """() => [...document.querySelectorAll('.gk-map canvas')].reduce((sum, canvas) => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) painted += 1;
  return sum + painted;
}, 0)"""
MIDDLE = """code => {
  const state = document.querySelector('.gk-map').gkState;
  const box = state.shapes[state.data.plots.code.indexOf(code)].box;
  const at = state.map.latLngToContainerPoint(state.latLng((box[0] + box[2]) / 2, (box[1] + box[3]) / 2));
  const frame = state.map.getContainer().getBoundingClientRect();
  return {x: frame.x + at.x, y: frame.y + at.y};
}"""


@pytest.fixture
def spring(world: World) -> World:
    world.on(date(2013, 3, 2))
    return world


def enter(chromium: Chromium, world: World, url: str, who: str, **options: Any) -> Any:
    """Sign in through a link, by its button; return the page."""
    page = chromium.open(url + link_for(world, who), **options)
    page.click("button")
    page.wait_for_load_state("networkidle")
    return page


def test_the_map_draws_96_plots_and_leads_to_their_pages(chromium: Chromium, spring: World) -> None:
    spring.act("host", enter_more_plots)
    spring.file("N-1")
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "manager", language="en")
        assert page.url == f"{url}/map"
        page.wait_for_function(f"{PLOTS} === 96")
        assert page.evaluate(PAINTED) > 2000
        assert page.locator("#table tbody tr").count() == 96
        at = page.evaluate(MIDDLE, "M-050")
        page.mouse.click(at["x"], at["y"])
        page.click(".leaflet-popup a[href='/plots/M-050']")
        page.wait_for_url(f"{url}/plots/M-050")
        assert "Plot 50" in page.inner_text("h1")
    assert chromium.complaints == []
    assert chromium.outside == []


def test_a_finding_is_filed_from_a_phone(chromium: Chromium, spring: World, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), (90, 140, 60)).save(tmp_path / "grass.jpg")
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "inspector", width=390, height=844)
        page.goto(f"{url}/findings/new?plot=N-1")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for name in ("button[type=submit].filled", ".tile", "#plot", "[data-chip]", "[data-step]"):
            sizes = page.locator(name).evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
            assert all(height >= 56 for height in sizes if height), name
        page.set_input_files("#photos", tmp_path / "grass.jpg")
        page.check("input[value=litter]", force=True)
        page.click("[data-chip='5']")
        page.click("[data-step='1']")
        page.click(".placing svg")
        page.fill("#text", "长椅旁有垃圾")
        page.click("button[type=submit].filled")
        page.wait_for_url(f"{url}/findings/F-2013-*")
        assert "长椅旁有垃圾" in page.inner_text("main")
    [record] = spring.read("inspector", findings)
    assert (record.plot.code, str(record.finding.quantity)) == ("N-1", "6.00")
    assert record.finding.point is not None
    assert chromium.complaints == []


WIDE = """() => [
  ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
  ...[...document.querySelectorAll('.rows')].filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText),
]"""


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_has_to_be_pushed_sideways(chromium: Chromium, spring: World, width: int) -> None:
    spring.settle("C1", 1)
    paths: tuple[str, ...] = (
        "/map",
        "/plots",
        "/plots/N-1",
        "/findings?state=all",
        "/tasks?state=all",
        "/contracts",
        "/contracts/C1",
    )
    paths += ("/statements", "/statements/C1-2013-01", "/authority", "/schemes/park/v1")
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "manager", language="en", width=width)
        for path in paths:
            page.goto(url + path)
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
            assert page.evaluate(WIDE) == [], path


def test_the_first_stop_after_the_skip_link_is_in_the_work_area(chromium: Chromium, spring: World) -> None:
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "manager")
        page.goto(f"{url}/plots")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_change_of_month_or_language_keeps_the_colouring(chromium: Chromium, spring: World) -> None:
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "manager", language="en")
        page.locator(".gk-choice", has_text="Grade").click()
        assert page.url.endswith("theme=grade")
        page.select_option("select[name=zone]", "N")
        page.wait_for_url("**/map?theme=grade&zone=N**")
        page.locator(".gk-choice", has_text="Contractor").click()
        page.click(".language a")
        page.wait_for_url("**lang=zh**")
        assert "theme=contractor" in page.url


def test_the_form_works_without_a_script(chromium: Chromium, spring: World) -> None:
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "inspector", java_script_enabled=False)
        page.goto(f"{url}/findings/new?plot=N-1")
        page.check("input[value=litter]", force=True)
        page.fill("#quantity", "3")
        page.fill("#text", "垃圾")
        page.click("button[type=submit].filled")
        assert "/findings/F-2013-" in page.url
    assert len(spring.read("inspector", findings)) == 1


def test_a_document_is_filed_from_a_phone_without_a_script(chromium: Chromium, spring: World, tmp_path: Path) -> None:
    (tmp_path / "drawing.pdf").write_bytes(b"%PDF-1.7")
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "inspector", language="en", width=390, java_script_enabled=False)
        page.goto(f"{url}/plots/N-1")
        page.click("#documents summary")
        page.set_input_files("#file", tmp_path / "drawing.pdf")
        page.fill("#title", "竣工图")
        page.click("#documents [type=submit]")
        assert page.url == f"{url}/plots/N-1#documents"
        assert "Choose what the document is." in page.inner_text("#documents [role=alert]")
        page.select_option("#kind", "drawing")
        page.set_input_files("#file", tmp_path / "drawing.pdf")
        page.click("#documents [type=submit]")
        page.wait_for_url(f"{url}/plots/N-1#documents")
        assert "竣工图" in page.inner_text("#documents table")


def test_the_reason_of_an_amount_opens_without_a_script(chromium: Chromium, spring: World) -> None:
    spring.settle("C1", 1)
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "auditor", language="en", java_script_enabled=False)
        page.goto(f"{url}/statements/C1-2013-01")
        page.click("details.line >> nth=0 >> summary >> nth=0")
        assert "sum(amount)" in page.inner_text("details.line >> nth=0")


def test_a_token_is_issued_by_its_button_alone(chromium: Chromium, spring: World) -> None:
    with served(spring.app) as url:
        page = enter(chromium, spring, url, "manager", language="en")
        page.goto(f"{url}/account")
        page.fill("[name=name]", "Report of the month")
        page.select_option("[name=days]", index=0)
        page.wait_for_load_state("networkidle")
        assert "gk_" not in page.inner_text("main")
        page.click("text=Issue a token")
        page.wait_for_load_state("networkidle")
        assert "gk_" in page.inner_text("main")
        assert "Report of the month" in page.inner_text("main")
