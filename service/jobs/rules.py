"""How often work is tried, and how long it may take. Pure."""

from datetime import timedelta
from enum import StrEnum

from service.core.errors import Conflict, Forbidden
from service.core.i18n import N_

MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=10)
LEASE = timedelta(minutes=2)  # longer than any step between two words of progress may take
ERROR_CHARACTERS = 300


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # tried as often as it may be


class JobsClosed(Forbidden):
    """Background work is the operator's."""

    code, message = "jobs_closed", N_("Background work is for the administrator and the auditor.")


class NotFailed(Conflict):
    """Only what was given up is asked for again; the rest is tried by itself."""

    code, message = "job_not_failed", N_("This job has not failed.")


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the last of so many attempts: each pause is four times the one before.

    >>> [int(pause_after(n).total_seconds()) for n in (1, 2, 3, 4)]
    [10, 40, 160, 640]
    """
    return FIRST_PAUSE * int(4 ** (attempts - 1))


def is_spent(attempts: int) -> bool:
    """Tell whether there is no further attempt.

    >>> is_spent(MOST_ATTEMPTS - 1), is_spent(MOST_ATTEMPTS)
    (False, True)
    """
    return attempts >= MOST_ATTEMPTS


def error_line(error: BaseException) -> str:
    r"""Return an error as one short line for the list; the log has all of it.

    >>> error_line(ValueError("first\nsecond"))
    'ValueError: first'
    """
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}".removesuffix(": ")[:ERROR_CHARACTERS]
