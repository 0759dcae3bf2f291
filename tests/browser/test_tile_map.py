"""The map that asks for tiles as it moves: same colours, same popups, no plot of another's."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page

from service.web import map_page
from tests.browser.park_96 import enter_more_plots
from tests.browser.test_site import MIDDLE, PAINTED, enter
from tests.conftest import World
from tests.support.browser import Chromium, served

STATE = "document.querySelector('.gk-map').gkState"
WHOLE = f"{STATE} && {STATE}.tiles && {STATE}.tiles.isWhole"
TOLD = "document.querySelector('.gk-corner').textContent.includes('did not come')"
SHOWN = f"[...{STATE}.shapes.keys()].filter(n => {STATE}.shapes[n]).map(n => {STATE}.data.plots.code[n])"
COLOURS = f"""() => Object.fromEntries([...{STATE}.shapes.keys()].filter(n => {STATE}.shapes[n])
  .map(n => [{STATE}.data.plots.code[n], {STATE}.styleOf(n, 0).colour]))"""
FILLED = f"""() => {{  // how much of its box a square that was cut still fills
  const shape = {STATE}.shapes.find((one) => one && one.rings.length > 1);
  if (!shape) return null;
  let area = 0;
  for (const ring of shape.rings) {{
    for (let j = ring.length - 2, i = 0; i < ring.length; j = i, i += 2) {{
      area += ring[j] * ring[i + 1] - ring[i] * ring[j + 1];
    }}
  }}
  const [west, north, east, south] = shape.box;
  return area / 2 / ((east - west) * (south - north));
}}"""
SEAMS = f"{STATE}.shapes.reduce((sum, shape) => sum + shape.seams.reduce((some, ring) => some + ring.size, 0), 0)"


@pytest.fixture
def large(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world.on(date(2013, 3, 2))
    world.act("host", enter_more_plots)
    world.file("N-1")
    monkeypatch.setattr(map_page, "AT_ONCE", 50)
    return world


def wait(page: Page, condition: str) -> Page:
    """Wait in the page itself: its policy forbids what playwright's own waiting evaluates."""
    look = f"const look = () => ({condition}) ? done() : setTimeout(look, 20)"
    page.evaluate(f"() => new Promise((done) => {{ {look}; look(); }})")
    return page


def whole(page: Page) -> Page:
    return wait(page, WHOLE)


def go_to(page: Page, plot: str, zoom: int) -> None:
    page.evaluate(
        f"""([code, zoom]) => {{
            const state = {STATE};
            const spot = state.shapes[state.data.plots.code.indexOf(code)].box;
            state.map.setView(state.latLng((spot[0] + spot[2]) / 2, (spot[1] + spot[3]) / 2), zoom, {{animate: false}});
        }}""",
        [plot, zoom],
    )
    whole(page)


def test_a_large_register_is_drawn_from_tiles_and_a_click_leads_to_the_plot(chromium: Chromium, large: World) -> None:
    with served(large.app) as url:
        page = whole(enter(chromium, large, url, "manager", language="en"))
        assert len(page.evaluate(SHOWN)) == 96
        assert page.evaluate(PAINTED) > 2000
        assert page.locator("#table").count() == 0
        assert "96" in page.inner_text(".told")
        legend = page.inner_text(".gk-legend")
        assert "Green 2" in " ".join(legend.split())
        go_to(page, "M-050", 16)
        at = page.evaluate(MIDDLE, "M-050")
        page.mouse.click(at["x"], at["y"])
        card = page.inner_text(".leaflet-popup")
        assert "Plot 50" in card
        assert "No data" in card  # no contract
        page.click(".leaflet-popup a[href='/plots/M-050']")
        page.wait_for_url(f"{url}/plots/M-050")
    assert chromium.complaints == []
    assert chromium.outside == []


def test_tiles_and_the_page_itself_colour_alike(
    chromium: Chromium, large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(large.app) as url:
        by_tiles = whole(enter(chromium, large, url, "manager")).evaluate(COLOURS)
        monkeypatch.setattr(map_page, "AT_ONCE", 1000)
        page = enter(chromium, large, url, "manager")
        wait(page, f"{STATE} && {STATE}.shapes.length === 96")
        assert page.evaluate(COLOURS) == by_tiles
        assert len(set(by_tiles.values())) == 3  # two contractors, and none


def test_a_contractor_gets_no_tile_of_anothers_plots(
    chromium: Chromium, large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_page, "AT_ONCE", 0)
    with served(large.app) as url:
        page = enter(chromium, large, url, "green-1")
        page.goto(f"{url}/map")
        whole(page)
        listed = large.client("green-1").get("/api/v1/plots").json()["items"]
        assert sorted(page.evaluate(SHOWN)) == [row["code"] for row in listed]


def test_a_plot_that_several_tiles_cut_is_one_again(chromium: Chromium, large: World) -> None:
    with served(large.app) as url:
        page = whole(enter(chromium, large, url, "manager"))
        go_to(page, "M-050", 17)
        page.evaluate(f"{STATE}.map.panBy([300, 200], {{animate: false}})")
        whole(page)
        cut: Any = page.evaluate(FILLED)
        assert cut is not None
        assert abs(cut - 1) < 0.02  # a square again, neither torn nor doubled
        assert page.evaluate(SEAMS) > 0


def test_keys_and_the_address_choose_plots_of_tiles(chromium: Chromium, large: World) -> None:
    with served(large.app) as url:
        page = enter(chromium, large, url, "manager")
        page.goto(f"{url}/map?sel=M-007")
        whole(page)
        assert page.evaluate(f"[...{STATE}.selected].map(n => {STATE}.data.plots.code[n])") == ["M-007"]
        page.locator(".folium-map").focus()
        page.keyboard.press("n")
        assert page.locator(".leaflet-popup .gk-code").inner_text() in page.evaluate(SHOWN)
        assert "sel=" in page.url


def test_a_tile_that_does_not_come_is_told(chromium: Chromium, large: World) -> None:
    with served(large.app) as url:
        page = whole(enter(chromium, large, url, "manager", language="en"))
        page.route("**/plots/tiles/**", lambda route: route.fulfill(status=500))
        page.evaluate(f"{STATE}.map.setZoom(18, {{animate: false}})")
        wait(page, TOLD)
        page.unroute("**/plots/tiles/**")
        page.evaluate(f"{STATE}.map.panBy([1, 1], {{animate: false}})")
        whole(page)
        assert page.evaluate(TOLD) is False
    chromium.complaints.clear()  # Chromium itself tells of the answers with 500
