"""What a check is, and where the checks are."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.proof import checks


@dataclass(frozen=True)
class Trial:
    """One run: at `full` size or the short one; with the product broken on purpose (`control`); in an empty folder."""

    full: bool
    control: bool
    seed: int
    folder: Path


@dataclass(frozen=True)
class Outcome:
    """What a run found: whether the target was reached, and the figure as a reader wants it."""

    ok: bool
    figure: str


@dataclass(frozen=True)
class Check:
    """A claim about the product that anybody can try. `control` says how the product is broken to see it fail.

    `lacking` says what this machine lacks for it, None when nothing.
    """

    name: str
    claim: str
    target: str
    control: str
    run: Callable[[Trial], Outcome]
    lacking: Callable[[], str | None] = lambda: None


def registry() -> dict[str, Check]:
    """Return every check by its name, in order: letters first, then numbers.

    >>> list(registry()) == sorted(registry(), key=_order)
    True
    """
    modules = (importlib.import_module(f"{checks.__name__}.{m.name}") for m in pkgutil.iter_modules(checks.__path__))
    found = [module.CHECK for module in modules]
    names = [check.name for check in found]
    if len(set(names)) != len(names):
        raise ValueError(f"Two checks have one name: {sorted(names)}")
    return {check.name: check for check in sorted(found, key=lambda check: _order(check.name))}


def _order(name: str) -> tuple[str, int]:
    letters, number = re.fullmatch(r"([A-Z]+)(\d+)", name).groups()  # type: ignore[union-attr]
    return letters, int(number)
