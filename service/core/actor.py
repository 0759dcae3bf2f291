"""Who is asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What an account may see and do. The last three are never a person's."""

    VIEWER = "viewer"
    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    CONTRACTOR = "contractor"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"
    HOST = "host"  # the command line, as host:<login name>
    GATE = "gate"  # sign-in itself, before there is anybody
    WORKER = "worker"  # background work


PEOPLE = tuple(role for role in Role if role not in (Role.HOST, Role.GATE, Role.WORKER))
OVERSEERS = (Role.MANAGER, Role.AUDITOR, Role.HOST)  # see every record of the business
WEIGHTY = (Role.MANAGER, Role.AUDITOR, Role.ADMIN)  # see or move what matters most: two people give these roles
ZONED = (Role.INSPECTOR, Role.SUPERVISOR)  # see the records of their zones


class Kind(StrEnum):
    """What an organisation is to the authority's contracts."""

    AUTHORITY = "authority"
    CONTRACTOR = "contractor"
    CONSULTANT = "consultant"
    BUILDER = "builder"


@dataclass(frozen=True)
class Actor:
    """A person or machine, known by its unique `code`.

    `signed_in_id`: the browser's session, when the person is at a browser; a program shows a token instead.
    `reads_only`: what it shows lets it change nothing.
    """

    code: str
    role: Role
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    name: str = ""
    signed_in_id: UUID | None = None
    reads_only: bool = False


GATE = Actor("gate", Role.GATE)
WORKER = Actor("worker", Role.WORKER)
