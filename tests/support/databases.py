"""The fixture `database_url`: a fresh, migrated database per test, on SQLite or, with DB=postgres, on PostgreSQL."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from service.migrations import upgrade
from tests.support import postgres

ENGINE = os.environ.get("DB") or "sqlite"
CLUSTER = "greenkeep_cluster"
FOLDER = pytest.StashKey[str]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start PostgreSQL once, before the workers start, and stop it after them."""
    config = session.config
    if ENGINE not in ("sqlite", "postgres"):
        raise pytest.UsageError(f"DB is sqlite or postgres, not {ENGINE}.")
    if ENGINE == "sqlite" or hasattr(config, "workerinput") or config.option.collectonly or postgres.lacking():
        return
    running = ExitStack()
    config.add_cleanup(running.close)
    cluster = running.enter_context(postgres.cluster())
    upgrade(cluster.make_template())
    config.stash[FOLDER] = cluster.folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the cluster is."""
    node.workerinput[CLUSTER] = node.config.stash.get(FOLDER, None)


@pytest.fixture(scope="session")
def _cluster(pytestconfig: pytest.Config) -> postgres.Cluster:
    folder = getattr(pytestconfig, "workerinput", {}).get(CLUSTER) or pytestconfig.stash.get(FOLDER, None)
    if folder is None:
        pytest.skip(postgres.lacking() or "PostgreSQL did not start.")
    return postgres.Cluster(folder)


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file for all tests of this process, and bring all of it into the one file."""
    path = tmp_path_factory.mktemp("migrated") / "greenkeep.db"
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a fresh, migrated database that no other test sees."""
    if ENGINE == "postgres":
        cluster: postgres.Cluster = request.getfixturevalue("_cluster")
        with cluster.cloned() as url:
            yield url
    else:
        path = tmp_path / "greenkeep.db"
        shutil.copyfile(request.getfixturevalue("_migrated_file"), path)
        yield f"sqlite:///{path}"
