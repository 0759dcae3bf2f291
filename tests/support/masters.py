"""Databases made once in a process and copied for each test that wants one like it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

from service.migrations import upgrade
from tests.support import postgres

FILE = "greenkeep.db"
Step = Callable[[str, Path, Any], Any]  # done to a database, with its folder and what the step before returned


class Masters:
    """Databases with the folders beside them, made once in this process; each test gets a copy of one."""

    def __init__(self, root: Path, cluster: postgres.Cluster | None) -> None:
        self.root, self.cluster = root, cluster
        self.made: dict[tuple[Step, ...], tuple[str, Any]] = {}
        self.open = ExitStack()

    @contextmanager
    def copied(self, folder: Path, *steps: Step) -> Iterator[tuple[str, Any]]:
        """Yield the address of a database in which these steps are done, and what the last one returned.

        The folder gets what the steps have put beside it. A later test finds nothing of what this one does.
        """
        name, made = self._master(steps)
        shutil.copytree(self.root / name, folder, dirs_exist_ok=True)
        with self._database(folder, name) as url:
            yield url, deepcopy(made)

    def _master(self, steps: tuple[Step, ...]) -> tuple[str, Any]:
        """Return the name of the database in which these steps are done, and what the last one returned."""
        if not steps:
            return "empty", None
        if steps not in self.made:
            name = f"master-{len(self.made)}-{uuid4().hex}"
            before, returned = self._master(steps[:-1])
            folder = self.root / name
            shutil.copytree(self.root / before, folder) if steps[:-1] else folder.mkdir(mode=0o700)
            url = self.open.enter_context(self._database(folder, before, name))
            self.made[steps] = name, steps[-1](url, folder, returned)
            _settle(folder / FILE)
        return self.made[steps]

    @contextmanager
    def _database(self, folder: Path, master: str, name: str = "") -> Iterator[str]:
        """Yield the address of a copy of a master; on SQLite it has come with the folder."""
        if self.cluster is None:
            yield f"sqlite:///{folder / FILE}"
        else:
            with self.cluster.cloned(postgres.TEMPLATE if master == "empty" else master, name) as url:
                yield url


def _settle(file: Path) -> None:
    """Bring all of a SQLite database into its one file."""
    if file.exists():
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def migrated(url: str, _folder: Path, _before: object) -> None:
    """Step: bring a database to the schema of the program."""
    upgrade(url)
