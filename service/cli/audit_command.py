"""greenkeep audit."""

from argparse import ArgumentParser, Namespace

from service.audit_log.queries import head, verify
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("what", choices=["verify"])
    parser.add_argument(
        "--checkpoint", type=_checkpoint, metavar="NUMBER:HASH", help="an event as somebody outside has noted it"
    )
    parser.set_defaults(run=run)


def _checkpoint(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if len(digest) != 64:
        raise ValueError(text)
    return int(number), digest


def run(arguments: Namespace) -> int:
    """Recompute the whole chain; name everything that does not fit, and where."""
    with running.opened() as database, database.transaction(running.host(), write=False) as session:
        issues, end = verify(session, arguments.checkpoint), head(session)
    for issue in issues:
        print(running.one_line(f"{issue.place}: {running.sentence_of(issue)}"))
    print(f"{end.seq} events, head {end.hash}: {'does not hold' if issues else 'holds'}")
    return 1 if issues else 0
