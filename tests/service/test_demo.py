"""The demo: the founding case, built through the same imports and actions that users have."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from fcntl import LOCK_EX, flock
from fractions import Fraction
from pathlib import Path
from socket import socket

import httpx2
import pytest
from httpx2 import Client
from sqlmodel import Session, select

from service import demo
from service.audit_log.models import AuditEvent
from service.cli import main
from service.contracts.queries import contract_by_code, covers
from service.core.actor import PEOPLE
from service.core.ids import new_id
from service.core.money import half_up
from service.core.settings import Settings
from service.demo import TODAY, ZONE, ScriptedClock
from service.evidence.models import Rendition
from service.evidence.rules import RenditionState
from service.exchange.authority_in import AuthorityFile, initialise
from service.exchange.texts import open_file, read_document
from service.findings.models import Finding
from service.migrations import upgrade
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


@pytest.fixture(scope="module")
def built(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """Return the folder of a demo that was built once for this file, afresh in place of an earlier one."""
    folder = tmp_path_factory.mktemp("var") / "demo"
    _earlier_demo(folder, case)
    elsewhere = folder.parent / "others.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GREENKEEP_DATABASE_URL", f"sqlite:///{elsewhere}")
        assert main(["demo", "--folder", str(folder), "--build-only", "--fresh"]) == 0
    assert not elsewhere.exists(), "the database of the settings is others'"
    assert not (folder / "note.txt").exists(), "what was there is thrown away"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.parent.iterdir()} == {"demo", ".demo.lock"}, "nothing half-built is left"
    return folder


def _earlier_demo(folder: Path, case: Path) -> None:  # noqa: F811
    """Make what tells a demo from others: an authority with its present."""
    folder.mkdir()
    (folder / "note.txt").write_text("entered by somebody")
    settings = Settings(folder=folder, database_url="")
    upgrade(settings.url)
    file = open_file(case / "authority.yaml")
    content = read_document(file, AuthorityFile)
    content.authority.demo_at = TODAY
    database = open_database(settings)
    with database.transaction(HOST) as session:
        initialise(session, HOST, file, content)
    database.engine.dispose()


@pytest.fixture
def demo_folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a demo of this test's own; the commands work on it."""
    folder = tmp_path / "var" / "demo"
    shutil.copytree(built, folder)
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", "")
    monkeypatch.setenv("GREENKEEP_FOLDER", str(folder))
    return folder


@pytest.fixture
def reading(demo_folder: Path) -> Iterator[Session]:
    """Yield a session that sees the whole demo."""
    database = open_database(Settings(folder=demo_folder, database_url=""))
    with database.transaction(HOST, write=False) as session:
        yield session
    database.engine.dispose()


def test_the_demo_has_the_figures_of_the_founding_case(run: Run, demo_folder: Path) -> None:  # noqa: F811
    status = json.loads(run("status", "--json").out)
    assert {name: status[name] for name in FIGURES} == FIGURES
    before = json.loads(run("status", "--json", "--as-of", "2012-12-31").out)
    assert (before["plots"], before["contracts"], before["contracted_plots"]) == (95, 3, 95)
    assert run("audit", "verify").code == 0
    assert run("doctor").out == "all is well\n"


def test_the_demo_is_not_built_again_and_its_clock_moves_on(run: Run, demo_folder: Path) -> None:  # noqa: F811
    before = (demo_folder / "founding-case").stat().st_mtime_ns
    assert run("demo", "--folder", demo_folder, "--build-only", "--on", "2013-10-08").code == 0
    assert (demo_folder / "founding-case").stat().st_mtime_ns == before, "it is not built again"
    assert json.loads(run("status", "--json").out)["as_of"] == "2013-10-08"
    assert run("settle", "2013-09").code == 0, "September is over then"
    back = run("demo", "--folder", demo_folder, "--build-only", "--on", "2013-09-08")
    assert "only forward" in back.err


def test_a_demo_that_runs_is_not_thrown_away(run: Run, demo_folder: Path) -> None:  # noqa: F811
    with (demo_folder.parent / ".demo.lock").open("w") as held:
        flock(held, LOCK_EX)
        served = run("demo", "--folder", demo_folder, "--build-only", "--fresh")
    assert "is running already" in served.err
    assert run("audit", "verify").code == 0, "nothing was thrown away"


def test_everything_has_its_author_and_money_its_second_person(reading: Session) -> None:
    actors = {event.actor.split(":")[0] for event in reading.exec(select(AuditEvent))}
    assert {"host", "worker", "zhou", "wang"} <= actors
    records = statements(reading, limit=1000)
    assert sorted(record.statement.code for record in records) == [
        *(f"{contract}-2012-{month:02}" for contract in ("B1", "B2", "B3") for month in range(1, 13)),
        *(f"{contract}-2013-{month:02}" for contract in ("C1", "C2", "C3") for month in range(1, 9)),
    ]
    for record in records:
        assert record.state == "approved"
        assert record.decision
        assert record.decision.by != record.statement.prepared_by
    assert {rendition.state for rendition in reading.exec(select(Rendition))} == {RenditionState.READY}
    codes = sorted(finding.code for finding in reading.exec(select(Finding)))
    numbers = [int(code[-4:]) for code in codes]
    assert numbers == list(range(numbers[0], numbers[0] + len(codes))), "one series over both years"
    assert {code[:7] for code in codes} == {"F-2012-", "F-2013-"}


def test_every_event_lies_in_its_month(reading: Session) -> None:
    """Findings on their day, lists of work at the months' ends, statements on the 2nd of the next month."""
    found = {str(finding.id): finding.found_on for finding in reading.exec(select(Finding))}
    periods = {str(record.statement.id): record.statement.valid_to for record in statements(reading, limit=1000)}
    lists, filed, settled = [], 0, 0
    for event in reading.exec(select(AuditEvent)):
        at, target = event.at.astimezone(ZONE), event.target.split(" ")[-1]
        assert at <= TODAY or event.actor.startswith(("worker", "host")), event
        if event.verb == "finding.file":
            assert at.date() == found[target]
            filed += 1
        if event.verb in ("statement.prepare", "statement.approved"):
            assert at.date() == periods[target] + timedelta(days=1), event
            settled += 1
        if event.verb == "import.tasks":
            lists.append(at.date())
    firsts = [date(2012, month, 1) for month in range(2, 13)] + [date(2013, month, 1) for month in range(1, 10)]
    assert lists == [*(first - timedelta(days=1) for first in firsts), TODAY.date()]
    assert (filed, settled) == (len(found), 2 * 3 * (12 + 8))


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a demo in a process of its own; yield its address, and the first sign-in link of each role."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "import sys; from service.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "demo", "--folder", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    links: dict[str, str] = {}
    try:
        for line in process.stdout:
            if line == f"http://127.0.0.1:{port}\n":
                break
            role, link = line.split()[:2]
            links.setdefault(role, link)
        yield f"http://127.0.0.1:{port}", links
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def test_the_printed_links_sign_in_once_and_what_is_entered_stays(demo_folder: Path) -> None:
    note = "a row that somebody entered"
    with served(demo_folder) as (address, links):
        assert set(links) == {role.value for role in PEOPLE}
        for link in links.values():
            with Client() as browser:
                assert browser.get(link).status_code == 200
                assert browser.post(link).status_code == 303
                assert browser.get(f"{address}/").status_code == 303
            assert httpx2.post(link).status_code == 401, "each is good once"
        with Client() as browser:
            browser.post(_new_link(demo_folder, address))
            form = {"plot": "J1-001", "type": "litter", "quantity": "1", "severity": "minor", "text": note}
            filed = browser.post(
                f"{address}/findings/new", data=form | {"found_on": "2013-09-03", "client_id": str(new_id())}
            )
            assert filed.status_code == 303
    with served(demo_folder) as (address, links), Client() as browser:
        browser.post(links["manager"])
        assert note in browser.get(address + filed.headers["location"]).text


def _new_link(folder: Path, address: str) -> str:
    """Print a further link for a manager, as the host does while the demo runs."""
    code = "import sys; from service.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "user", "link", "wang"], capture_output=True, text=True, check=True
    )
    return address + done.stdout.strip()


def test_a_year_adds_up_to_its_price(reading: Session, demo_folder: Path) -> None:
    """Twelve statements of a contract earn its price to the fen; 2012 has 366 days."""
    session, files = reading, demo_folder / "founding-case"
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


def test_what_was_learnt_late_came_with_a_later_month(reading: Session) -> None:
    session = reading
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


def test_the_registers_of_two_years_differ(reading: Session) -> None:
    session = reading
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
    done = run("demo", "--folder", tmp_path / "demo", "--build-only")
    assert done.code == 1
    assert "No space" in done.err
    assert not (tmp_path / "demo").exists()
