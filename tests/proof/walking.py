"""A walk over an installation by every role, with all that a page asks for: python -m tests.proof.walking FOLDER N."""

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urljoin, urlsplit

from httpx2 import Client

from service.access.queries import users
from service.access.sign_in_actions import issue_link
from service.app import create_app
from service.core.actor import Actor, Role
from service.core.settings import Settings
from service.web import frame
from tests.support.browser import served

HOST = Actor("host:walking", Role.HOST)
ELSEWHERE = ("192.0.2.1", 80)  # an address that documents use and nobody has
ADDRESSED = {"a": "href", "link": "href", "script": "src", "img": "src"}
STYLED = re.compile(r"url\(['\"]?([^'\")]+)")
PAGES = [
    "/",
    "/map",
    "/plots",
    "/findings?state=all",
    "/tasks?state=all",
    "/contracts",
    "/statements",
    "/uploads",
    "/changes",
    "/jobs",
    "/accounts",
    "/account",
    "/authority",
    "/findings/new",
    "/uploads/new",
    "/api/v1/docs",
    "/api/v1/openapi.json",
    "/api/v1/plots",
    "/api/v1/plots.xlsx",
    "/api/v1/findings.csv",
    "/api/v1/charges",
]


class _Addresses(HTMLParser):
    """Every address that a page leads to or asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.asked: list[str] = []  # without anybody's doing

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an address."""
        value = dict(attrs).get(ADDRESSED.get(tag, ""))
        if value and tag in ("script", "img", "link"):
            self.asked.append(value)
        elif value and tag == "a":
            self.found.append(value)


def walk(folder: Path, most: int) -> Iterator[str]:
    """Serve an installation and open up to so many pages for each role; yield what leads to another host, or fails."""
    app = create_app(Settings(folder=folder, database_url=""), works=True)
    with app.state.database.transaction(HOST) as session:
        people = {user.role: user for user in sorted(users(session), key=lambda one: one.code, reverse=True)}
        links = {role: issue_link(session, HOST, user) for role, user in people.items()}
    with served(app) as url:
        for role, secret in links.items():
            with Client(base_url=url, trust_env=False, follow_redirects=True, timeout=60) as client:
                assert client.post(f"/sign-in/{secret}").status_code == 200, role
                yield from (f"{role.value}: {fault}" for fault in _faults(client, url, most))


def _faults(client: Client, url: str, most: int) -> Iterator[str]:
    """Open pages, what they ask for, and what they lead to; yield what is wrong with one."""
    waiting, known = list(PAGES), set(PAGES)
    for _ in range(most):
        if not waiting:
            return
        path = waiting.pop(0)
        answer = client.get(path, headers={"Accept": "text/html"})
        if answer.status_code >= 500:
            yield f"{path}: {answer.status_code}"
        if not answer.headers.get("content-type", "").startswith(("text/html", "text/css")):
            continue
        page = _Addresses()
        page.feed(answer.text)
        for address in (*page.asked, *STYLED.findall(answer.text), *page.found):
            place = urljoin(f"{url}{path}", address)
            if place.startswith(("data:", f"{url}/sign-out")):
                continue
            if not place.startswith(url):
                yield f"{path} leads to {place}"
            elif (own := _within(place)) not in known:
                known.add(own)
                waiting.insert(0, own) if address in page.asked else waiting.append(own)


def _within(place: str) -> str:
    parts = urlsplit(place)
    return parts.path + (f"?{parts.query}" if parts.query else "")


@contextmanager
def curious() -> Iterator[None]:
    """Ask another host for something whenever a page is drawn."""
    drawn = frame.drawn

    def asking(*arguments: Any, **options: Any) -> Any:
        with suppress(OSError):
            socket.create_connection(ELSEWHERE, timeout=0.01).close()
        return drawn(*arguments, **options)

    with patch.object(frame, "drawn", asking):
        yield


def main(arguments: list[str]) -> int:
    """Return 0 when nothing led elsewhere and nothing failed."""
    folder, most, *faults = arguments
    with curious() if faults else nullcontext():
        wrong = list(walk(Path(folder), int(most)))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
