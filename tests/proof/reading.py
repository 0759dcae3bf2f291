"""What the checks run in the child process on strangers' files of plots."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gis import archive
from gis.archive import ArchiveLimits
from gis.checks import Extent
from gis.files import Layout, format_of
from service.exchange.plots_read import Parsed, parse_plots

EXTENT: Extent = (118.0, 31.0, 119.0, 32.5)


def plots(path: Path, file: str) -> tuple[list[str], Any]:
    """Read a file of plots as the service does; made: every text that it tells."""
    parsed: Parsed = parse_plots(path, format_of(file), Layout(), EXTENT)
    told = [cell for column in parsed.columns.values() for cell in column if isinstance(cell, str)]
    told += [str(value) for issue in parsed.errors for value in issue.details.values()]
    return [issue.code for issue in parsed.errors], told


def plots_not_looked_at(path: Path, file: str) -> tuple[list[str], Any]:
    """Read a file of plots, and take every geometry that it holds."""
    with patch("gis.files.check_geometries", lambda *_: []), patch("gis.geojson.check_geojson", lambda _: []):
        return plots(path, file)


def plots_by_any_driver(path: Path, file: str) -> tuple[list[str], Any]:
    """Let GDAL open a file with any driver that it has, as it does when nobody tells it not to."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("OGR_SKIP", "CPL_VSIL_CURL_ALLOWED_FILENAME")
    }
    command = [sys.executable, "-c", "import sys, pyogrio; print(pyogrio.raw.read(sys.argv[1]))", str(path)]
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    return ([] if done.returncode == 0 else ["gdal"]), done.stdout


def unpacked(path: Path, file: str) -> tuple[list[str], Any]:
    """Unpack an archive as the service does; made: the bytes written."""
    out = path.parent / "unpacked"
    out.mkdir()
    issues = archive.unpack(path, out, ArchiveLimits(), needs_crs=True)
    return [issue.code for issue in issues], _written(out)


def unpacked_blindly(path: Path, file: str) -> tuple[list[str], Any]:
    """Unpack an archive as the standard library does when nobody looks at it first."""
    with zipfile.ZipFile(path) as stranger:
        stranger.extractall(path.parent / "unpacked")
    return [], _written(path.parent / "unpacked")


def _written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
