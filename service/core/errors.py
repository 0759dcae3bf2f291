"""Two families of bad news: a Refusal is raised, an Issue is returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, TypeVar

from service.core.i18n import N_

T = TypeVar("T")


class Refusal(Exception):
    """A request that cannot be done. Subclass one of the kinds below, beside the rule that raises it."""

    code: ClassVar[str]
    message: ClassVar[str]

    def __init__(self, **details: object) -> None:
        super().__init__(self.__class__.__name__)
        self.details = details

    def listed(self) -> Sequence["Issue"]:
        """Return all that is wrong with what was sent, where a refusal tells it one by one."""
        return ()


class NotFound(Refusal):
    """There is no such record, or it is out of the actor's sight: nobody can tell which."""

    code, message = "not_found", N_("Not found, or not yours to see.")


class Forbidden(Refusal):
    """The actor may not do this."""


class Conflict(Refusal):
    """The request is well formed, but the state of the record does not allow it."""


class Invalid(Refusal):
    """The request itself is wrong."""


class TooMany(Refusal):
    """Tried too often; the detail `seconds` says how long to wait."""


class Busy(Refusal):
    """Another transaction holds what this one needs; the caller tries again."""

    code, message = "busy", N_("The database is busy. Try again in a moment.")


class SignInNeeded(Forbidden):
    """Nobody is signed in."""

    code, message = "sign_in_needed", N_("Sign in first.")


class IdTaken(Conflict):
    """The id belongs to a record with other content, perhaps one out of the actor's sight."""

    code, message = "id_taken", N_("This id is taken.")


class CodeTaken(Conflict):
    """Codes are unique per table."""

    code, message = "code_taken", N_("The code {code} is taken.")


class Stale(Conflict):
    """The record has changed since the caller read it."""

    code, message = "stale", N_("The record has changed since you read it. Read it again.")


class IfMatchNeeded(Invalid):
    """An edit has to name the state that it starts from."""

    code, message = "if_match_needed", N_("An edit needs the header If-Match with the ETag of what you read.")


class UnknownCode(Invalid):
    """A code that should name a record names none."""

    code, message = "unknown_code", N_("There is no {kind} with the code {value}.")


def found(row: T | None) -> T:
    """Return the row, or refuse with NotFound."""
    if row is None:
        raise NotFound
    return row


def known(row: T | None, kind: str, value: str) -> T:
    """Return the row that a code names, or refuse naming the code."""
    if row is None:
        raise UnknownCode(kind=kind, value=value)
    return row


class Spot(NamedTuple):
    """Where in a file an issue lies: its row (the first record is 1), column, and lon/lat (EPSG:4326)."""

    row: int | None = None
    column: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Issue:
    """One problem in data, and its place (row, column, coordinates). Issues are returned all at once, never raised."""

    code: str
    place: str
    message: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    at: Spot = field(default=Spot(), compare=False)  # the place, for whoever sorts by it or draws it


class HasIssues(Invalid):
    """A file cannot be used; the issues say where and why."""

    code, message = "has_issues", N_("Nothing was written. Problems in the file: {count}.")

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__(count=len(issues))
        self.issues = issues

    def listed(self) -> Sequence[Issue]:
        """Return the issues."""
        return self.issues
