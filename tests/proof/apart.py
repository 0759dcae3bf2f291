"""Start a child process on strangers' files as the service does, and note what came of each."""

import resource
import time
from collections.abc import Callable, Mapping
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from service.core.sandbox import WEB, CannotRead, Limits, run_apart

KILOBYTE = 1024
TOGETHER = Limits(cpu_s=600, memory_bytes=WEB.memory_bytes, written_bytes=WEB.written_bytes)
DEATH = "ended by its limits"


class Reading(NamedTuple):
    """What came of a file: why it was refused, what was made of it, and what that took."""

    codes: list[str]
    made: Any = None
    cpu_s: float = 0.0
    peak_bytes: int = 0


Read = Callable[[Path, str], tuple[list[str], Any]]


def apart(read: Read, cases: Mapping[str, tuple[str, bytes]], limits: Limits = TOGETHER) -> dict[str, Reading]:
    """Read files, each as (file name, bytes), in one child; where that ends early, each in a child of its own."""
    asked = dict(cases)
    try:
        found: dict[str, Reading] = run_apart(many, limits=limits, read=read, cases=asked)
    except CannotRead as refusal:
        if len(asked) > 1:
            return {name: one for name, case in asked.items() for one in apart(read, {name: case}, WEB).values()}
        return {name: Reading([DEATH], str(refusal.__cause__ or "")[-200:]) for name in asked}
    return found


def many(read: Read, cases: Mapping[str, tuple[str, bytes]]) -> dict[str, Reading]:
    """Read files one after another, each in a folder of its own."""
    found = {}
    for name, (file, content) in cases.items():
        with TemporaryDirectory(dir=Path.cwd()) as folder, chdir(folder):
            path = Path(folder) / "plots"
            path.write_bytes(content)
            began = time.process_time()
            try:
                codes, made = read(path, file)
            except Exception as error:  # the child of the service ends with it
                codes, made = [type(error).__name__], str(error)[:500]
            found[name] = Reading(codes, made, time.process_time() - began, peak())
    return found


def peak() -> int:
    """Return the most memory that this process has had, in bytes, without what its parent had before it began."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * KILOBYTE for line in lines if line.startswith("VmHWM:"))


def resident() -> int:
    """Return how many bytes of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
