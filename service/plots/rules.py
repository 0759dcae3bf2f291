"""Decisions about the register. Pure."""


def zone_path(parent_path: str, code: str) -> str:
    """Return a zone's path from the top down.

    >>> zone_path(zone_path("", "J1"), "J1-1")
    '/J1/J1-1/'
    """
    return f"{parent_path or '/'}{code}/"
