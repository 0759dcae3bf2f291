"""G6: hostile text, in every field, is text on every page: to a reader of HTML, and to Chromium."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any
from unittest.mock import patch

from playwright.sync_api import Page, sync_playwright

from service.web import frame
from tests.conftest import World
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.hostile import enter, upload
from tests.service.web.visitor import link_for, signed_in
from tests.service.words_shown import addresses, faults, look, payloads, repeated, shown
from tests.support.browser import Chromium, launched, served

IN_CHROMIUM = 25  # payloads whose records are opened there: each kind once; lists and maps show all of them
INJECTED = """() => [
  ...[...document.querySelectorAll('*')].filter(
    (one) => ['gk-mark', 'iframe', 'object', 'embed', 'base', 'math'].includes(one.localName) ||
      [...one.attributes].some((own) => own.name.startsWith('on') || own.name === 'srcdoc')
  ).map((one) => one.outerHTML.slice(0, 60)),
  ...(window.hacked || document.title === 'hacked' ? ['ran'] : []),
]"""
POPUP = ".leaflet-popup-content"


def run(trial: Trial) -> Outcome:
    """Fill the park and read every page; as a control, with templates that do not escape."""
    full = trial.full and not trial.control
    texts = payloads(200 if full else 4)
    with fresh_park(trial) as world:
        enter(world, texts)
        uploads = [upload(world, text) for text in texts[: IN_CHROMIUM if full else 0]]
        with unescaped() if trial.control else nullcontext():
            pages, wrong = _read(world, texts, uploads)
            if full:
                looked, more = _looked_at(world, texts, uploads)
                wrong += more
                pages += looked
    return Outcome(not wrong, summary(wrong, f"{len(texts)} texts in every field, {pages} pages"))


def unescaped() -> Any:
    """Return templates that show a text as it is."""
    whole = frame.environment
    return patch.object(frame, "environment", cache(lambda lang: whole(lang).overlay(autoescape=False)))


def _read(world: World, texts: Sequence[str], uploads: Sequence[object]) -> tuple[int, list[str]]:
    """Read every page as HTML; a text that no page shows would make the check worthless."""
    pages, wrong, words = 0, [], ""
    for who, paths in addresses(world, texts, uploads).items():
        for _path, text, faulty in look(signed_in(world, who), paths):
            pages += 1
            wrong += faulty
            words += shown(text)
    for text in texts[:IN_CHROMIUM]:
        for path, answer in repeated(world, text):
            pages += 1
            wrong += [*faults(path, answer), *(["a failure of ours"] if answer.status_code >= 500 else [])]
    return pages, [*wrong, *(f"{text[:30]!r} is shown nowhere" for text in texts if text not in words)]


def _looked_at(world: World, texts: Sequence[str], uploads: Sequence[object]) -> tuple[int, list[str]]:
    """Open pages in Chromium, every popup of the map among them."""
    paths = addresses(world, texts[:IN_CHROMIUM], uploads[:5])
    links = {who: link_for(world, who) for who in paths}
    pages, wrong = 0, []
    with sync_playwright() as playwright, launched(playwright) as browser, served(world.app) as url:
        chromium = Chromium(browser)
        for who, own in paths.items():
            page = chromium.open(url + links[who])
            page.click("button")
            for path in own:
                pages += 1
                page.goto(url + path)
                wrong += [f"{who} {path}: {fault}" for fault in _injected(page, len(texts))]
        wrong += [f"{kind}: {one}" for kind in ("dialogs", "outside", "complaints") for one in getattr(chromium, kind)]
    return pages, wrong


def _injected(page: Page, count: int) -> Iterator[str]:
    """Yield what a page has of somebody's markup; on a map, with one popup after another opened, and each hovered."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    yield from page.evaluate(INJECTED)
    if page.locator(".gk-map").count() and not page.url.partition("?")[2]:
        page.locator(".folium-map").focus()
        for _ in range(count):
            page.keyboard.press("n")
            yield from page.evaluate(INJECTED)
        if page.url.endswith("/map") and page.locator(POPUP).count() != 1:
            yield "no popup opened"


CHECK = Check(
    name="G6",
    claim="A text that anybody enters is shown as text: on pages, maps, popups and refusals, under a policy of nonces",
    target="0 elements, attributes or scripts of theirs, 0 dialogs, 0 requests to others",
    control="templates that do not escape",
    run=run,
)
