"""An installation of its own for each test of the command line, in a temporary folder."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from data import founding_case
from service.cli import main
from tests.support.databases import ENGINE
from tests.support.masters import Masters, Step

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


@pytest.fixture(scope="session")
def on_files(tmp_path_factory: pytest.TempPathFactory) -> Masters:
    """Return masters on SQLite, whatever the tests run on."""
    return Masters(tmp_path_factory.mktemp("installations"), None)


@pytest.fixture(scope="session")
def steps(case: Path) -> tuple[Step, Step]:
    """Return what founds an installation, and what gives it the register, the scheme and the first contract."""

    def founding(url: str, folder: Path, _before: object) -> None:
        _done(url, folder, ("init", case / "authority.yaml"))

    def contracting(url: str, folder: Path, _before: object) -> None:
        plots, contract = case / "plots.geojson", case / "contract-C1.yaml"
        _done(url, folder, ("import", "plots", plots, "--from", "2012-12-01"))
        _done(url, folder, ("import", "scheme", SCHEME))
        _done(url, folder, ("import", "contract", contract))

    return founding, contracting


def _done(url: str, folder: Path, arguments: Sequence[object]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GREENKEEP_FOLDER", str(folder))
        patched.setenv("GREENKEEP_DATABASE_URL", "" if url.startswith("sqlite") else url)
        assert main([str(argument) for argument in arguments]) == 0


@pytest.fixture
def founded(
    request: pytest.FixtureRequest,
    run: Run,
    installation: Path,
    steps: tuple[Step, Step],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Run]:
    """Yield the same, with the authority entered."""
    with _copied(request, installation, steps[:1], monkeypatch):
        yield run


@pytest.fixture
def contracted(
    request: pytest.FixtureRequest,
    run: Run,
    installation: Path,
    steps: tuple[Step, Step],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Run]:
    """Yield the same, with the register, the scheme and the first contract too."""
    with _copied(request, installation, steps, monkeypatch):
        yield run


@contextmanager
def _copied(
    request: pytest.FixtureRequest, folder: Path, steps: tuple[Step, ...], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    on_postgres = bool(os.environ.get("GREENKEEP_DATABASE_URL"))
    masters: Masters = request.getfixturevalue("masters" if on_postgres else "on_files")
    with masters.copied(folder, *steps) as (url, _):
        if on_postgres:
            monkeypatch.setenv("GREENKEEP_DATABASE_URL", url)
        yield
