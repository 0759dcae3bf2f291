"""Time until a page has drawn its map, in Debian's Chromium."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import CHROMIUM, OPTIONS

LONG_MS = 600_000
OURS = "document.querySelector('.gk-map') && document.querySelector('.gk-map').gkState"
BY_TILES = f"({OURS}) && ({OURS}).tiles.isWhole"
TWO_FRAMES = "requestAnimationFrame(() => requestAnimationFrame(() => done()))"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser that lets no page out of this machine."""
    sandbox = os.geteuid() != 0  # Chromium refuses a sandbox to root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, chromium_sandbox=sandbox)
        yield browser
        browser.close()


def visitor(browser: Browser) -> Page:
    """Return an empty page of the size that the maps are measured at."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(LONG_MS)
    return page


def drawn_s(page: Page, address: str, is_drawn: str) -> float:
    """Open an address; return the seconds until a condition holds and two more frames have come."""
    started = time.perf_counter()
    page.goto(address, wait_until="load")
    wait = f"const look = () => ({is_drawn}) ? {TWO_FRAMES} : setTimeout(look, 10)"
    late = f"setTimeout(() => fail(new Error('never drawn')), {LONG_MS})"
    page.evaluate(f"() => new Promise((done, fail) => {{ {wait}; {late}; look(); }})")
    return time.perf_counter() - started
