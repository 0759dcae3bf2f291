"""The fixture `chromium`, which lets no page out of this machine, and `served`, which runs an app for it."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    ViewportSize,
    sync_playwright,
)

CHROMIUM = Path("/usr/bin/chromium")
HOME = "127.0.0.1"
PATIENCE_S = 20
OPTIONS = [
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOME}",  # also for what Chromium itself wants from outside
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


class Chromium:
    """A browser as one test sees it: `outside` are the requests that pages made to other hosts, all of them refused.

    `complaints` are the errors on the console and the exceptions nobody caught, `dialogs` the alerts that opened.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.dialogs: list[str] = []

    def visitor(self, *, width: int = 1280, height: int = 800, language: str = "zh-CN", **options: Any) -> Page:
        """Return an empty page of somebody who was never here: no cookies, no storage."""
        size = ViewportSize(width=width, height=height)
        context = self.browser.new_context(viewport=size, locale=language, **options)
        self.contexts.append(context)
        context.on("request", lambda request: self._note(request.url))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("dialog", self._dismiss)
        page = context.new_page()
        page.on("websocket", lambda websocket: self._note(websocket.url))
        return page

    def open(self, url: str, **options: Any) -> Page:
        """Return a visitor's page once it has loaded and nothing more comes."""
        page = self.visitor(**options)
        page.goto(url, wait_until="networkidle")
        return page

    def _note(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme in ("http", "https", "ws", "wss", "ftp") and address.hostname != HOME:
            self.outside.append(url)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the browser, so that `-m "not browser"` leaves it out."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="module")  # not longer: while playwright runs, no other test of this process can run asyncio
def _browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed at {CHROMIUM} (Debian: chromium).")
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """Yield the system's Chromium, which finds no other host."""
    sandbox = os.geteuid() != 0  # Chromium refuses a sandbox to root
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, chromium_sandbox=sandbox)
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture
def chromium(_browser: Browser) -> Iterator[Chromium]:
    """Yield a browser; the test fails when a page asked another host for anything, unless it clears `outside`."""
    chromium = Chromium(_browser)
    yield chromium
    for context in chromium.contexts:
        context.close()
    assert chromium.outside == []


@contextmanager
def served(app: Callable[..., Any]) -> Iterator[str]:
    """Run an ASGI app in a thread, on a free port of this machine; yield its address, without a slash at the end."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOME, 0))
        config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + PATIENCE_S
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The server did not start; its log says why.")
            time.sleep(0.01)
        try:
            yield f"http://{HOME}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
