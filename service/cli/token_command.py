"""greenkeep token."""

from argparse import ArgumentParser, Namespace
from datetime import timedelta
from uuid import UUID

from service.access import sign_in_actions
from service.access.queries import tokens, user_by_code
from service.access.rules import Reach
from service.cli import running


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    issue = verbs.add_parser("issue", help="print a new API token; it is shown once")
    issue.add_argument("user")
    issue.add_argument("--name", default="command line", help="what the token is for")
    issue.add_argument(
        "--scope",
        choices=[reach.value for reach in Reach],
        default=Reach.READ.value,
        help="read, or also write what the account may (default: read)",
    )
    issue.add_argument("--days", type=int, choices=range(1, 366), metavar="1-365", default=365, help="for how long")
    issue.set_defaults(run=issue_token)
    listing = verbs.add_parser("list", help="list the tokens, of one account or all")
    listing.add_argument("user", nargs="?")
    listing.set_defaults(run=list_tokens)
    revoke = verbs.add_parser("revoke", help="end a token at once")
    revoke.add_argument("id", type=UUID, help="as `greenkeep token list` gives it")
    revoke.set_defaults(run=revoke_token)


def issue_token(arguments: Namespace) -> int:
    """Issue a token that acts as an account."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        user = user_by_code(session, arguments.user)
        lives = timedelta(days=arguments.days)
        print(
            sign_in_actions.issue_token(
                session, actor, user, name=arguments.name, reach=Reach(arguments.scope), lives=lives
            )
        )
    return 0


def list_tokens(arguments: Namespace) -> int:
    """Print every token that was issued: id, account, what it may, until when, when last used, what for."""
    with running.opened() as database, database.transaction(running.host(), write=False) as session:
        user = user_by_code(session, arguments.user) if arguments.user else None
        for token, holder in tokens(session, user):
            state = "revoked" if token.revoked_at else f"until {token.expires_at:%Y-%m-%d}"
            used = f"used {token.last_used_on}" if token.last_used_on else "unused"
            print(running.one_line(f"{token.id} {holder.code} {token.reach.value} {state} {used} {token.name}"))
    return 0


def revoke_token(arguments: Namespace) -> int:
    """Revoke a token."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        sign_in_actions.revoke_token(session, actor, arguments.id)
    return 0
