"""greenkeep doctor."""

from argparse import ArgumentParser, Namespace

from service.cli import running
from service.doctor import examine, remarks


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments: there are none."""
    parser.set_defaults(run=run)


def run(_arguments: Namespace) -> int:
    """Examine the installation; name everything that does not fit."""
    host = running.host()
    with running.opened() as database, database.transaction(host, write=False, repeatable=True) as session:
        issues = examine(session, database, running.settings())
    for issue in issues:
        print(running.one_line(f"{issue.place}: {running.sentence_of(issue)}"))
    for remark in remarks():
        running.tell(remark)
    print("something is wrong" if issues else "all is well")
    return 1 if issues else 0
