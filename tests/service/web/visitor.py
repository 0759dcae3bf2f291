"""A person with a browser: signs in by a link, keeps the cookies, reads pages."""

import re
from html.parser import HTMLParser

from fastapi.testclient import TestClient
from sqlmodel import Session

from service.access.queries import user_by_code
from service.access.sign_in_actions import issue_link
from service.core.actor import Actor
from tests.conftest import World

QUIET = {"script", "style", "title"}  # their text is not read on the page
SPOKEN = ("aria-label", "alt", "placeholder", "data-label", "data-busy", "data-wait", "data-none", "data-got")


def link_for(world: World, who: str) -> str:
    """Return the path of a fresh sign-in link."""
    return f"/sign-in/{world.act('host', _secret, who)}"


def _secret(session: Session, actor: Actor, who: str) -> str:
    return issue_link(session, actor, user_by_code(session, who))


def signed_in(world: World, who: str, *, lang: str = "en") -> TestClient:
    """Return a browser in which somebody has signed in; it follows no redirects."""
    browser = TestClient(world.app, follow_redirects=False, cookies={"lang": lang})
    answer = browser.post(link_for(world, who))
    assert answer.status_code == 303
    return browser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.texts: list[str] = []
        self.handlers: list[str] = []
        self.images: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an attribute says, and what it would do."""
        self.inside.append(tag)
        for name, value in attrs:
            if name in SPOKEN and value:
                self.texts.append(value.strip())
            if name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}")
            if name == "src" and tag == "img" and value:
                self.images.append(value)
            if name == "href" and tag == "a" and value:
                self.links.append(value)

    def handle_endtag(self, tag: str) -> None:
        """Leave the tag, and what was never closed inside it."""
        while tag in self.inside and self.inside.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        """Note a text that somebody reads."""
        if data.strip() and not QUIET & set(self.inside):
            self.texts.append(re.sub(r"\s+", " ", data.strip()))


def read(html: str) -> _Reader:
    """Return what stands on a page: `texts`, `images`, `links`, and inline `handlers` and styles."""
    reader = _Reader()
    reader.feed(html)
    return reader
