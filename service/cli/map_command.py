"""greenkeep map."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from service.cli import running
from service.web.register_map import register_file


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("which", choices=["register"])
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--language", choices=["zh", "en"])
    parser.add_argument("--as-of", type=running.day)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Write a map that opens from a USB stick: one file that asks nobody for anything."""
    with running.opened() as database, database.transaction(running.host(), write=False) as session:
        chosen = arguments.language or running.language()
        page = register_file(session, running.settings(), language=chosen, as_of=arguments.as_of)
    arguments.output.write_bytes(page)
    print(f"{arguments.output}: {len(page)} bytes")
    return 0
