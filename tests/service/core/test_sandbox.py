"""The child in which strangers' files are read."""

import os
import socket
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


@pytest.mark.skipif(not sandbox.is_cut_off(), reason="The system does not let this account leave the network.")
def test_the_child_is_in_no_network() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname(), timeout=1).close()
        assert run_apart(in_the_child.connects, limits=SMALL, address=server.getsockname()) is False


def test_where_the_network_cannot_be_left_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sandbox, "CHILD", "\n".join(line for line in sandbox.CHILD.splitlines() if "unshare" not in line)
    )
    assert not sandbox.is_cut_off()


def test_a_child_that_writes_without_end_fills_neither_disk_nor_memory(tmp_path: Path) -> None:
    little = Limits(cpu_s=5, memory_bytes=SMALL.memory_bytes, written_bytes=100_000)
    with pytest.raises(CannotRead):
        run_apart(in_the_child.talk, limits=little, size=200_000)
    with pytest.raises(CannotRead):
        run_apart(in_the_child.write, limits=little, path=tmp_path / "large", size=200_000)
    assert (tmp_path / "large").stat().st_size <= 100_000
    assert len(run_apart(in_the_child.talk, limits=little, size=50_000)) == 50_000


def test_gdal_has_three_drivers_there() -> None:
    assert run_apart(in_the_child.drivers, limits=sandbox.COMMAND_LINE) == ["ESRI Shapefile", "GPKG", "GeoJSON"]
