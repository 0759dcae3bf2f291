"""Who may do what. Pure."""

from datetime import datetime

from service.core.actor import Actor, Kind, Role
from service.core.errors import Forbidden, Invalid, SignInNeeded
from service.core.i18n import N_


class NotYours(Forbidden):
    """Somebody else's part."""

    code, message = "not_yours_to_do", N_("This is not for you to do.")


class RoleNeedsContractor(Invalid):
    """The role contractor and an organisation of that kind go together."""

    code, message = "role_needs_contractor", N_("Only people of a contractor have the role contractor, and no other.")


class AlreadyUsed(SignInNeeded):
    """A sign-in link that was used or has run out."""

    code, message = "link_used", N_("This sign-in link was used already or has run out. Ask for a new one.")


def require(actor: Actor, *roles: Role) -> None:
    """Refuse actors of other roles."""
    if actor.role not in roles:
        raise NotYours


def refuse_mismatch(role: Role, kind: Kind) -> None:
    """Refuse a contractor's account outside a contractor, and any other role inside one.

    >>> refuse_mismatch(Role.CONTRACTOR, Kind.CONTRACTOR)
    """
    if (role is Role.CONTRACTOR) != (kind in (Kind.CONTRACTOR, Kind.BUILDER)):
        raise RoleNeedsContractor


def refuse_spent(used_at: datetime | None, expires_at: datetime, now: datetime) -> None:
    """Refuse a link that was used or has run out."""
    if used_at is not None or now >= expires_at:
        raise AlreadyUsed
