"""What a map draws: the operator's streets, words that keep apart, late tasks, findings, thin strips, short cards."""

import math
from pathlib import Path

import pytest
import shapely

from maps.register import register_map
from maps.themes import category_theme, ramp_theme
from tests.maps.pages import STATE, click_plot, show, written, zoom_to
from tests.maps.plots import PAYLOADS, context, findings, register, strip
from tests.support.browser import Chromium

TOP = "frame => [frame.getBoundingClientRect().x, frame.getBoundingClientRect().y]"
# where a row of plots begins and ends on the canvas
ENDS = """([first, last]) => {
    const {canvas, map, shapes} = STATE;
    const scale = 2 ** map.getZoom();
    const left = map.getPixelOrigin().x + canvas._bounds.min.x;
    return [shapes[first].box[0] * scale - left, shapes[last].box[2] * scale - left];
}""".replace("STATE", STATE)
# in which order the outline of a chosen plot and the finding on it are drawn
ORDER = """() => {
    const found = [];
    const [stroke, fill] = [CanvasRenderingContext2D.prototype.stroke, CanvasRenderingContext2D.prototype.fill];
    CanvasRenderingContext2D.prototype.stroke = function (...path) {
        if (this.lineWidth === 4 && this.strokeStyle === "#0b57d0") found.push("outline of the chosen");
        stroke.apply(this, path);
    };
    CanvasRenderingContext2D.prototype.fill = function (...path) {
        if (this.fillStyle === "#c27c00") found.push("a finding");
        fill.apply(this, path);
    };
    STATE.canvas.draw();
    Object.assign(CanvasRenderingContext2D.prototype, {stroke, fill});
    return found;
}"""

# how a drawing is made: whole pictures begun, rectangles by their colour, outlines
COUNTED = """() => {
    const pen = CanvasRenderingContext2D.prototype;
    window.drawn = {begun: 0, dots: [], outlines: 0};
    for (const [name, note] of Object.entries({
        clearRect: () => window.drawn.begun++,
        fillRect: (pen) => window.drawn.dots.push(pen.fillStyle),
        stroke: () => window.drawn.outlines++,
    })) {
        const before = pen[name];
        pen[name] = function (...given) {
            note(this);
            before.apply(this, given);
        };
    }
}"""


def test_hostile_street_names_are_drawn_as_words_and_ask_nobody(chromium: Chromium, tmp_path: Path) -> None:
    page = show(chromium, tmp_path, register_map(register(), context=context(PAYLOADS, PAYLOADS[1])))
    zoom_to(page, 15)
    texts = {word["text"] for word in written(page)}
    assert {PAYLOADS[1], PAYLOADS[2]} <= texts
    assert page.evaluate("window.hacked") is None
    assert (chromium.complaints, chromium.dialogs) == ([], [])


def test_the_corner_says_what_the_ground_is(chromium: Chromium, tmp_path: Path) -> None:
    page = show(chromium, tmp_path, register_map(register(), context=context()))
    assert page.locator(".gk-corner").inner_text() == "Base: own street map"
    zoom_to(page, 15)
    assert {"江南路", "秦淮河"} <= {word["text"] for word in written(page)}
    page.get_by_role("checkbox", name="Streets and water").uncheck()
    assert page.locator(".gk-corner").inner_text() == "Basemap: none"
    assert not {"江南路", "秦淮河"} & {word["text"] for word in written(page)}


@pytest.mark.parametrize("width", [390, 1440])
def test_words_do_not_stand_on_each_other(chromium: Chromium, tmp_path: Path, width: int) -> None:
    plots = register([f"Plot {i}" for i in range(8)])
    plots["zone"] = ["North", "South"] * 4
    page = show(chromium, tmp_path, register_map(plots, context=context(["江南路"] * 3)), width=width)
    for zoom in (13, 14, 15, 16):
        zoom_to(page, zoom)
        words = written(page)
        assert words
        for i, one in enumerate(words):
            for other in words[i + 1 :]:
                apart_x = abs(one["x"] - other["x"]) - one["half"] - other["half"]
                assert apart_x >= 0 or abs(one["y"] - other["y"]) >= 12, (zoom, one, other)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_zone_is_named_on_its_own_ground(chromium: Chromium, tmp_path: Path, width: int) -> None:
    plots = register([f"Plot {i}" for i in range(8)])
    plots["zone"] = ["West"] * 4 + ["East"] * 4
    page = show(chromium, tmp_path, register_map(plots), width=width)
    for zoom in (13, 14):
        zoom_to(page, zoom)
        middles = {word["text"].split()[0]: word["x"] for word in written(page)}
        west, east = (page.evaluate(ENDS, [first, first + 3]) for first in (0, 4))
        assert west[0] < middles["West"] < west[1] < east[0] < middles["East"] < east[1]


def test_a_selected_plot_hides_no_finding_and_its_contracted_area_is_told(chromium: Chromium, tmp_path: Path) -> None:
    drawn = findings(["to_cure"])
    drawn["plot"], drawn["plot_href"] = ["J2-001"], ["/plots/id0"]
    page = show(chromium, tmp_path, register_map(register(), findings=drawn, selected=["id0"]))
    order = page.evaluate(ORDER.replace("STATE", STATE))
    assert order.index("outline of the chosen") < order.index("a finding")
    assert "Contracted area" in page.locator(".gk-selection").inner_text()
    page.evaluate(f"{STATE}.openGroup({STATE}.canvas.clusters[0])")
    card = page.locator(".leaflet-popup")
    assert card.inner_text().count("To cure") == 1
    assert card.get_by_role("link", name="J2-001").get_attribute("href") == "/plots/id0"


def test_choosing_a_theme_moves_nothing_and_is_told_to_the_page(chromium: Chromium, tmp_path: Path) -> None:
    themes = [
        category_theme(key, f"Theme with a long name {key}", ["a", "a", None], {"a": "A"}, "Other") for key in "xyz"
    ]
    drawn = register_map(register(), themes=themes, findings=findings(["to_cure"]), shown="y")
    page = show(chromium, tmp_path, drawn, width=390)
    assert page.get_by_role("radio", name="Theme with a long name y").is_checked()
    page.evaluate("document.addEventListener('gk:ask', (event) => { window.asked = event.detail; })")
    top = page.locator(".gk-frame").evaluate(TOP)
    for name, key in (("Findings", "findings"), ("Theme with a long name x", "x"), ("Theme with a long name z", "z")):
        page.locator(".gk-choice", has_text=name).first.click()
        assert page.evaluate("window.asked") == {"name": "theme", "value": key}
        assert page.locator(".gk-frame").evaluate(TOP) == top
        assert page.evaluate("document.querySelector('.gk-map').scrollLeft") == 0


def test_late_tasks_are_a_quiet_layer_that_is_off_at_first(chromium: Chromium, tmp_path: Path) -> None:
    late = {"id0": 4, "id2": 1}
    page = show(chromium, tmp_path, register_map(register(), overdue=late))
    layer = page.get_by_role("checkbox", name="Tasks overdue")
    assert not layer.is_checked()
    assert "4" not in {word["text"] for word in written(page)}
    layer.check()
    assert {"4", "1"} <= {word["text"] for word in written(page)}
    assert page.locator(".gk-legend").inner_text().split("\n")[-2:] == ["Plots", "2"]
    page.evaluate(f"{STATE}.openGroup({STATE}.canvas.clusters[0])")
    assert page.locator(".leaflet-popup .gk-code").inner_text() == "J2-001"
    assert "Tasks overdue\n4" in page.locator(".leaflet-popup dl").inner_text()
    assert (
        show(chromium, tmp_path, register_map(register(), overdue=late, shows_overdue=True))
        .get_by_role("checkbox", name="Tasks overdue")
        .is_checked()
    )


def test_findings_never_cover_each_other(chromium: Chromium, tmp_path: Path) -> None:
    points = findings(["to_cure", "filed", "to_verify", "sent_back"] * 30)
    points = points.set_geometry(
        [shapely.Point(118.851 + 0.0007 * (i % 11), 31.9203 + 0.0002 * (i % 7)) for i in range(len(points))],
        crs="EPSG:4326",
    )
    page = show(chromium, tmp_path, register_map(register(), findings=points))
    for zoom in (12, 14, 15, 16, 17):
        zoom_to(page, zoom)
        groups = page.evaluate(f"{STATE}.canvas.clusters.map(g => [g.x, g.y, g.radius, g.members.length])")
        for i, one in enumerate(groups):
            for other in groups[i + 1 :]:
                assert math.hypot(one[0] - other[0], one[1] - other[1]) >= one[2] + other[2]
        if zoom == 12:
            assert sum(group[3] for group in groups) == len(points)


def test_a_strip_of_a_pixels_breadth_shows_its_colour_and_can_be_clicked(chromium: Chromium, tmp_path: Path) -> None:
    theme = category_theme("contractor", "Contractor", ["a"], {"a": "Qingling"}, "Other")
    page = show(chromium, tmp_path, register_map(strip(), themes=[theme]))
    zoom_to(page, 13)
    rows = page.evaluate(
        f"""() => {{
            const state = {STATE};
            const canvas = state.canvas._container;
            const box = state.shapes[0].box;
            const at = state.map.latLngToLayerPoint(state.latLng((box[0] + box[2]) / 2, (box[1] + box[3]) / 2));
            const x = Math.round(at.x - state.canvas._bounds.min.x);
            const y = Math.round(at.y - state.canvas._bounds.min.y);
            const pixels = canvas.getContext("2d").getImageData(x, y - 5, 1, 11).data;
            return [...Array(11).keys()].map((row) => [...pixels.slice(4 * row, 4 * row + 4)]);
        }}"""
    )
    strength = [alpha / 255 for red, green, blue, alpha in rows if alpha and blue > red + 60]
    assert sum(strength) >= 2.3
    spot = page.evaluate(
        f"""() => {{
            const state = {STATE};
            const box = state.shapes[0].box;
            const at = state.map.latLngToContainerPoint(state.latLng((box[0] + box[2]) / 2, box[3]));
            const frame = state.map.getContainer().getBoundingClientRect();
            return [frame.left + at.x, frame.top + at.y + 4];
        }}"""
    )
    page.mouse.click(*spot)
    assert page.locator(".leaflet-popup .gk-code").inner_text() == "J2-001"


def test_a_map_opens_with_one_drawing_and_plots_of_few_pixels_are_dots_of_their_colour(
    chromium: Chromium, tmp_path: Path
) -> None:
    theme = category_theme("contractor", "Contractor", ["a", "b", "a"], {"a": "Qingling", "b": "Lishui"}, "Other")
    path = tmp_path / "map.html"
    path.write_bytes(register_map(register(), themes=[theme]).file())
    page = chromium.visitor()
    page.add_init_script(f"({COUNTED})()")
    page.goto(path.as_uri())
    page.wait_for_selector(".gk-legend")
    first, second = (one["colours"][0].lower() for one in page.evaluate(f"{STATE}.theme.classes"))
    drawn = page.evaluate("window.drawn")
    assert (drawn["begun"], drawn["outlines"] > 0, {first, second} & set(drawn["dots"])) == (1, True, set())
    page.evaluate("Object.assign(window.drawn, {dots: [], outlines: 0})")
    zoom_to(page, 8)
    drawn = page.evaluate("window.drawn")
    assert [colour for colour in drawn["dots"] if colour in (first, second)] == [first, second, first]
    assert drawn["outlines"] == 0


def test_a_card_has_seven_lines_at_most(chromium: Chromium, tmp_path: Path) -> None:
    plots = register()
    plots["popup"] = [[("Score", "93.20"), *((f"Line {i}", "x") for i in range(6))]] * 3
    score = ramp_theme("score", "Score, August", "points", [93, 90, None], "cool", [80, 85, 90, 95], "thresholds")
    page = show(chromium, tmp_path, register_map(plots, themes=[score], overdue=["id0"]))
    click_plot(page, 0)
    card = page.locator(".leaflet-popup .gk-card")
    lines = card.locator("dt").all_inner_texts()
    assert lines == ["Score, August", "Tasks overdue", "Line 0", "Line 1", "Line 2"]
    assert card.locator("dd").first.inner_text() == "93.20"
    assert card.locator(".gk-open").count() == 1
