"""greenkeep audit."""

from argparse import ArgumentParser, Namespace

from service.audit_log.queries import head, verify
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("what", choices=["verify"])
    parser.set_defaults(run=run)


def run(_arguments: Namespace) -> int:
    """Recompute the whole chain; name the first entries that do not fit."""
    with running.database().transaction(running.host(), write=False) as session:
        issues, end = verify(session), head(session)
    for issue in issues:
        print(f"{issue.place}: {issue.code}")
    print(f"{end.seq} events, head {end.hash}: {'does not hold' if issues else 'holds'}")
    return 1 if issues else 0
