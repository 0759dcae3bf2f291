"""greenkeep upgrade."""

from argparse import ArgumentParser, Namespace

from service import migrations
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments: there are none."""
    parser.set_defaults(run=run)


def run(_arguments: Namespace) -> int:
    """Bring the database to the newest schema."""
    url = running.settings().url
    migrations.upgrade(url)
    print(f"schema {migrations.current(url)}")
    return 0
