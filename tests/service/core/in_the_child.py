"""What the tests of the sandbox run in it."""

import ctypes
import importlib
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any


def chatter(value: object) -> object:
    """Print to both ends, then answer."""
    print("a library greets you")
    os.write(1, b"so does another\n")
    return value


def spin() -> None:
    """Use the processor without end."""
    while True:
        pass


def grow() -> int:
    """Take more memory than it may."""
    return len(bytearray(900_000_000))


def crash() -> None:
    """Read what is not ours, as a broken parser does."""
    ctypes.string_at(0)


def leave() -> None:
    """Go without an answer."""
    os._exit(0)


def fail() -> None:
    """Say more than a stranger should hear."""
    raise ValueError("secret of /etc/passwd")


def sleep() -> None:
    """Wait without using the processor."""
    time.sleep(300)


def connects(address: tuple[str, int]) -> bool:
    """Tell whether somebody answers at an address."""
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def talk(size: int) -> bytes:
    """Answer at this length."""
    return bytes(size)


def write(path: Path, size: int) -> None:
    """Write a file of this length."""
    path.write_bytes(bytes(size))


def surroundings() -> dict[str, Any]:
    """Tell what the child sees."""
    return {
        "environment": dict(os.environ),
        "files": [path.name for path in Path().iterdir()],
        "folder": str(Path.cwd()),
        "pid": os.getpid(),
        "modules": sorted(sys.modules),
    }


def drivers() -> list[str]:
    """Name the formats that GDAL would open once our readers have started it."""
    return sorted(importlib.import_module("gis.readers").pyogrio.list_drivers())
