"""Decisions about the register. Pure."""

from service.core.errors import Invalid
from service.core.i18n import N_


class UnknownParent(Invalid):
    """A zone stands below one that does not exist, or below itself."""

    code, message = "unknown_parent", N_("The zone {zone} stands below {parent}, which is not there.")


def zone_path(parent_path: str, code: str) -> str:
    """Return a zone's path from the top down.

    >>> zone_path(zone_path("", "J1"), "J1-1")
    '/J1/J1-1/'
    """
    return f"{parent_path or '/'}{code}/"
