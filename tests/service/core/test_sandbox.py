"""The child in which strangers' files are read."""

import os
import time
from pathlib import Path

import pytest

from service.core import sandbox
from service.core.sandbox import CannotRead, Limits, run_apart
from tests.service.core import in_the_child

SMALL = Limits(cpu_s=2, memory_bytes=600_000_000)


def test_an_answer_comes_back_whatever_a_library_prints() -> None:
    assert run_apart(in_the_child.chatter, limits=SMALL, value={"a": [1, 2.5, b"x"]}) == {"a": [1, 2.5, b"x"]}


@pytest.mark.parametrize("name", ["spin", "grow", "crash", "leave", "fail"])
def test_whatever_happens_in_the_child_is_one_refusal_here(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(CannotRead) as refused:
        run_apart(getattr(in_the_child, name), limits=SMALL)
    assert refused.value.details == {}
    assert "secret" not in str(refused.value)
    assert time.monotonic() - started < 20


def test_a_sleeper_is_ended_too() -> None:
    with pytest.raises(CannotRead):
        run_apart(in_the_child.sleep, limits=Limits(cpu_s=1, memory_bytes=SMALL.memory_bytes))


def test_the_child_knows_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", "postgresql://canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    monkeypatch.setenv("http_proxy", "http://canary")
    seen = run_apart(in_the_child.surroundings, limits=SMALL)
    assert "canary" not in str(seen["environment"])
    assert seen["environment"]["CPL_VSIL_CURL_ALLOWED_FILENAME"] == "/none"
    assert seen["environment"]["GDAL_VRT_ENABLE_PYTHON"] == "NO"
    assert seen["files"] == []
    assert seen["folder"] == seen["environment"]["HOME"] == seen["environment"]["TMPDIR"]
    assert not Path(seen["folder"]).exists(), "its folder goes with it"
    assert seen["pid"] != os.getpid()
    assert "fastapi" not in seen["modules"], "a fresh interpreter, not a copy of the server"


def test_gdal_has_three_drivers_there() -> None:
    assert run_apart(in_the_child.drivers, limits=sandbox.COMMAND_LINE) == ["ESRI Shapefile", "GPKG", "GeoJSON"]
