"""An installation of its own for each test of the command line, in a temporary folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from data import founding_case
from service.cli import main
from tests.support.databases import ENGINE

SCHEME = Path(__file__).resolve().parents[3] / "data" / "schemes" / "jn-2012.yaml"


@dataclass
class Done:
    """What a command gave back and said."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the founding case's files."""
    folder = tmp_path_factory.mktemp("case")
    founding_case.write(folder)
    return folder


@pytest.fixture
def installation(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the settings at an empty folder, and on PostgreSQL at a database of its own; speak English."""
    folder = tmp_path / "greenkeep"
    monkeypatch.setenv("GREENKEEP_FOLDER", str(folder))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    if ENGINE == "postgres":
        monkeypatch.setenv("GREENKEEP_DATABASE_URL", request.getfixturevalue("database_url"))
    else:
        monkeypatch.delenv("GREENKEEP_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def on_sqlite(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a SQLite file in the folder whatever the tests run on: for what is about that file."""
    monkeypatch.delenv("GREENKEEP_DATABASE_URL", raising=False)


@pytest.fixture
def run(installation: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs one command as the terminal would."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


@pytest.fixture
def founded(run: Run, case: Path) -> Run:
    """Return the same, with the authority entered."""
    done = run("init", case / "authority.yaml")
    assert done.code == 0, done.err
    return run


@pytest.fixture
def contracted(founded: Run, case: Path) -> Run:
    """Return the same, with the register, the scheme and the first contract."""
    steps: Sequence[tuple[object, ...]] = (
        ("plots", case / "plots.geojson", "--from", "2012-12-01"),
        ("scheme", SCHEME),
        ("contract", case / "contract-C1.yaml"),
    )
    for step in steps:
        done = founded("import", *step)
        assert done.code == 0, done.err
    return founded
