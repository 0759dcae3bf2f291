"""greenkeep user."""

from argparse import ArgumentParser, Namespace

from service.access import actions
from service.access.queries import organisation_by_code, user_by_code, users
from service.cli import running
from service.core.actor import PEOPLE, Role
from service.plots.actions import post_to_zones


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="open an account and print a one-time sign-in link")
    add.add_argument("code")
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=[role.value for role in PEOPLE])
    add.add_argument("--organisation", required=True)
    add.add_argument("--zones", nargs="*", default=[])
    add.add_argument("--language", choices=["zh", "en"], default="zh")
    add.set_defaults(run=add_user)
    link = verbs.add_parser("link", help="print a new one-time sign-in link")
    link.add_argument("code")
    link.set_defaults(run=new_link)
    verbs.add_parser("list", help="list the accounts").set_defaults(run=list_users)


def add_user(arguments: Namespace) -> int:
    """Open an account."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        user = actions.add_user(
            session,
            actor,
            code=arguments.code,
            name=arguments.name,
            role=Role(arguments.role),
            organisation=organisation_by_code(session, arguments.organisation),
            language=arguments.language,
        )
        if arguments.zones:
            post_to_zones(session, actor, user, arguments.zones)
        print(f"/sign-in/{actions.issue_link(session, actor, user)}")
    return 0


def new_link(arguments: Namespace) -> int:
    """Print a path that signs in once; put the server's address before it."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        print(f"/sign-in/{actions.issue_link(session, actor, user_by_code(session, arguments.code))}")
    return 0


def list_users(_arguments: Namespace) -> int:
    """Print every account."""
    with running.opened() as database, database.transaction(running.host(), write=False) as session:
        for user in users(session):
            print(f"{user.code}\t{user.role.value}\t{user.name}{'' if user.active else chr(9) + 'closed'}")
    return 0
