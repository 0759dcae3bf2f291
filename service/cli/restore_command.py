"""greenkeep restore."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from service.backup.restoring import restore
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("backup", type=Path, help="the folder that greenkeep backup wrote")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Bring a backup into the empty folder, and the empty database, that the settings name."""
    settings = running.settings()
    manifest, issues = restore(arguments.backup, running.host(), settings)
    for issue in issues:
        running.complain(issue)
    print(f"{settings.folder}: as it was at {manifest.made_at.isoformat(timespec='seconds')}")
    print(f"{manifest.chain.seq} events, head {manifest.chain.hash}")
    return 0
