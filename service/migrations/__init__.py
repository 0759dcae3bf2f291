"""The schema's history, and how to bring a database to its head."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url

HERE = Path(__file__).parent


def upgrade(url: str) -> None:
    """Bring a database, empty or older, to the newest schema. SQLite's file is made if need be, its folder not."""
    command.upgrade(configuration(url), "head")


def configuration(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url
    return config


def newest() -> str:
    """Return the revision that this program needs."""
    head = ScriptDirectory(str(HERE)).get_current_head()
    assert head
    return head


def known() -> set[str]:
    """Return every revision that this program can begin from."""
    return {revision.revision for revision in ScriptDirectory(str(HERE)).walk_revisions()}


def current(url: str) -> str | None:
    """Return the revision that a database has; None when it is empty, or a SQLite file that is not there yet."""
    file = make_url(url).database if url.startswith("sqlite") else None
    if file and not Path(file).exists():
        return None  # asking would make it
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if not engine.dialect.has_table(connection, "alembic_version"):
                return None
            revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return revision
    finally:
        engine.dispose()
