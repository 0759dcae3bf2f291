"""greenkeep user."""

import sys
from argparse import ArgumentParser, Namespace
from getpass import getpass

from service.access import actions, passwords, sign_in_actions
from service.access.queries import organisation_by_code, user_by_code, users
from service.access.rules import refuse_weak
from service.cli import running
from service.core.actor import PEOPLE, Role
from service.core.errors import Invalid
from service.core.i18n import N_
from service.plots.actions import post_to_zones


class PasswordsDiffer(Invalid):
    """Typed blindly, and not twice the same."""

    code, message = "passwords_differ", N_("The two passwords are not the same.")


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
    password = verbs.add_parser("password", help="set a password, asked for or read from standard input")
    password.add_argument("code")
    password.set_defaults(run=set_password)
    role = verbs.add_parser("role", help="give an account another role, without a second person")
    role.add_argument("code")
    role.add_argument("role", choices=[role.value for role in PEOPLE])
    role.set_defaults(run=give_role)
    close = verbs.add_parser("close", help="close an account and end its sessions and tokens")
    close.add_argument("code")
    close.set_defaults(run=close_account)
    reopen = verbs.add_parser("reopen", help="open a closed account again, with the role that it had")
    reopen.add_argument("code")
    reopen.set_defaults(run=reopen_account)
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
        print(f"/sign-in/{sign_in_actions.issue_link(session, actor, user)}")
    return 0


def new_link(arguments: Namespace) -> int:
    """Print a path that signs in once; put the server's address before it."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        print(f"/sign-in/{sign_in_actions.issue_link(session, actor, user_by_code(session, arguments.code))}")
    return 0


def set_password(arguments: Namespace) -> int:
    """Set somebody's password and end their browser sessions. It is hashed before the database is held."""
    actor = running.host()
    with running.opened() as database:
        with database.transaction(actor, write=False) as session:
            user = user_by_code(session, arguments.code)
        password = _ask()
        refuse_weak(password, user.code, user.name)
        argon2 = passwords.hashed(password)
        with database.transaction(actor) as session:
            sign_in_actions.set_password(session, actor, user_by_code(session, arguments.code), argon2)
    return 0


def _ask() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise PasswordsDiffer
    return password


def give_role(arguments: Namespace) -> int:
    """Give a role as the operator: how the first administrators come to be."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        actions.give_role(session, actor, user_by_code(session, arguments.code), Role(arguments.role))
    return 0


def close_account(arguments: Namespace) -> int:
    """Close an account."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        actions.close_account(session, actor, user_by_code(session, arguments.code))
    return 0


def reopen_account(arguments: Namespace) -> int:
    """Open an account again."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        actions.reopen_account(session, actor, user_by_code(session, arguments.code))
    return 0


def list_users(_arguments: Namespace) -> int:
    """Print every account."""
    with running.opened() as database, database.transaction(running.host(), write=False) as session:
        for user in users(session):
            print(f"{user.code}\t{user.role.value}\t{user.name}{'' if user.active else chr(9) + 'closed'}")
    return 0
