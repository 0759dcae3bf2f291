"""The demo: the founding case, built through the same imports and actions that users have."""

import calendar
import csv
import json
import re
from collections import Counter
from datetime import date, timedelta
from fcntl import LOCK_EX, flock
from fractions import Fraction
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from service import demo
from service.audit_log.models import AuditEvent
from service.contracts.queries import contract_by_code, covers
from service.core.db import business_date
from service.core.money import half_up
from service.core.settings import Settings
from service.demo import TODAY, ScriptedClock
from service.evidence.models import Rendition
from service.evidence.rules import RenditionState
from service.findings.models import Finding, FindingEvent
from service.opening import open_database
from service.plots.queries import register
from service.settlement.models import StatementLine
from service.settlement.queries import StatementRecord, lines, statements
from service.settlement.rules import LineKind
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
    """One test, for it builds for most of a minute: what is there, who did it, and what a second call does."""
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
        _a_year_adds_up_to_its_price(session, folder / "founding-case")
        _each_month_was_settled_in_the_next(session)
        _what_was_learnt_late_came_with_a_later_month(session)
        _the_registers_of_two_years_differ(session)
    database.engine.dispose()
    before = json.loads(run("status", "--json", "--as-of", "2012-12-31").out)
    assert (before["plots"], before["contracts"], before["contracted_plots"]) == (95, 3, 95)
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


def _a_year_adds_up_to_its_price(session: Session, files: Path) -> None:
    """Twelve statements of a contract earn its price to the fen; 2012 has 366 days."""
    for code in ("B1", "B2", "B3"):
        with (files / f"lines-{code}.csv").open(encoding="utf-8", newline="") as stream:
            signed = list(csv.DictReader(stream))
        price = sum((_price(line) for line in signed), Fraction(0))
        contract, _ = contract_by_code(session, code)
        year = [
            record for record in statements(session, contract=contract.id) if record.statement.valid_from.year == 2012
        ]
        assert len(year) == 12
        earned = [row.amount_minor for record in year for row in rows_of(session, record, LineKind.EARNED)]
        assert sum(earned) == half_up(price * 100)
        february = next(record for record in year if record.statement.valid_from.month == 2)
        (fee,) = [json.loads(row.explanation)["fee"] for row in rows_of(session, february, LineKind.EARNED)]
        assert fee["lines"][0]["pieces"][0]["part_of_year"] == "29/366"


def _price(line: dict[str, str]) -> Fraction:
    days = date(2013, 1, 1) - date.fromisoformat(line["from"] or "2012-01-01")
    return Fraction(line["quantity"]) * Fraction(line["unit_price"]) * days.days / 366


def rows_of(session: Session, record: StatementRecord, kind: LineKind) -> list[StatementLine]:
    """Return a statement's lines of one kind."""
    return [row for row in lines(session, record.statement) if row.kind is kind]


def _each_month_was_settled_in_the_next(session: Session) -> None:
    """Instants follow the order of the log, and each month end and approval stands where it belongs."""
    events = list(session.exec(select(AuditEvent).order_by(col(AuditEvent.seq))))
    assert [event.at for event in events] == sorted(event.at for event in events)
    imports = [business_date(session, event.at) for event in events if event.verb == "import.tasks"]
    assert imports[:12] == [date(2012, month, calendar.monthrange(2012, month)[1]) for month in range(1, 13)]
    assert len(imports) == 21
    records = statements(session, limit=1000)
    assert len(records) == 3 * (12 + 8)
    for record in records:
        assert record.decision
        days = [business_date(session, at) for at in (record.statement.prepared_at, record.decision.at)]
        assert days == [record.statement.valid_to + timedelta(days=1)] * 2
    for step in session.exec(select(FindingEvent)):
        assert step.at <= TODAY
    for finding in session.exec(select(Finding)):
        assert business_date(session, finding.filed_at) == finding.found_on


def _what_was_learnt_late_came_with_a_later_month(session: Session) -> None:
    corrections = {
        (record.statement.code, row.for_from.month): row.amount_minor
        for record in statements(session, limit=1000)
        for row in rows_of(session, record, LineKind.CORRECTION)
    }
    assert corrections == {
        ("B2-2012-07", 6): -523_000,  # the month fell below 90 points
        ("B3-2012-09", 8): -15_000,
        ("B2-2012-10", 9): 529_500,  # and this one rose above
        ("C2-2013-06", 5): -50_000,
        ("C3-2013-07", 6): -26_000,
        ("C2-2013-08", 7): 60_000,
    }


def _the_registers_of_two_years_differ(session: Session) -> None:
    then, now = (
        {record.plot.code: record for record in register(session, as_of=day)}
        for day in (date(2012, 12, 31), date(2013, 1, 1))
    )
    assert now.keys() - then.keys() == {"J3-031"}
    moved = {code for code in then if then[code].zone.code != now[code].zone.code}
    regraded = {code for code in then if then[code].version.grade != now[code].version.grade}
    redrawn = {code for code in then if not then[code].version.shape.equals(now[code].version.shape)}
    assert (moved, regraded, redrawn) == ({"J2-018", "J3-012"}, {"J2-007", "J2-031"}, {"J2-033", "J3-021"})
    held = {day: covers(session, as_of=day) for day in (date(2012, 6, 30), date(2012, 7, 1), date(2013, 1, 1))}
    late = then["J3-030"].plot.id
    assert [late in cover for cover in held.values()] == [False, True, True]
    assert {cover.contract.code for cover in held[date(2012, 7, 1)].values()} == {"B1", "B2", "B3"}


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
