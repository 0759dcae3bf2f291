"""What the checks run in the child process on strangers' files, and how they start it."""

import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

from gis import archive
from gis.archive import ArchiveLimits
from gis.checks import Extent
from gis.files import Layout, format_of
from service.core.sandbox import WEB, CannotRead, Limits, run_apart
from service.exchange.plots_read import Parsed, parse_plots

EXTENT: Extent = (118.0, 31.0, 119.0, 32.5)
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
                codes, made = read(path, format_of(file))
            except Exception as error:  # the child of the service ends with it
                codes, made = [type(error).__name__], str(error)[:500]
            found[name] = Reading(codes, made, time.process_time() - began, peak())
    return found


def plots(path: Path, declared: str) -> tuple[list[str], Any]:
    """Read a file of plots as the service does; made: every text that it tells."""
    parsed: Parsed = parse_plots(path, declared, Layout(), EXTENT)
    told = [cell for column in parsed.columns.values() for cell in column if isinstance(cell, str)]
    told += [str(value) for issue in parsed.errors for value in issue.details.values()]
    return [issue.code for issue in parsed.errors], told


def plots_not_looked_at(path: Path, declared: str) -> tuple[list[str], Any]:
    """Read a file of plots, and take every geometry that it holds."""
    with patch("gis.files.check_geometries", lambda *_: []), patch("gis.geojson.check_geojson", lambda _: []):
        return plots(path, declared)


def plots_by_any_driver(path: Path, declared: str) -> tuple[list[str], Any]:
    """Let GDAL open a file with any driver that it has, as it does when nobody tells it not to."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("OGR_SKIP", "CPL_VSIL_CURL_ALLOWED_FILENAME")
    }
    command = [sys.executable, "-c", "import sys, pyogrio; print(pyogrio.raw.read(sys.argv[1]))", str(path)]
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    return ([] if done.returncode == 0 else ["gdal"]), done.stdout


def unpacked(path: Path, declared: str) -> tuple[list[str], Any]:
    """Unpack an archive as the service does; made: the bytes written."""
    out = path.parent / "unpacked"
    out.mkdir()
    issues = archive.unpack(path, out, ArchiveLimits(), needs_crs=True)
    return [issue.code for issue in issues], _written(out)


def unpacked_blindly(path: Path, declared: str) -> tuple[list[str], Any]:
    """Unpack an archive as the standard library does when nobody looks at it first."""
    with zipfile.ZipFile(path) as stranger:
        stranger.extractall(path.parent / "unpacked")
    return [], _written(path.parent / "unpacked")


def peak() -> int:
    """Return the most memory that this process has had, in bytes, without what its parent had before it began."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * KILOBYTE for line in lines if line.startswith("VmHWM:"))


def resident() -> int:
    """Return how many bytes of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
