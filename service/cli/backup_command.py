"""greenkeep backup."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from service.backup.making import make
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("target", type=Path, help="a folder that does not exist yet; it will hold secrets")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Write a backup while others work; complain of what was damaged already."""
    settings = running.settings()
    with running.opened(settings) as database:
        manifest, issues = make(database, running.host(), settings, arguments.target)
    for issue in issues:
        running.complain(issue)
    size = sum(entry.bytes for entry in manifest.files.values())
    print(f"{arguments.target}: {len(manifest.files)} files, {size} bytes")
    print(f"{manifest.chain.seq} events, head {manifest.chain.hash}")
    return 1 if issues else 0
