"""The menu of each role: what it does most comes first, and is its home page."""

from typing import NamedTuple

from service.core.actor import Role
from service.core.i18n import N_


class Entry(NamedTuple):
    """One line of the menu: its address, its icon in the sprite, its word."""

    path: str
    icon: str
    word: str


MAP = Entry("/map", "map", N_("Map"))
PLOTS = Entry("/plots", "plots", N_("Plots"))
FINDINGS = Entry("/findings", "findings", N_("Findings"))
TASKS = Entry("/tasks", "tasks", N_("Tasks"))
CONTRACTS = Entry("/contracts", "contracts", N_("Contracts"))
STATEMENTS = Entry("/statements", "statements", N_("Settlement"))
CHANGES = Entry("/changes", "changes", N_("Changes"))
ACCOUNTS = Entry("/accounts", "user", N_("Accounts"))
JOBS = Entry("/jobs", "jobs", N_("Background work"))
UPLOADS = Entry("/uploads", "uploads", N_("Imports"))
AUTHORITY = Entry("/authority", "authority", N_("Authority"))

MENUS = {
    Role.MANAGER: (MAP, FINDINGS, STATEMENTS, PLOTS, TASKS, CONTRACTS, UPLOADS, AUTHORITY),
    Role.INSPECTOR: (FINDINGS, MAP, PLOTS, TASKS),
    Role.SUPERVISOR: (FINDINGS, TASKS, MAP, PLOTS),
    Role.CONTRACTOR: (FINDINGS, TASKS, MAP, STATEMENTS, PLOTS, CONTRACTS),
    Role.AUDITOR: (STATEMENTS, CHANGES, PLOTS, FINDINGS, CONTRACTS, TASKS, MAP, UPLOADS, JOBS, AUTHORITY, ACCOUNTS),
    Role.ADMIN: (AUTHORITY, ACCOUNTS, PLOTS, MAP, CONTRACTS, CHANGES, JOBS),
    Role.VIEWER: (MAP, PLOTS, FINDINGS, TASKS, CONTRACTS, AUTHORITY),
}


def home(role: Role) -> str:
    """Return the address of a role's home page.

    >>> home(Role.AUDITOR)
    '/statements'
    """
    return MENUS[role][0].path


def has_page(role: Role, entry: Entry) -> bool:
    """Tell whether a role has this entry in its menu.

    >>> has_page(Role.INSPECTOR, STATEMENTS)
    False
    """
    return entry in MENUS[role]
