"""The demo: the founding case, built through the same imports and actions that users have."""

import json
import re
from collections import Counter
from datetime import date
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from sqlmodel import Session, select

from service import demo
from service.audit_log.models import AuditEvent
from service.core.settings import Settings
from service.demo import TODAY, ScriptedClock
from service.evidence.models import Rendition
from service.evidence.rules import RenditionState
from service.findings.models import Finding
from service.opening import open_database
from service.settlement.queries import statements
from tests.service.cli.conftest import Run, case, installation, run  # noqa: F401 - fixtures
from tests.service.exchange.files import HOST

FIGURES = {
    "plots": 96,
    "contracts": 3,
    "contractors": 3,
    "contracted_plots": 96,
    "contracted_area_m2": "3730000.00",
    "annual_fee_minor": 1_663_000_000,
    "as_of": "2013-09-03",
}


def test_the_scripted_clock_never_stands_and_never_goes_back() -> None:
    clock = ScriptedClock(TODAY)
    looks = [clock() for _ in range(5)]
    assert looks == sorted(set(looks))
    assert looks[0].utcoffset() == TODAY.astimezone(looks[0].tzinfo).utcoffset()


def test_the_demo_is_built_once_whole_and_never_elsewhere(
    run: Run,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One test, for it builds for half a minute: what is there, who did it, and what a second call does."""
    elsewhere = tmp_path / "others.db"
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", f"sqlite:///{elsewhere}")
    folder = tmp_path / "var" / "demo"
    done = run("demo", "--folder", folder, "--build-only")
    assert done.code == 0, done.err
    assert not elsewhere.exists(), "the database of the settings is others'"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.parent.iterdir()} == {"demo", ".demo.lock"}, "nothing half-built is left"
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", "")
    monkeypatch.setenv("GREENKEEP_FOLDER", str(folder))
    status = json.loads(run("status", "--json").out)
    assert {name: status[name] for name in FIGURES} == FIGURES
    assert run("audit", "verify").code == 0
    assert run("doctor").out == "all is well\n"
    database = open_database(Settings(folder=folder, database_url=""))
    with database.transaction(HOST, write=False) as session:
        _people_did_it(session)
    database.engine.dispose()
    before = (folder / "founding-case").stat().st_mtime_ns
    assert run("demo", "--folder", folder, "--build-only", "--on", "2013-10-08").code == 0
    assert (folder / "founding-case").stat().st_mtime_ns == before, "it is not built again"
    assert json.loads(run("status", "--json").out)["as_of"] == "2013-10-08"
    assert run("settle", "2013-09").code == 0, "September is over then"
    back = run("demo", "--folder", folder, "--build-only", "--on", "2013-09-08")
    assert "only forward" in back.err
    with (tmp_path / "var" / ".demo.lock").open("w") as held:
        flock(held, LOCK_EX)
        served = run("demo", "--folder", folder, "--build-only", "--fresh")
    assert "is running already" in served.err
    assert run("audit", "verify").code == 0, "nothing was thrown away"


def _people_did_it(session: Session) -> None:
    """Everything has its instant, its author and its second person."""
    events = list(session.exec(select(AuditEvent)))
    actors = Counter(event.actor.split(":")[0] for event in events)
    assert {"host", "worker", "zhou", "wang"} <= actors.keys()
    assert all(event.at <= TODAY for event in events if not event.actor.startswith(("worker", "host")))
    for record in statements(session, limit=1000):
        assert record.state == "approved"
        assert record.decision
        assert record.decision.by != record.statement.prepared_by
        assert record.statement.valid_to <= date(2013, 9, 1)
    assert {rendition.state for rendition in session.exec(select(Rendition))} == {RenditionState.READY}
    codes = [finding.code for finding in session.exec(select(Finding))]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"F-\d{4,}", code) or "-" in code for code in codes)


def test_a_folder_that_the_demo_did_not_make_is_left_alone(run: Run, tmp_path: Path) -> None:  # noqa: F811
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "notes.txt").write_text("mine")
    done = run("demo", "--folder", precious, "--fresh", "--build-only")
    assert done.code == 1
    assert "holds something that the demo did not make" in done.err
    assert (precious / "notes.txt").read_text() == "mine"


def test_a_real_authoritys_folder_is_left_alone(
    run: Run,  # noqa: F811
    case: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", "")
    real = tmp_path / "real"
    monkeypatch.setenv("GREENKEEP_FOLDER", str(real))
    assert run("init", case / "authority.yaml").code == 0
    for fresh in ([], ["--fresh"]):
        done = run("demo", "--folder", real, "--build-only", *fresh)
        assert (done.code, done.out) == (1, "")
        assert "holds something that the demo did not make" in done.err
    assert (real / "greenkeep.db").exists()


def test_a_build_that_fails_leaves_no_demo(
    run: Run,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(demo, "build", fail)
    with pytest.raises(OSError, match="No space"):
        run("demo", "--folder", tmp_path / "demo", "--build-only")
    assert not (tmp_path / "demo").exists()
