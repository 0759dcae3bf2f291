"""The founding case, written once for all tests of its files."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from data.founding_case import write

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("founding_case")
    write(target)
    return target


@pytest.fixture(scope="session")
def table(folder: Path) -> Callable[[str], Rows]:
    def read(name: str) -> Rows:
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    return read
