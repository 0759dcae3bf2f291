"""greenkeep token."""

from argparse import ArgumentParser, Namespace

from service.access import actions
from service.access.queries import user_by_code
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    issue = verbs.add_parser("issue", help="print a new API token; it is shown once")
    issue.add_argument("user")
    issue.add_argument("--name", default="command line", help="what the token is for")
    issue.set_defaults(run=issue_token)


def issue_token(arguments: Namespace) -> int:
    """Issue a token that acts as an account, for a year."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        user = user_by_code(session, arguments.user)
        print(actions.issue_token(session, actor, user, name=arguments.name))
    return 0
