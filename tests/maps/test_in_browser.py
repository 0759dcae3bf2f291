"""Maps in Chromium: nobody else is asked, hostile words are words, hands and keys find the plots."""

from pathlib import Path

import pytest

from maps.register import register_map
from maps.themes import category_theme, ramp_theme
from tests.maps.pages import STATE, click_plot, show, site
from tests.maps.plots import PAYLOADS, findings, register
from tests.support.browser import Chromium


def test_hostile_words_are_shown_as_words(chromium: Chromium, tmp_path: Path) -> None:
    drawn = register_map(register(PAYLOADS), findings=findings(["to_cure"] * 8, PAYLOADS[0]), title=PAYLOADS[1])
    page = show(chromium, tmp_path, drawn)
    for number, payload in enumerate(PAYLOADS):
        click_plot(page, number)
        assert page.locator(".leaflet-popup .gk-card-title").inner_text().endswith(payload)
        assert page.locator(".leaflet-popup dd").inner_text() == payload
    assert page.evaluate("window.hacked") is None
    assert page.title() == PAYLOADS[1]
    assert (chromium.complaints, chromium.dialogs) == ([], [])


def test_a_file_asks_nobody_for_anything(chromium: Chromium, tmp_path: Path) -> None:
    requests: list[str] = []
    page = chromium.visitor()
    page.on("request", lambda request: requests.append(request.url))
    path = tmp_path / "map.html"
    path.write_bytes(register_map(register(), findings=findings(["filed"])).file())
    page.goto(path.as_uri())
    page.wait_for_selector(".gk-legend")
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    assert chromium.complaints == []


def test_a_served_page_needs_no_more_than_a_nonce(chromium: Chromium) -> None:
    with site(register_map(register(), findings=findings(["to_cure", "filed"]), language="zh")) as url:
        page = chromium.open(f"{url}/?sel=id1")
        page.wait_for_selector(".gk-legend")
        assert page.locator(".gk-selection").inner_text().split()[1] == "1"
        click_plot(page, 0)
        page.wait_for_selector(".leaflet-popup")
        assert page.url.endswith("?sel=id0")
        click_plot(page, 2, keys=["Shift"])
        assert "id0%2Cid2" in page.url
        assert "84,001 m²" in page.locator(".gk-selection").inner_text()
        assert chromium.complaints == []


def test_one_hue_theme_at_a_time_and_a_class_can_be_hidden(chromium: Chromium, tmp_path: Path) -> None:
    theme = category_theme("contractor", "Contractor", ["a", "b", None], {"a": "Qingling", "b": "Woye"}, "Other")
    drawn = register_map(register(), themes=[theme], findings=findings(["to_cure", "filed", "to_verify"]))
    page = show(chromium, tmp_path, drawn)
    legend = page.locator(".gk-legend")
    assert "No data" in legend.inner_text()
    entry = legend.get_by_role("button", name="Qingling")
    entry.click()
    assert entry.get_attribute("aria-pressed") == "false"
    assert page.evaluate(f"{STATE}.styleOf(0, 0).hidden") is True
    page.get_by_role("radio", name="Findings").check(force=True)
    assert page.evaluate(f"{STATE}.styleOf(0, 0).kind") == "neutral"
    assert "Qingling" not in legend.inner_text()


def test_keys_alone_find_and_leave_a_plot(chromium: Chromium, tmp_path: Path) -> None:
    page = show(chromium, tmp_path, register_map(register()))
    page.locator(".folium-map").focus()
    page.keyboard.press("n")
    assert page.locator(".leaflet-popup .gk-code").inner_text() == "J2-001"
    page.keyboard.press("n")
    assert page.locator(".leaflet-popup .gk-code").inner_text() == "J2-002"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('folium-map')") is False
    assert page.locator(".leaflet-popup-pane .leaflet-popup").count() == 0


def test_a_box_selects_the_plots_in_it(chromium: Chromium, tmp_path: Path) -> None:
    page = show(chromium, tmp_path, register_map(register()))
    frame = page.locator(".gk-frame").bounding_box()
    assert frame is not None
    page.keyboard.down("Shift")
    page.mouse.move(frame["x"] + 40, frame["y"] + 20)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] - 80, frame["y"] + frame["height"] - 20, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert page.evaluate(f"[...{STATE}.selected]") == [0, 1, 2]
    assert "126,002 m²" in page.locator(".gk-selection").inner_text()


def test_the_page_scrolls_until_the_map_is_clicked(chromium: Chromium, tmp_path: Path) -> None:
    page = show(chromium, tmp_path, register_map(register()))
    zoom = page.evaluate(f"{STATE}.map.getZoom()")
    page.locator(".folium-map").hover()
    page.mouse.wheel(0, -300)
    page.wait_for_selector(".gk-hint.gk-shown")
    assert page.evaluate(f"{STATE}.map.getZoom()") == zoom
    page.keyboard.down("Control")
    page.mouse.wheel(0, 300)
    page.keyboard.up("Control")
    page.wait_for_function(f"{STATE}.map.getZoom() < {zoom}")


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (390, "en"), (1440, "zh")])
def test_nothing_stands_over_the_plots_or_beyond_the_screen(
    chromium: Chromium, tmp_path: Path, width: int, language: str
) -> None:
    score = ramp_theme("score", "Score", "points", [79, 90, None], "cool", [80, 85, 90, 95], "thresholds")
    drawn = register_map(register(), themes=[score], findings=findings(["to_cure"]), language=language)
    page = show(chromium, tmp_path, drawn, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frame, legend = page.locator(".gk-frame").bounding_box(), page.locator(".gk-legend").bounding_box()
    assert frame is not None
    assert legend is not None
    assert legend["y"] >= frame["y"] + frame["height"]
