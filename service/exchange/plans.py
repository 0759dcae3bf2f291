"""What an import would do, known before anything is written, so that a dry run and the import can be compared."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

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


@dataclass(frozen=True)
class Plan:
    """What a file would change, its rows set aside, and remarks that do not stand in the way."""

    rows: int
    aside: Sequence[SetAside] = field(default=(), kw_only=True)
    remarks: Sequence[Issue] = field(default=(), kw_only=True)

    @property
    def new(self) -> int:
        """How many records it would add."""
        raise NotImplementedError

    @property
    def changed(self) -> int:
        """How many records it would change."""
        return 0

    @property
    def unchanged(self) -> int:
        """How many records stand already as the file says."""
        return 0

    def effects(self) -> Iterator[object]:
        """Yield what would be written, and what it would replace."""
        raise NotImplementedError

    @property
    def digest(self) -> str:
        """A hash of all that it would do: equal for the same file over the same records."""
        told = sha256()
        remarks = ([issue.code, issue.place] for issue in self.remarks)
        aside = ([row.row, row.reason] for row in self.aside)
        for effect in (*self.effects(), *remarks, *aside):
            told.update(json.dumps(effect, sort_keys=True, default=str).encode() + b"\n")
        return told.hexdigest()

    def refuse_other_than(self, shown: str | None) -> None:
        """Refuse to go on when this is not what a dry run has shown. None: there was none."""
        if shown is not None and shown != self.digest:
            raise RegisterChanged


@dataclass(frozen=True)
class PlotsPlan(Plan):
    """Plots that are new, differ, or are the same from a day on."""

    compared: ComparedPlots

    @property
    def new(self) -> int:
        """How many plots it would add."""
        return len(self.compared.new)

    @property
    def changed(self) -> int:
        """How many plots would get a new version."""
        return len(self.compared.changed)

    @property
    def unchanged(self) -> int:
        """How many plots are the same already."""
        return len(self.compared.unchanged)

    def effects(self) -> Iterator[object]:
        """Yield every plot with the version that it replaces or keeps."""
        yield self.compared.valid_from
        for fact in self.compared.new:
            yield ["new", *_told(fact)]
        for change in self.compared.changed:
            standing = change.standing and change.standing.id
            yield ["changed", change.plot.revision, standing, *_told(change.fact)]
        for change in self.compared.unchanged:
            yield ["unchanged", change.fact.code, change.standing and change.standing.id]


@dataclass(frozen=True)
class TasksPlan(Plan):
    """Tasks that are new, differ, or are the same."""

    compared: ComparedTasks

    @property
    def new(self) -> int:
        """How many tasks it would add."""
        return len(self.compared.new)

    @property
    def changed(self) -> int:
        """How many tasks it would bring up to date."""
        return len(self.compared.changed)

    @property
    def unchanged(self) -> int:
        """How many tasks are the same already."""
        return len(self.compared.unchanged)

    def effects(self) -> Iterator[object]:
        """Yield every task as it would be, and as it is."""
        for task in self.compared.new:
            yield ["new", _row(task)]
        for task, changes in self.compared.changed:
            yield ["changed", task.id, _row(task), changes]
        for task in self.compared.unchanged:
            yield ["unchanged", task.id]


@dataclass(frozen=True)
class ScoresPlan(Plan):
    """Scores, all of them new: repeat visits stay rows of their own."""

    scores: Sequence[Score]

    @property
    def new(self) -> int:
        """How many scores it would add."""
        return len(self.scores)

    def effects(self) -> Iterator[object]:
        """Yield every score, with the contract that it would count for."""
        for score in self.scores:
            yield _row(score)


def _row(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(exclude=OF_THE_IMPORT)


def _told(fact: PlotFacts) -> list[object]:
    shape = sha256(shapely.to_wkb(fact.shape)).hexdigest()
    return [shape if name == "shape" else value for name, value in vars(fact).items()]
