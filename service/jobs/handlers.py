"""What events ask for: one entry for each kind of work, plain functions. docs/operations.md says how work is run."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from service.core.actor import WORKER
from service.core.db import Database
from service.core.errors import NotFound
from service.core.i18n import N_
from service.core.sandbox import WEB, CannotRead, run_apart
from service.evidence import actions, pictures, queries
from service.evidence.rules import RenditionState
from service.evidence.store import Store
from service.jobs.queue import Finish

REFUSED = {"claims": {"refused": "the picture could not be decoded within the limits"}}


class Work(NamedTuple):
    """One job at hand. `tell(percent, sentence)` says how far it is, and holds it for longer."""

    database: Database
    store: Store
    target: UUID
    tell: Callable[[int, str], None]


class Handler(NamedTuple):
    """How one kind of work is done: `run` does the slow part outside of any transaction and returns what to write.

    `verb` is the event that asks for it; `title` is for people.
    """

    kind: str
    verb: str
    title: str
    run: Callable[[Work], Finish]


def make_rendition(work: Work) -> Finish:
    """Make the clean picture of a photo. An original that no picture can be made of is noted as such."""
    with work.database.transaction(WORKER, write=False) as session:
        rendition, file = queries.rendition_of(session, work.target)
    if rendition.state is not RenditionState.PENDING:
        return _nothing  # the same bytes were sent again
    sha256, made = None, {}
    try:
        made = run_apart(pictures.clean, limits=WEB, content=work.store.get(file.sha256))
        work.tell(80, N_("Keeping the clean picture"))
        sha256 = work.store.put(made.pop("jpeg"))
    except (CannotRead, NotFound):
        made = REFUSED

    def note(session: Session) -> None:
        actions.note_rendition(session, WORKER, rendition.id, sha256=sha256, made=made)

    return note


def _nothing(_session: Session) -> None:
    """There is nothing to write."""


HANDLERS = (Handler("rendition", "file.keep", N_("Clean picture of a photo"), make_rendition),)
