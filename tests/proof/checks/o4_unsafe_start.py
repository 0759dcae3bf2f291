"""O4: the program does not start on an installation that could do harm."""

import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr
from pathlib import Path
from typing import Any
from unittest.mock import patch

from service.cli.certificates import SERVER_LIVES, make
from service.cli.serve_command import serve
from service.core import db, integrity
from service.core.dates import system_clock
from service.core.errors import Refusal
from service.core.settings import Settings
from service.migrations import upgrade
from tests.proof.check import Check, Outcome, Trial

PRAGMAS = ("journal_mode=DELETE", "synchronous=OFF", "synchronous=NORMAL", "foreign_keys=OFF", "trusted_schema=ON")
HOSTS = ("0.0.0.0", "::", "192.168.1.20", "10.1.2.3", "park.example", "")
MODES = (0o755, 0o750, 0o705, 0o701, 0o710, 0o777)
Attempt = tuple[str, Callable[[Path], None], str]
NOW = system_clock()


class Started(Exception):
    """The server would now answer."""


def _mode(mode: int) -> Callable[[Path], None]:
    return lambda folder: folder.chmod(mode)


def _other_schema(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "greenkeep.db")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0000'")
        raw.commit()


def _no_database(folder: Path) -> None:
    (folder / "greenkeep.db").unlink()


def _open_store(folder: Path) -> None:
    (folder / "files").mkdir()
    (folder / "files").chmod(0o755)


def _certified(folder: Path) -> None:
    make(folder / "tls", ["localhost"], NOW)


def _open_key(folder: Path) -> None:
    _certified(folder)
    (folder / "tls" / "server.key").chmod(0o644)


def _ran_out(folder: Path) -> None:
    make(folder / "tls", ["localhost"], NOW - SERVER_LIVES)


def _others_key(folder: Path) -> None:
    _certified(folder)
    shutil.copyfile(folder / "tls" / "authority.key", folder / "tls" / "server.key")


WITH_TLS = {
    "https without a certificate": _mode(0o700),
    "https with an open key": _open_key,
    "https with a certificate that ran out": _ran_out,
    "https with another pair's key": _others_key,
}


def attempts() -> Iterator[Attempt]:
    """Yield each way to make an installation unsafe: its name, what it does to the folder, where it listens."""
    for mode in MODES:
        yield f"folder {mode:o}", _mode(mode), "127.0.0.1"
    yield "store 755", _open_store, "127.0.0.1"
    yield "another schema", _other_schema, "127.0.0.1"
    yield "no database", _no_database, "127.0.0.1"
    for host in HOSTS:
        yield f"http on {host!r}", _mode(0o700), host


@contextmanager
def _pragma(pragma: str) -> Iterator[None]:
    """Let a build forget one of the settings of SQLite."""
    name = pragma.split("=")[0]
    with patch.object(db, "PRAGMAS", [pragma if kept.startswith(name) else kept for kept in db.PRAGMAS]):
        yield


def starts(folder: Path, host: str, **asked: Any) -> bool:
    """Tell whether the server comes as far as to open its port."""
    try:
        with patch("uvicorn.Server.run", side_effect=Started):
            serve(Settings(folder=folder, database_url="", **asked), host=host, port=0)
    except Started:
        return True
    except Refusal:
        return False
    raise AssertionError("neither started nor refused")


def run(trial: Trial) -> Outcome:
    """Try every way; as a control, on a build without the checks of folder, address and settings of SQLite."""
    good = trial.folder / "good"
    good.mkdir(mode=0o700)
    upgrade(f"sqlite:///{good}/greenkeep.db")
    served: list[str] = [] if starts(good, "127.0.0.1") else ["the good one does not start"]
    secure = _spoilt(trial.folder / "secure", good, _certified)
    if not starts(secure, "0.0.0.0", tls=True) or not starts(good, "0.0.0.0", proxy="192.0.2.1"):
        served.append("the good one does not start beyond this machine")
    count = 1  # the word of warning
    with _broken() if trial.control else _whole():
        for name, spoil, host in attempts():
            count += 1
            if starts(_spoilt(trial.folder / f"case-{count}", good, spoil), host):
                served.append(name)
        for name, spoil in WITH_TLS.items():
            count += 1
            if starts(_spoilt(trial.folder / f"case-{count}", good, spoil), "127.0.0.1", tls=True):
                served.append(name)
        for proxy in ("proxy.example", "127.0.0.1, x", "0.0.0.0/0"):
            count += 1
            if starts(_spoilt(trial.folder / f"case-{count}", good, _mode(0o700)), "0.0.0.0", proxy=proxy):
                served.append(f"proxy {proxy}")
        for pragma in PRAGMAS:
            count += 1
            with _pragma(pragma):
                if starts(_spoilt(trial.folder / f"case-{count}", good, _mode(0o700)), "127.0.0.1"):
                    served.append(pragma)
        if not _warns(good):
            served.append("no word of a network that cannot be left")
    figure = f"{count - len(served)} of {count} refused or said" + "".join(f"; started: {name}" for name in served[:5])
    return Outcome(not served, figure)


def _warns(folder: Path) -> bool:
    """Tell whether the server says so where strangers' files are read within the network."""
    said = io.StringIO()
    with patch("service.doctor.is_cut_off", return_value=False), redirect_stderr(said):
        assert starts(folder, "127.0.0.1")
    return "unshare" in said.getvalue()


def _spoilt(folder: Path, good: Path, spoil: Callable[[Path], None]) -> Path:
    shutil.copytree(good, folder)
    spoil(folder)
    return folder


@contextmanager
def _whole() -> Iterator[None]:
    yield


@contextmanager
def _broken() -> Iterator[None]:
    with (
        patch("service.cli.serve_command.refuse_unsafe"),
        patch("service.cli.serve_command.remarks", return_value=()),
        patch("service.cli.serve_command._is_loopback", return_value=True),
        patch("service.cli.serve_command.refuse_unfit", return_value=None),
        patch.object(integrity, "EXPECTED", {}),
        patch("service.opening.setup_issues", return_value=[]),
    ):
        yield


CHECK = Check(
    name="O4",
    claim="The server refuses to start where others could read it, listen in, or lose what was written; it says so "
    "where the reader of strangers' files cannot leave the network",
    target="100 % refused, said",
    control="a build without the checks of folder, address, certificate and SQLite's settings",
    run=run,
)
