"""Fresh databases for tests, on SQLite or, with DB=postgres, on PostgreSQL: copies of masters made once per process."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from service.migrations import upgrade
from tests.support import postgres
from tests.support.masters import Masters, migrated

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
def masters(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Masters]:
    """Yield the databases that tests get copies of."""
    cluster = request.getfixturevalue("_cluster") if ENGINE == "postgres" else None
    masters = Masters(tmp_path_factory.mktemp("masters"), cluster)
    with masters.open:
        yield masters


@pytest.fixture
def database_url(masters: Masters, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a fresh, migrated database that no other test sees."""
    with masters.copied(tmp_path, migrated) as (url, _):
        yield url
