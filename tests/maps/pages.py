"""Maps opened in Chromium, and what they show."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from maps import assets
from maps.page import MapPage
from tests.support.browser import Chromium, served

POLICY = (
    "default-src 'none'; script-src 'nonce-bm9uY2U='; style-src 'self' 'nonce-bm9uY2U='; "
    "img-src 'self' data:; connect-src 'self'"
)
WRITTEN = """() => {
    const state = STATE;
    const found = [];
    const before = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const spot = this.getTransform().transformPoint({x, y});
        found.push({text, x: spot.x, y: spot.y, half: this.measureText(text).width / 2});
        before.call(this, text, x, y);
    };
    state.canvas.draw();
    CanvasRenderingContext2D.prototype.fillText = before;
    return found;
}"""
STATE = "document.querySelector('.gk-map').gkState"


def zoom_to(page: Page, zoom: int) -> None:
    """Zoom at once."""
    page.evaluate(f"zoom => {STATE}.map.setZoom(zoom, {{animate: false}})", zoom)


def written(page: Page) -> list[dict[str, Any]]:
    """Return each text on the canvas with the middle of its place and half its width, in canvas pixels."""
    found: list[dict[str, Any]] = page.evaluate(WRITTEN.replace("STATE", STATE))
    return found


def show(chromium: Chromium, tmp_path: Path, drawn: MapPage, **options: Any) -> Page:
    """Open a map as a file."""
    path = tmp_path / "map.html"
    path.write_bytes(drawn.file())
    page = chromium.visitor(**options)
    page.goto(path.as_uri())
    page.wait_for_selector(".gk-legend")
    return page


@contextmanager
def site(drawn: MapPage) -> Iterator[str]:
    """Serve a map as a page of our own does."""
    parts = drawn.parts("/static", "bm9uY2U=")
    markup = f"<!DOCTYPE html><html><head>{parts.head}</head><body>{parts.body}{parts.script}</body></html>"
    folders = {"/static/vendor": assets.vendor_folder(), "/static/static": assets.static_folder()}
    app = Starlette(
        routes=[
            Route("/", lambda request: HTMLResponse(markup, headers={"Content-Security-Policy": POLICY})),
            Route("/favicon.ico", lambda request: HTMLResponse("")),
            *(Mount(path, StaticFiles(directory=folder)) for path, folder in folders.items()),
        ]
    )
    with served(app) as url:
        yield url


def click_plot(page: Page, number: int, **options: Any) -> None:
    """Click a plot where a label would stand, a little aside of its finding."""
    spot = page.evaluate(
        f"""(number) => {{
            const state = {STATE};
            state.showAll();
            const box = state.shapes[number].box;
            const x = box[0] + (box[2] - box[0]) * 0.2;
            const point = state.map.latLngToContainerPoint(state.latLng(x, box[1] + (box[3] - box[1]) * 0.2));
            const frame = state.map.getContainer().getBoundingClientRect();
            return [frame.left + point.x, frame.top + point.y];
        }}""",
        number,
    )
    for key in options.get("keys", []):
        page.keyboard.down(key)
    page.mouse.click(*spot)
    for key in options.get("keys", []):
        page.keyboard.up(key)
