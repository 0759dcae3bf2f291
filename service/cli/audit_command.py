"""greenkeep audit."""

import re
from argparse import ArgumentParser, Namespace

from service.audit_log.queries import head, verify
from service.cli import running
from service.core.i18n import N_

CHECKPOINT = re.compile(r"[0-9]{1,15}:[0-9a-f]{64}")
NO_CHECKPOINT = N_("{value} is no checkpoint; it is an event's number, a colon, and the 64 digits of its hash")


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("what", choices=["verify"])
    parser.add_argument(
        "--checkpoint", type=checkpoint, metavar="NUMBER:HASH", help="an event as somebody outside has noted it"
    )
    parser.set_defaults(run=run)


def checkpoint(text: str) -> tuple[int, str]:
    """Read an argument that is an event's number and its hash."""
    if not CHECKPOINT.fullmatch(text):
        raise running.no_argument(NO_CHECKPOINT, value=text)
    number, _, digest = text.partition(":")
    return int(number), digest


def run(arguments: Namespace) -> int:
    """Recompute the whole chain; name everything that does not fit, and where."""
    host = running.host()
    with running.opened() as database, database.transaction(host, write=False, repeatable=True) as session:
        issues, end = verify(session, arguments.checkpoint), head(session)
    for issue in issues:
        print(running.one_line(f"{issue.place}: {running.sentence_of(issue)}"))
    print(f"{end.seq} events, head {end.hash}: {'does not hold' if issues else 'holds'}")
    return 1 if issues else 0
