"""Every command, run as the terminal runs it."""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Table
from sqlmodel import Session, select

from service.access.models import Organisation
from service.audit_log.models import AuditHead
from service.audit_log.queries import events, head
from service.cli import COMMANDS, VERSION, running
from service.core.actor import Kind
from service.core.db import Database
from service.core.settings import Settings
from service.core.stored import stored_ids
from tests.service.cli.conftest import SCHEME, Done, Run
from tests.service.exchange.files import HOST, State, state


@contextmanager
def database() -> Iterator[Database]:
    database = Database(Settings().url)
    yield database
    database.engine.dispose()


def held() -> State:
    """Return how much the database holds now."""
    with database() as opened:
        return state(opened)


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert done.out.startswith(f"usage: greenkeep {command}")


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("settle",), ("prune",), ("status", "--as-of", "2013-13-01"), ("import",), ("import", "trees", "x.csv"),
        ("audit",), ("audit", "mend"), ("audit", "verify", "--checkpoint", "7"), ("user",), ("user", "add", "x"),
        ("user", "add", "x", "--name", "X", "--role", "host", "--organisation", "JNSP"), ("serve", "--port", "http"),
        ("token",), ("map", "register"), ("map", "moon", "-o", "x"),
        ("import", "scores", "x.csv", "--set-aside", "ugly"), ("import", "tasks", "x.csv", "--from", "2013-01-01"),
        ("import", "contract", "x.yaml", "--layout", "y.yaml"), ("import", "plots", "x.csv", "--set-aside", "missing"),
        ("import", "scheme", "x.yaml", "--set-aside", "missing"), ("import", "scores", "x.csv", "--from", "2013-01-01"),
    ],
)  # fmt: skip
def test_wrong_arguments_end_with_two_and_write_nothing(
    run: Run, installation: Path, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "usage: greenkeep" in done.err
    assert not installation.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status", "--as-of", "2013-99-01"), "2013-99-01 is no day"),
        (("status", "--as-of", "20130901"), "20130901 is no day"),
        (("serve", "--port", "80000"), "80000 is no port"),
        (("import", "scores", "x.csv", "--set-aside", "missing,ugly"), "ugly is no reason to set rows aside"),
        (("audit", "verify", "--checkpoint", "x:" + "0" * 64), "is no checkpoint; it is an event's number"),
        (("demo", "--port", "１"), "is no port"),
    ],
)
def test_an_argument_that_is_none_is_told_in_words(run: Run, arguments: Sequence[str], said: str) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert " invalid _" not in done.err


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("plots", {"--layout", "--from"}),
        ("contract", set()),
        ("scheme", set()),
        ("tasks", set()),
        ("scores", {"--layout", "--set-aside"}),
    ],
)
def test_each_kind_of_import_has_its_own_options(run: Run, kind: str, options: set[str]) -> None:
    done = run("import", kind, "--help")
    assert done.code == 0
    assert set(re.findall(r"--[a-z-]+", done.out)) == options | {"--help", "--dry-run"}


def test_a_map_that_cannot_be_written_is_told_in_a_sentence(contracted: Run, tmp_path: Path) -> None:
    done = contracted("map", "register", "-o", tmp_path / "nowhere" / "x.html")
    assert done.code == 1
    assert lines(done.err) == [f"greenkeep: {tmp_path}/nowhere/x.html cannot be used: No such file or directory."]


def test_version(run: Run) -> None:
    assert run("--version").out.strip() == f"greenkeep {VERSION}"


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(
    "command", ["status", "doctor", "audit verify", "user list", "settle 2013-01", "serve", "token issue x"]
)
def test_without_a_database_a_sentence_says_what_to_do(run: Run, installation: Path, command: str) -> None:
    done = run(*command.split())
    assert (done.code, done.out) == (1, "")
    assert lines(done.err) == [
        f"greenkeep: There is no database at {installation}/greenkeep.db yet. Run: greenkeep init authority.yaml"
    ], "a sentence, not a trace"
    assert not installation.exists(), "asking makes nothing"


def test_a_database_that_is_none_is_told_in_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 99)
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", f"sqlite:///{tmp_path}/notes.txt")
    done = run("status")
    assert done.code == 1
    assert lines(done.err) == ["greenkeep: The database cannot be opened: file is not a database."]
    monkeypatch.setenv("GREENKEEP_DATABASE_URL", f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    done = run("status")
    assert done.code == 1
    assert lines(done.err)[0].startswith("greenkeep: The database cannot be opened: ")


def test_init_once(founded: Run, case: Path, installation: Path) -> None:
    assert installation.stat().st_mode & 0o777 == 0o700, "nobody else may read it"
    before = held()
    done = founded("init", case / "authority.yaml")
    assert (done.code, done.out) == (1, "")
    assert lines(done.err) == ["greenkeep: This database already belongs to an authority."]
    assert held() == before


def test_upgrade_makes_and_names_the_schema(run: Run, installation: Path) -> None:
    assert run("upgrade").out == "schema 0001\n"
    assert installation.stat().st_mode & 0o777 == 0o700
    assert run("upgrade").code == 0


def test_status_as_json_has_the_figures(contracted: Run) -> None:
    status = json.loads(contracted("status", "--json", "--as-of", "2013-06-01").out)
    assert re.fullmatch("[0-9a-f]{64}", status["chain_head"].pop("hash"))
    assert status.pop("chain_head")["seq"] > 10
    assert status == {
        "authority": "Jiangning Science Park Administration",
        "as_of": "2013-06-01",
        "plots": 96,
        "contracts": 1,
        "contractors": 1,
        "contracted_plots": 26,
        "contracted_area_m2": status["contracted_area_m2"],
        "annual_fee_minor": status["annual_fee_minor"],
        "currency": "CNY",
        "schema_version": "0001",
    }
    assert re.fullmatch(r"\d+\.\d\d", status["contracted_area_m2"])
    assert status["annual_fee_minor"] > 0
    plain = contracted("status", "--as-of", "2012-12-31").out
    assert "contracts: 0" in plain
    assert "contracted_plots: 0" in plain


def test_a_dry_run_says_the_same_and_writes_nothing(founded: Run, case: Path) -> None:
    before = held()
    for kind, file, told in (
        ("plots", case / "plots.geojson", "plots: 96 rows, 96 written, 0 unchanged"),
        ("scheme", SCHEME, "jn-2012 v1: entered"),
    ):
        done = founded("import", kind, file, "--dry-run")
        assert (done.code, lines(done.out)) == (0, [told, "dry run: nothing was written"])
        assert held() == before


def test_tasks_and_scores_come_in_and_are_told(contracted: Run, case: Path, tmp_path: Path) -> None:
    assert contracted("import", "tasks", case / "tasks.csv").out == "tasks: 944 rows, 944 written, 0 unchanged\n"
    assert contracted("import", "tasks", case / "tasks.csv").out == "tasks: 944 rows, 0 written, 944 unchanged\n"
    scores = tmp_path / "scores.csv"
    scores.write_text("ParkID,FQ,Score,Park\nJ2-001,FY14Q1,0.9,One\nX,FY14Q1,0.8,Lost\nJ2-002,FY14Q1,NULL,Two\n")
    layout = tmp_path / "layout.yaml"
    layout.write_text(
        "columns: {plot: ParkID, period: FQ, score: Score, name: Park}\n"
        "scale: 1\nfiscal_year_starts: 7\nempty: [NULL]\n"
    )
    asked = ("import", "scores", scores, "--layout", layout)
    refused = contracted(*asked)
    assert refused.code == 1
    assert lines(refused.err) == [
        "greenkeep: Nothing was written. Problems in the file: 2.",
        "  scores.csv, row 2, plot: No plot has the code X (Lost).",
        "  scores.csv, row 3, score: There is no score.",
    ]
    done = contracted(*asked, "--set-aside", "unlinked,missing")
    assert lines(done.out) == [
        "scores: 3 rows, 1 written, 0 unchanged",
        "set aside, missing: 1",
        "  Two: 1",
        "set aside, unlinked: 1",
        "  Lost: 1",
    ]
    again = contracted(*asked, "--set-aside", "unlinked,missing")
    assert again.code == 1
    assert again.err.startswith("greenkeep: This file was imported on ")


def test_what_a_file_says_forges_no_line(founded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "tasks.csv"
    bad.write_text(
        "plot,operation,due_from,due_until,done_on,quantity,unit,reported_by,signed_by\n"
        '"a\n  all is well\x1b[2J",x,2013-01-01,2013-01-02,,,,,\n'
    )
    for locale, told in (("en_GB", "There is no plot"), ("zh_CN.UTF-8", "没有地块")):
        monkeypatch.setenv("LC_ALL", locale)
        done = founded("import", "tasks", bad)
        assert done.code == 1
        assert "\x1b" not in done.err
        assert all(line.startswith(("greenkeep: ", "  tasks.csv, row 1, ")) for line in lines(done.err)), done.err
        assert told in done.err


def test_each_problem_of_a_scheme_is_told_with_its_line(
    founded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SCHEME.read_text()
    broken = tmp_path / "broken.yaml"
    broken.write_text(text.replace("version: 1", "version: one", 1).replace("currency: CNY", "currency: ABCD", 1))
    before = held()
    done = founded("import", "scheme", broken)
    head, *problems = lines(done.err)
    assert done.code == 1
    assert head == f"greenkeep: Nothing was written. Problems in the file: {len(problems)}."
    assert len(problems) >= 2
    assert all(re.match(r"  broken\.yaml, line \d+: .+\.$", problem) for problem in problems), problems
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    chinese = lines(founded("import", "scheme", broken).err)
    assert len(chinese) == len(problems) + 1
    assert not any(line.isascii() for line in chinese)
    assert held() == before


def test_users_get_links_and_tokens_once(founded: Run) -> None:
    add = ("user", "add", "zhou", "--name", "周敏", "--role", "manager", "--organisation", "JNSP")
    done = founded(*add)
    assert done.code == 0
    link = done.out.strip()
    assert re.fullmatch(r"/sign-in/[\w-]{43}", link)
    zones = founded(
        "user", "add", "li", "--name", "李", "--role", "inspector", "--organisation", "JNSP", "--zones", "J1"
    )
    assert zones.code == 0
    assert founded("user", "link", "zhou").out.strip() != link
    token = founded("token", "issue", "zhou", "--name", "phone").out.strip()
    assert re.fullmatch(r"gk_[\w-]{43}", token)
    assert lines(founded("user", "list").out) == ["li\tinspector\t李", "zhou\tmanager\t周敏"]
    assert founded(*add).err.strip() == "greenkeep: The code zhou is taken."
    with database() as opened, opened.transaction(HOST, write=False) as session:
        documents = [content.document for _, content in events(session, after=0, limit=1000) if content]
    assert not any(secret in document for document in documents for secret in (link.rpartition("/")[2], token))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("user add x --name X --role manager --organisation NOBODY", "There is no organisation with the code NOBODY."),
        ("user add x --name X --role contractor --organisation JNSP", "Only people of a contractor"),
        (
            "user add x --name X --role inspector --organisation JNSP --zones J1 ZZ",
            "There is no zone with the code ZZ.",
        ),
        ("user link nobody", "There is no user with the code nobody."),
        ("token issue nobody", "There is no user with the code nobody."),
        ("settle 2013-08", "No contract is settled by 2013-08."),
        ("settle yesterday", "No contract is settled by yesterday."),
        ("import plots none.gpkg", "There is no such file."),
        ("import tasks none.csv", "There is no such file."),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(founded: Run, arguments: str, told: str) -> None:
    before = held()
    done = founded(*arguments.split())
    assert (done.code, done.out) == (1, "")
    assert told in done.err
    assert "Traceback" not in done.err
    assert held() == before


def test_settling_prepares_and_never_approves(contracted: Run) -> None:
    done = contracted("settle", "2013-01")
    assert done.code == 0, done.err
    assert re.fullmatch(r"C1-2013-01: score \S+, payable [\d.]+ CNY, awaits a second person", done.out.strip())
    with database() as opened, opened.transaction(HOST, write=False) as session:
        verbs = [event.verb for event, _ in events(session, after=0, limit=1000)]
        assert not any("approve" in verb or "decide" in verb for verb in verbs)
        kinds = {o.code: o.kind for o in session.exec(select(Organisation))}
    assert kinds["JNSP"] is Kind.AUTHORITY


@pytest.fixture
def tampered(on_sqlite: None, founded: Run, installation: Path) -> Run:
    with closing(sqlite3.connect(installation / "greenkeep.db")) as raw:
        raw.execute("DROP TRIGGER audit_event_update")
        raw.execute("UPDATE audit_event SET verb = 'nothing.done' WHERE seq = 3")
        raw.commit()
    return founded


def test_audit_verify_tells_by_its_exit_code(founded: Run) -> None:
    done = founded("audit", "verify")
    assert done.code == 0
    assert re.fullmatch(r"\d+ events, head [0-9a-f]{64}: holds", done.out.strip())


def test_audit_verify_names_what_was_changed(tampered: Run) -> None:
    done = tampered("audit", "verify")
    first, last = lines(done.out)
    assert done.code == 1
    assert first == "event 3: This event of the audit log does not follow from the one before."
    assert last.endswith("does not hold")
    examined = tampered("doctor")
    assert examined.code == 1
    guard = "audit_event: The database itself no longer refuses changes of audit_event."
    assert sorted(lines(examined.out)) == sorted([guard, first, "something is wrong"])


def test_audit_verify_against_what_somebody_noted(founded: Run, case: Path) -> None:
    head = json.loads(founded("status", "--json").out)["chain_head"]
    founded("import", "plots", case / "plots.geojson")
    good, bad = f"{head['seq']}:{head['hash']}", f"{head['seq']}:{'0' * 64}"
    assert founded("audit", "verify", "--checkpoint", good).code == 0
    assert founded("audit", "verify", "--checkpoint", bad).code == 1
    assert founded("audit", "verify", "--checkpoint", f"9999:{head['hash']}").code == 1


def test_doctor_says_all_is_well(founded: Run) -> None:
    assert founded("doctor") == Done(0, "all is well\n", "")


def test_what_is_written_while_the_doctor_looks_is_no_fault(
    founded: Run, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported: list[int] = []

    def after_an_import(session: Session, table: Table) -> Iterator[UUID]:
        if not imported:
            imported.append(founded("import", "plots", case / "plots.geojson").code)
        return stored_ids(session, table)

    monkeypatch.setattr("service.audit_log.rows.stored_ids", after_an_import)
    assert founded("doctor") == Done(0, "all is well\n", "")
    assert imported == [0]


def test_map_register_writes_one_file(contracted: Run, tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    done = contracted("map", "register", "-o", target, "--as-of", "2013-06-01", "--language", "en")
    assert done.code == 0, done.err
    page = target.read_bytes()
    assert done.out == f"{target}: {len(page)} bytes\n"
    assert contracted("map", "register", "-o", tmp_path / "again.html", "--as-of", "2013-06-01", "--language", "en")
    assert (tmp_path / "again.html").read_bytes() == page, "equal data, equal bytes"


def test_the_host_is_named_by_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "mei")
    assert running.host().code == "host:mei"


def test_what_is_written_while_the_log_is_verified_is_no_fault(
    founded: Run, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported: list[int] = []

    def before_an_import(session: Session) -> AuditHead:
        noted = head(session)
        if not imported:
            imported.append(founded("import", "plots", case / "plots.geojson").code)
        return noted

    monkeypatch.setattr("service.audit_log.queries.head", before_an_import)
    done = founded("audit", "verify")
    assert (done.code, imported) == (0, [0])
