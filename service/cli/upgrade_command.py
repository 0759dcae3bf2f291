"""greenkeep upgrade."""

from argparse import ArgumentParser, Namespace

from service import migrations
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments: there are none."""
    parser.set_defaults(run=run)


def run(_arguments: Namespace) -> int:
    """Bring the database to the newest schema."""
    settings = running.settings()
    running.make_private(settings.folder)
    migrations.upgrade(settings.url)
    print(f"schema {migrations.current(settings.url)}")
    return 0
