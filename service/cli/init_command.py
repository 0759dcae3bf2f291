"""greenkeep init."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from service import migrations
from service.cli import running
from service.exchange.authority_in import AuthorityFile, initialise
from service.exchange.texts import open_file, read_document


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("file", type=Path, metavar="AUTHORITY.yaml")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Make the database and enter the authority."""
    settings, actor = running.settings(), running.host()
    file = open_file(arguments.file)
    content = read_document(file, AuthorityFile)
    running.make_private(settings.folder)
    migrations.upgrade(settings.url)
    with running.opened() as database, database.transaction(actor) as session:
        authority = initialise(session, actor, file, content)
    print(f"{content.authority.name.en} / {content.authority.name.zh}: {authority.currency}, {authority.time_zone}")
    return 0
