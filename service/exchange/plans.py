"""What an import would do, known before anything is written, so that a dry run and the import can be compared."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import shapely
from sqlmodel import SQLModel

from service.core.errors import Conflict, Issue
from service.core.i18n import N_
from service.exchange.models import SetAside
from service.inspections.models import Score
from service.plots.facts import Compared as ComparedPlots
from service.plots.facts import PlotFacts
from service.workplan.queries import Compared as ComparedTasks

OF_THE_IMPORT = {"id", "import_id", "recorded_at", "recorded_by"}  # differs between a dry run and the import


class RegisterChanged(Conflict):
    """The import would write something else than its dry run has shown."""

    code = "register_changed"
    message = N_("The records have changed since the dry run; nothing was written. Check the file again.")


class Compared(Protocol):
    """The records of a file by what it does to them; what they are in the register decides."""

    @property
    def new(self) -> Sequence[Any]:
        """Those that it would add."""

    @property
    def changed(self) -> Sequence[Any]:
        """Those that it would change."""

    @property
    def unchanged(self) -> Sequence[Any]:
        """Those that stand already as it says."""


class Added(NamedTuple):
    """Scores, all of them new: repeat visits stay rows of their own."""

    new: Sequence[Score]
    changed: Sequence[Score] = ()
    unchanged: Sequence[Score] = ()


C = TypeVar("C", bound=Compared)


@dataclass(frozen=True)
class Plan(Generic[C]):
    """What a file would change, its rows set aside, and remarks that do not stand in the way.

    `effects` yields what would be written, and what that would replace.
    """

    rows: int
    compared: C
    effects: Callable[[C], Iterator[object]]
    aside: Sequence[SetAside] = field(default=(), kw_only=True)
    remarks: Sequence[Issue] = field(default=(), kw_only=True)

    @property
    def counts(self) -> dict[str, int]:
        """How many records it would add, change and leave."""
        return {name: len(getattr(self.compared, name)) for name in ("new", "changed", "unchanged")}

    @property
    def digest(self) -> str:
        """A hash of all that it would do: equal for the same file over the same records."""
        told = sha256()
        remarks = ([issue.code, issue.place] for issue in self.remarks)
        aside = ([row.row, row.reason] for row in self.aside)
        for effect in (*self.effects(self.compared), *remarks, *aside):
            told.update(json.dumps(effect, sort_keys=True, default=str).encode() + b"\n")
        return told.hexdigest()

    def refuse_other_than(self, shown: str | None) -> None:
        """Refuse to go on when this is not what a dry run has shown. None: there was none."""
        if shown is not None and shown != self.digest:
            raise RegisterChanged


def of_plots(compared: ComparedPlots) -> Iterator[object]:
    """Yield every plot with the version that it replaces or keeps."""
    yield compared.valid_from
    for fact in compared.new:
        yield ["new", *_told(fact)]
    for change in compared.changed:
        standing = change.standing and change.standing.id
        yield ["changed", change.plot.revision, standing, *_told(change.fact)]
    for change in compared.unchanged:
        yield ["unchanged", change.fact.code, change.standing and change.standing.id]


def of_tasks(compared: ComparedTasks) -> Iterator[object]:
    """Yield every task as it would be, and as it is."""
    for task in compared.new:
        yield ["new", _row(task)]
    for task, changes in compared.changed:
        yield ["changed", task.id, _row(task), changes]
    for task in compared.unchanged:
        yield ["unchanged", task.id]


def of_scores(added: Added) -> Iterator[object]:
    """Yield every score, with the contract that it would count for."""
    for score in added.new:
        yield _row(score)


def _row(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(exclude=OF_THE_IMPORT)


def _told(fact: PlotFacts) -> list[object]:
    shape = sha256(shapely.to_wkb(fact.shape)).hexdigest()
    return [shape if name == "shape" else value for name, value in vars(fact).items()]
