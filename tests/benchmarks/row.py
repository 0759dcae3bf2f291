"""One measurement."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """What was done, to how much, in how many `unit`s; beside it what a `peer` needs in the same run, and the goal.

    `at_least` is the ratio peer to ours that is wanted; `more_is_better` turns the ratio round, for rates.
    """

    what: str
    size: str
    figure: float
    unit: str = "s"
    peer: str = ""
    peer_figure: float | None = None
    at_least: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer; None without one.

        >>> Row("map", "10k", 0.5, peer="explore", peer_figure=2.0).ratio
        4.0
        """
        if not self.peer_figure:
            return None
        return self.figure / self.peer_figure if self.more_is_better else self.peer_figure / self.figure

    @property
    def verdict(self) -> str:
        """Whether the goal was reached; empty when there is none."""
        if self.at_least is None or self.ratio is None:
            return ""
        return "reached" if self.ratio >= self.at_least else "not reached"


def seconds(action: Callable[[], object], *, runs: int = 5) -> float:
    """Return the median of some runs of an action, in seconds, each after a collection of garbage."""
    taken = []
    for _ in range(runs):
        gc.collect()
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return median(taken)
