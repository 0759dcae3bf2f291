"""Where passwords are hashed: one at a time and beside the threads that answer pages, so that those go on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore
from typing import TypeVar

from service.core.errors import Busy

T = TypeVar("T")
AT_ONCE, WAITING = 1, 64  # a hash takes 64 MiB, and a core for a fifth of a second
_PLACES = BoundedSemaphore(WAITING)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "passwords")


async def apart(work: Callable[[], T]) -> T:
    """Run what hashes a password when its turn comes; refused as busy when too many wait already."""
    if not _PLACES.acquire(blocking=False):
        raise Busy
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool(), work)
    finally:
        _PLACES.release()
