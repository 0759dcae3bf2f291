"""A private PostgreSQL: a cluster in a temporary folder, on a unix socket, gone with the tests, however they end."""

import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

USER = "greenkeep"
TEMPLATE = "template_greenkeep"
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
PATIENCE_S = 30
# The shell holds the server and waits at its own standard input. That pipe closes when the process that started it goes
# away, by whatever end; only then does it stop the server and remove the folder.
KEEPER = "{server} >log 2>&1 & server=$!; read -r _; kill -INT $server; wait $server; cd / && rm -rf {folder}"


def _programs() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, where Debian keeps them or on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def lacking() -> str | None:
    """Return a sentence that says what this machine lacks; None when nothing."""
    programs = _programs()
    if programs is None:
        return "PostgreSQL is not installed (Debian: postgresql-15)."
    shared = subprocess.run([programs / "pg_config", "--sharedir"], capture_output=True, text=True, check=True).stdout
    if not (Path(shared.strip()) / "extension" / "postgis.control").exists():
        return "PostGIS is not installed (Debian: postgresql-15-postgis-3)."
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "PostgreSQL refuses to run as root, and there is no runuser to become somebody else."
    return None


@dataclass(frozen=True)
class Cluster:
    """A running server, known by the folder of its socket."""

    folder: str

    def url(self, database: str) -> str:
        """Return the address of a database, for SQLAlchemy."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def run(self, *statements: sql.Composed | sql.SQL, database: str = "postgres") -> None:
        """Run statements one by one, outside any transaction."""
        with psycopg.connect(host=self.folder, user=USER, dbname=database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def cloned(self, master: str = TEMPLATE, name: str = "") -> Iterator[str]:
        """Yield the address of a fresh copy of a database, and drop the copy afterwards."""
        name = name or f"test_{uuid4().hex}"
        template, clone = sql.Identifier(master), sql.Identifier(name)
        self.run(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(clone, template))
        try:
            yield self.url(name)
        finally:
            self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(clone))

    def make_template(self) -> str:
        """Create the database that tests clone, with PostGIS in it; return its address."""
        self.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        self.run(sql.SQL("CREATE EXTENSION postgis"), database=TEMPLATE)
        return self.url(TEMPLATE)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a fresh cluster. Only call it when nothing is `lacking`."""
    programs = _programs()
    assert programs, lacking()
    folder = tempfile.mkdtemp(prefix="greenkeep-")  # short: a socket's path holds 107 bytes
    become: list[str] = []
    if os.geteuid() == 0:
        become = ["runuser", "-u", "postgres", "--"]
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    data = f"{folder}/data"
    fresh = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    initdb = [*become, str(programs / "initdb"), "--pgdata", data, *fresh]
    subprocess.run(initdb, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    options = {**OPTIONS, "unix_socket_directories": folder}
    server = [str(programs / "postgres"), "-D", data, *(f"--{name}={value}" for name, value in options.items())]
    script = KEEPER.format(server=shlex.join(server), folder=shlex.quote(folder))
    keeper = subprocess.Popen(
        [*become, "sh", "-c", script], cwd=folder, stdin=subprocess.PIPE, start_new_session=True
    )  # a session of its own: an interrupt from the keyboard reaches pytest alone
    try:
        _wait_for(folder)
        yield Cluster(folder)
    finally:
        assert keeper.stdin
        keeper.stdin.close()
        keeper.wait(PATIENCE_S)


def _wait_for(folder: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(host=folder, user=USER, dbname="postgres").close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(Path(folder, "log").read_text()) from error
            time.sleep(0.05)
        else:
            return
