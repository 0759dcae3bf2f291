"""The product in a process of its own, whole or broken on purpose: python -m tests.proof.serving PORT [FAULT ...]."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from service.app import create_app
from service.cli.serve_command import serve
from service.core.settings import Settings
from service.evidence.store import Store

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
HURRY_S = 0.05  # how much earlier the hasty one answers than it works


class Hasty:
    """Says that it has done what it is asked to, and then does it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a PUT before the work."""
        if scope["type"] != "http" or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        await asyncio.sleep(HURRY_S)
        left = iter(messages)

        async def again() -> Message:
            return next(left)

        async def nobody(_message: Message) -> None:
            """The answer has left already."""

        await self.app(scope, again, nobody)


@contextmanager
def hasty() -> Iterator[None]:
    """Acknowledge before the commit."""
    with patch("service.cli.serve_command.create_app", lambda *a, **k: Hasty(create_app(*a, **k))):
        yield


@contextmanager
def without_folder_sync() -> Iterator[None]:
    """Forget that a name is durable only when its folder is synced."""
    with patch("service.evidence.store.sync"):
        yield


@contextmanager
def careless() -> Iterator[None]:
    """Take it lightly when the disk is full: the row is written though the bytes were not."""
    put = Store.put

    def lightly(store: Store, content: bytes) -> str:
        try:
            return put(store, content)
        except OSError:
            return put(Store(store.folder.parent.parent / "elsewhere"), content)

    with patch.object(Store, "put", lightly):
        yield


@contextmanager
def without_worker() -> Iterator[None]:
    """Leave the pictures unmade: what is looked at is what requests do."""
    with patch("service.jobs.worker.Worker.start"), patch("service.jobs.worker.Worker.stop"):
        yield


@contextmanager
def deferred() -> Iterator[None]:
    """Take the lock of the database at the first write, not at the beginning."""
    with patch("service.core.db._begin_sqlite", lambda connection: connection.exec_driver_sql("BEGIN DEFERRED")):
        yield


FAULTS = {fault.__name__: fault for fault in (hasty, without_folder_sync, careless, without_worker, deferred)}


def main(port: int, faults: list[str]) -> None:
    """Serve the installation that the environment names, until terminated."""
    with ExitStack() as broken:
        for name in faults:
            broken.enter_context(FAULTS[name]())
        serve(Settings(), host="127.0.0.1", port=port)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
