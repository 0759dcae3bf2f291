"""Run a command: settings, the host as actor, and failures in words."""

import getpass
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from service.core.actor import Actor, Role
from service.core.db import Database
from service.core.errors import HasIssues, Refusal
from service.core.i18n import language_of, translate
from service.core.settings import Settings
from service.opening import open_database

Command = Callable[[Namespace], int]


def run(arguments: Namespace) -> int:
    """Run the command that was parsed; say on standard error why it cannot be done."""
    command: Command = arguments.run
    try:
        return command(arguments)
    except HasIssues as refusal:
        tell(refusal.message, **refusal.details)
        for issue in refusal.issues:
            sentence = translate(issue.message, language(), issue.details) if issue.message else issue.code
            print(f"  {issue.place}: {sentence}", file=sys.stderr)
    except Refusal as refusal:
        tell(refusal.message, **refusal.details)
    return 1


def tell(message: str, **details: object) -> None:
    """Say a sentence on standard error, in the language of the terminal."""
    print(f"greenkeep: {translate(message, language(), details)}", file=sys.stderr)


def language() -> str:
    """Return the terminal's language."""
    return language_of(os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")


def host() -> Actor:
    """Return the command line as an actor: by the login name of whoever runs it."""
    return Actor(f"host:{getpass.getuser()}", Role.HOST)


def database() -> Database:
    """Open the database that the settings name."""
    return open_database(settings())


def settings() -> Settings:
    """Return the settings, from the environment."""
    return Settings()


def make_private(folder: Path) -> None:
    """Make a folder that nobody else may read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
