"""Municipal open data that nobody here drew, in the folder named by GREENKEEP_REAL_DATA."""

import os
import zipfile
from pathlib import Path

import pytest

FOLDER = os.environ.get("GREENKEEP_REAL_DATA", "")
needs_real_data = pytest.mark.skipif(not FOLDER, reason="GREENKEEP_REAL_DATA names no folder of real data")
PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}


def real(name: str) -> Path:
    """Return the path of a file or folder of real data."""
    return Path(FOLDER) / name


def zipped(folder: str, path: Path, *, without_language: bool = False) -> Path:
    """Zip the Shapefile of a folder, if wanted with the language byte of its dbf set to "unknown"."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(real(folder).iterdir()):
            if part.suffix in PARTS:
                content = bytearray(part.read_bytes())
                if part.suffix == ".dbf" and without_language:
                    content[29] = 0
                archive.writestr(part.name, bytes(content))
    return path
