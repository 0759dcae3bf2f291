"""What a question about the command line loads: nearly nothing, so that the answer comes at once."""

import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "sqlmodel", "pandas", "geopandas", "fastapi", "folium", "numpy", "shapely", "pydantic")
CODE = """
import sys
from service.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("loaded", *(name for name in {heavy!r} if name in sys.modules))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["no-such-command"], []])
def test_a_question_loads_no_library(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(heavy=HEAVY), *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "loaded"


def test_the_list_of_heavy_names_is_right() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(heavy=HEAVY), "serve", "--help"], capture_output=True, text=True, check=True
    )
    assert {"sqlalchemy", "fastapi", "pydantic"} <= set(done.stdout.splitlines()[-1].split())
