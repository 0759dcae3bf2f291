"""Run a command: settings, the host as actor, and failures in words."""

import getpass
import os
import re
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from service.core import readers
from service.core.actor import Actor, Role
from service.core.db import Database
from service.core.errors import HasIssues, Issue, Refusal
from service.core.i18n import N_, language_of, translate
from service.core.settings import Settings
from service.opening import open_database

Command = Callable[[Namespace], int]
CANNOT_USE = N_("{path} cannot be used: {problem}.")
SYSTEM_REFUSED = N_("The system refused: {problem}.")
NO_DAY = N_("{value} is no day; days are written YYYY-MM-DD, from 1900 to 2199")
NO_PORT = N_("{value} is no port; ports are numbers from 0 to 65535")
BEYOND_A_LINE = re.compile(rf"{readers.CONTROL.pattern}|[\t\n\r\u2028\u2029]")


def run(arguments: Namespace) -> int:
    """Run the command that was parsed; say on standard error why it cannot be done."""
    command: Command = arguments.run
    try:
        return command(arguments)
    except HasIssues as refusal:
        tell(refusal.message, **refusal.details)
        for issue in refusal.issues:
            complain(issue)
    except Refusal as refusal:
        tell(refusal.message, **refusal.details)
    except OSError as error:  # a full disk, a place that others own
        if error.filename is None:
            tell(SYSTEM_REFUSED, problem=error)
        else:
            tell(CANNOT_USE, path=error.filename, problem=error.strerror)
    return 1


def day(text: str) -> date:
    """Read an argument that is a day."""
    try:
        return readers.day(text)
    except ValueError:
        raise no_argument(NO_DAY, value=text) from None


def port(text: str) -> int:
    """Read an argument that is a TCP port."""
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 1 << 16:
        return int(text)
    raise no_argument(NO_PORT, value=text)


def no_argument(message: str, **details: str) -> ArgumentTypeError:
    """Return what tells whoever typed an argument what is wrong with it, in the language of the terminal."""
    shown = {name: one_line(text) for name, text in details.items()}
    return ArgumentTypeError(translate(message, language(), shown))


def tell(message: str, **details: object) -> None:
    """Say a sentence on standard error, in the language of the terminal."""
    print(f"greenkeep: {one_line(translate(message, language(), details))}", file=sys.stderr)


def complain(issue: Issue) -> None:
    """Say on standard error what is wrong, and where."""
    print(f"  {one_line(issue.place)}: {one_line(sentence_of(issue))}", file=sys.stderr)


def sentence_of(issue: Issue) -> str:
    """Return what an issue says, in the language of the terminal."""
    return translate(issue.message, language(), issue.details) if issue.message else issue.code


def one_line(text: str) -> str:
    r"""Show what a file says so that it can neither forge a line of ours nor command the terminal.

    >>> one_line("lawn\x1b[2J\nall is well") == "lawn\ufffd[2J\ufffdall is well"
    True
    """
    return BEYOND_A_LINE.sub("\ufffd", text)


def language() -> str:
    """Return the terminal's language."""
    return language_of(os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")


def host() -> Actor:
    """Return the command line as an actor: by the login name of whoever runs it."""
    return Actor(f"host:{getpass.getuser()}", Role.HOST)


@contextmanager
def opened(named: Settings | None = None) -> Iterator[Database]:
    """Yield the database that the settings name, and give its connections back."""
    database = open_database(named or settings())
    try:
        yield database
    finally:
        database.engine.dispose()


def settings() -> Settings:
    """Return the settings, from the environment."""
    return Settings()


def make_private(folder: Path) -> None:
    """Make a folder that nobody else may read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
