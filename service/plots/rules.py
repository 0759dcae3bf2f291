"""Decisions about the register. Pure."""

from service.core.actor import ZONED, Role
from service.core.errors import Conflict
from service.core.i18n import N_

ZONE_CODE = "^[^/%_]*$"  # these three mean something in the paths of zones


class NotPosted(Conflict):
    """Everybody else sees by the role alone."""

    code, message = "not_posted", N_("Only inspectors and supervisors are posted to zones; {user} is neither.")


class PostedAlready(Conflict):
    """One posting to a zone at a time."""

    code, message = "posted_already", N_("{user} is posted to zone {zone} already.")


def refuse_unposted(user: str, role: Role) -> None:
    """Refuse to post somebody whose role is not bound to zones."""
    if role not in ZONED:
        raise NotPosted(user=user)


def zone_path(parent_path: str, code: str) -> str:
    """Return a zone's path from the top down.

    >>> zone_path(zone_path("", "J1"), "J1-1")
    '/J1/J1-1/'
    """
    return f"{parent_path or '/'}{code}/"
