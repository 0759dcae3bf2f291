"""Who may do what, and what opens the door. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from service.core.actor import PEOPLE, WEIGHTY, Actor, Kind, Role
from service.core.errors import Conflict, Forbidden, Invalid, SignInNeeded, Stale, TooMany
from service.core.i18n import N_

SHORTEST, LONGEST_BYTES, OWN_LETTERS = 12, 256, 8
WINDOW = timedelta(minutes=15)  # for so long a tried password counts
PER_ACCOUNT, PER_ADDRESS = 10, 50  # an office shares an address
FRESH = timedelta(hours=1)  # for so long a session begun by a link may set a password without the old one


class Means(StrEnum):
    """By what somebody signed in."""

    LINK = "link"
    PASSWORD = "password"


class Reach(StrEnum):
    """What a token lets a program do of all that its account may."""

    READ = "read"
    WRITE = "write"


class Answer(StrEnum):
    """What a second administrator says to a proposed role."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"


class NotYours(Forbidden):
    """Somebody else's part."""

    code, message = "not_yours_to_do", N_("This is not for you to do.")


class RoleNeedsContractor(Invalid):
    """The role contractor and an organisation of that kind go together."""

    code, message = "role_needs_contractor", N_("Only people of a contractor have the role contractor, and no other.")


class NoPersonsRole(Invalid):
    """The host, the gate and the worker are nobody's account."""

    code, message = "no_persons_role", N_("No account can have the role {role}.")


class AlreadyUsed(SignInNeeded):
    """A sign-in link that was used or has run out."""

    code, message = "link_used", N_("This sign-in link was used already or has run out. Ask for a new one.")


class WrongPassword(SignInNeeded):
    """No such account, no password, another one, a closed account: nobody can tell which."""

    code, message = "wrong_password", N_("The name or the password is wrong.")


class TooManyAttempts(TooMany):
    """Passwords were tried too often, for one account or from one address."""

    code, message = (
        "too_many_attempts",
        N_("Too many passwords were tried. Try again at {until}, in {minutes} minutes, or use a sign-in link."),
    )


class PasswordTooShort(Invalid):
    """Length is what makes a password hard to guess."""

    code, message = "password_too_short", N_("A password has at least {limit} characters.")


class PasswordTooLong(Invalid):
    """Longer ones would only cost time."""

    code, message = "password_too_long", N_("A password has at most {limit} bytes.")


class PasswordGuessable(Invalid):
    """It is the name once more, or a few letters again and again."""

    code, message = (
        "password_guessable",
        N_("This password is easy to guess: without your names it needs {limit} different characters or more."),
    )


class BrowserNeeded(Forbidden):
    """What a stolen token must not do."""

    code, message = "browser_needed", N_("This is done by a person who has signed in, not with a token.")


class OldPasswordNeeded(Forbidden):
    """The session is not one that a link has just begun."""

    code, message = (
        "old_password_needed",
        N_("Give your old password, or sign in by a new link and set one within an hour."),
    )


class OwnRole(Forbidden):
    """Nobody takes part in giving a role to themselves."""

    code, message = "own_role", N_("Your own role is for others to change.")


class OtherPersonNeeded(Forbidden):
    """Four eyes."""

    code, message = "other_person_needed", N_("Another administrator than the one who proposed it confirms a role.")


class OwnAccount(Forbidden):
    """Nobody locks themselves out; so one administrator always remains."""

    code, message = "own_account", N_("Your own account is for others to close.")


class AccountClosed(Conflict):
    """Nobody acts by it any more, and nothing is given to it."""

    code, message = "account_closed", N_("This account is closed.")


class AccountOpen(Conflict):
    """There is nothing to open again."""

    code, message = "account_open", N_("This account is open.")


class FirstRoleWeighty(Forbidden):
    """Two people give such a role."""

    code, message = (
        "first_role_weighty",
        N_("An account is opened with a role that one person gives; propose the role {role} afterwards."),
    )


class RoleHeld(Conflict):
    """The account has the role already."""

    code, message = "role_held", N_("The account has this role already.")


class GrantPending(Conflict):
    """One proposal at a time."""

    code, message = "grant_pending", N_("A role is proposed for this account already; answer that first.")


class AlreadyAnswered(Conflict):
    """A proposal is answered once."""

    code, message = "already_answered", N_("This proposal has been answered already.")


def require(actor: Actor, *roles: Role) -> None:
    """Refuse actors of other roles."""
    if actor.role not in roles:
        raise NotYours


def require_browser(actor: Actor) -> None:
    """Refuse programs: a token that is stolen must not make more of itself."""
    if actor.signed_in_id is None:
        raise BrowserNeeded


def refuse_mismatch(role: Role, kind: Kind) -> None:
    """Refuse a contractor's account outside a contractor, any other role inside one, and what is no person's role.

    >>> refuse_mismatch(Role.CONTRACTOR, Kind.CONTRACTOR)
    """
    if role not in PEOPLE:
        raise NoPersonsRole(role=role.value)
    if (role is Role.CONTRACTOR) != (kind in (Kind.CONTRACTOR, Kind.BUILDER)):
        raise RoleNeedsContractor


def refuse_spent(used_at: datetime | None, expires_at: datetime, now: datetime, *, is_active: bool) -> None:
    """Refuse a link that was used or has run out, or whose account is closed."""
    if used_at is not None or now >= expires_at or not is_active:
        raise AlreadyUsed


def refuse_weak(password: str, *names: str) -> None:
    """Refuse a password that is short, too long to hash, or little more than the person's own names.

    >>> refuse_weak("four green benches", "zhou", "Zhou Min")
    """
    refuse_long(password)
    if len(password) < SHORTEST:
        raise PasswordTooShort(limit=SHORTEST)
    rest = password.casefold()
    for name in sorted(filter(None, (n.casefold() for n in names)), key=len, reverse=True):
        rest = rest.replace(name, "")
    if len(set(rest)) < OWN_LETTERS:
        raise PasswordGuessable(limit=OWN_LETTERS)


def refuse_long(password: str) -> None:
    """Refuse to hash what nobody types."""
    if len(password.encode()) > LONGEST_BYTES:
        raise PasswordTooLong(limit=LONGEST_BYTES)


def free_at(tried: Sequence[datetime], limit: int) -> datetime | None:
    """Return when a password may be tried again; None: now. `tried`: within the window, the newest first.

    >>> free_at([datetime(2013, 9, 3, 8, 2), datetime(2013, 9, 3, 8, 0)], 2)
    datetime.datetime(2013, 9, 3, 8, 15)
    """
    return tried[limit - 1] + WINDOW if len(tried) >= limit else None


def refuse_without_old(means: Means, started_at: datetime, now: datetime) -> None:
    """Refuse to set a password without the old one, but just after a sign-in by a link."""
    if means is not Means.LINK or now - started_at > FRESH:
        raise OldPasswordNeeded


def refuse_own(user_id: UUID, actor_id: UUID | None) -> None:
    """Refuse somebody who would give a role to themselves."""
    if user_id == actor_id:
        raise OwnRole


def refuse_closing_own(user_id: UUID, actor_id: UUID | None) -> None:
    """Refuse somebody who would close their own account."""
    if user_id == actor_id:
        raise OwnAccount


def refuse_closed(is_active: bool) -> None:
    """Refuse to do anything for an account that is closed."""
    if not is_active:
        raise AccountClosed


def refuse_first_weighty(actor: Actor, role: Role) -> None:
    """Refuse an administrator who would open an account with a role that two people give; the host may."""
    if actor.role is not Role.HOST and role in WEIGHTY:
        raise FirstRoleWeighty(role=role.value)


def standing(role: Role, is_active: bool) -> str:
    """Name what an account is, for those who change it.

    >>> standing(Role.VIEWER, True), standing(Role.VIEWER, False)
    ('viewer', 'viewer-closed')
    """
    return role.value if is_active else f"{role.value}-closed"


def refuse_unless_seen(seen: str | None, role: Role, is_active: bool) -> None:
    """Refuse to change an account that is no longer what its reader has seen; None: whatever it is."""
    if seen is not None and seen != standing(role, is_active):
        raise Stale


def refuse_same(proposed_by: UUID, actor_id: UUID | None) -> None:
    """Refuse the one who proposed a role as the one who confirms it."""
    if proposed_by == actor_id:
        raise OtherPersonNeeded
