"""What a child process loads to read a file: it is started twice for each upload, and somebody waits."""

import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "sqlmodel", "fastapi", "pydantic", "pandas", "shapely")
CODE = "import importlib, sys; importlib.import_module({module!r}); print(*(n for n in {heavy!r} if n in sys.modules))"
LOADED = {
    "service.exchange.texts": {"pydantic"},
    "service.exchange.plots_read": {"pandas", "shapely"},
    "service.evidence.pictures": set[str](),
}


@pytest.mark.parametrize("module", LOADED)
def test_a_reader_loads_no_more_than_it_reads_with(module: str) -> None:
    code = CODE.format(module=module, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == LOADED[module]
