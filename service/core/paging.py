"""Lists are paged by key: the cursor names the last row seen."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from service.core.errors import Invalid
from service.core.i18n import N_

R = TypeVar("R")


class BadCursor(Invalid):
    """The cursor was not made by us."""

    code, message = "bad_cursor", N_("This page mark is not one of ours. Begin the list anew.")


def cursor(key: str) -> str:
    """Return the mark behind which the next page begins.

    >>> uncursor(cursor("J2-017"))
    'J2-017'
    """
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def uncursor(mark: str) -> str:
    """Read a mark; the empty one begins the list."""
    try:
        key = base64.b64decode(mark + "=" * (-len(mark) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise BadCursor from None
    if "\0" in key:
        raise BadCursor
    return key


def dated(day: date, last: object) -> str:
    """Return the key of a row in a list that is ordered by day and then by something else.

    >>> undated(cursor(dated(date(2013, 8, 14), "C1-2013-07")))
    (datetime.date(2013, 8, 14), 'C1-2013-07')
    """
    return f"{day} {last}"


def undated(mark: str) -> tuple[date, str] | None:
    """Read the mark of such a list; None begins it."""
    if not mark:
        return None
    day, _, last = uncursor(mark).partition(" ")
    try:
        return date.fromisoformat(day), last
    except ValueError:
        raise BadCursor from None


def undated_id(mark: str) -> tuple[date, UUID] | None:
    """Read the mark of a list that is ordered by day and id."""
    place = undated(mark)
    try:
        return place and (place[0], UUID(place[1]))
    except ValueError:
        raise BadCursor from None


def behind(query: Any, day: Any, key: Any, place: tuple[date, object], *, newest_first: bool = False) -> Any:
    """Narrow a list that is ordered by day and then `key` to what follows a place; `key` runs as the days do.

    The day is bounded by itself, too: an index leads to it, at any depth.
    """
    at, last = place
    if newest_first:
        return query.where(day <= at, (day < at) | (key < last))
    return query.where(day >= at, (day > at) | (key > last))


def id_of(mark: str) -> UUID | None:
    """Read the mark of a list that is ordered by id; None begins it."""
    try:
        return UUID(uncursor(mark)) if mark else None
    except ValueError:
        raise BadCursor from None


def page_of(rows: Sequence[R], limit: int, key: Callable[[R], str]) -> tuple[Sequence[R], str | None]:
    """Cut rows, of which one more than `limit` was asked for, to a page; return it with the mark of the next.

    >>> page_of(["a", "b", "c"], 2, str), page_of(["c"], 2, str)
    ((['a', 'b'], 'Yg'), (['c'], None))
    """
    kept = rows[:limit]
    return kept, cursor(key(kept[-1])) if len(rows) > limit else None


def part_of(rows: Sequence[R], after: str, limit: int, key: Callable[[R], str]) -> tuple[Sequence[R], str | None]:
    """Return a page of a short list that was read as a whole, by its key: a database may sort texts otherwise than we.

    >>> part_of(["b", "A", "a"], "", 2, str)
    (['A', 'a'], 'YQ')
    """
    last = uncursor(after)
    return page_of(sorted((row for row in rows if key(row) > last), key=key)[: limit + 1], limit, key)
