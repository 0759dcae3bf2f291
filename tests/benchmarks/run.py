"""Run every benchmark, or those named, and write docs/benchmarks.md: python -m tests.benchmarks.run [NAME ...]."""

import importlib
import pkgutil
import sys
from datetime import UTC, date, datetime
from types import ModuleType

from tests import benchmarks
from tests.benchmarks.row import Row
from tests.support.machine import describe_machine
from tests.support.sources import ROOT

REPORT = ROOT / "docs" / "benchmarks.md"
HEAD = """# How fast it is

Written by `make bench` on {machine}. Goals are ratios to a peer in the same run on the same machine; absolute times are
those of this machine alone. `python -m tests.benchmarks.run import` runs one, and replaces its section.
"""
COLUMNS = ("what", "size", "ours", "peer", "peer's", "ratio", "goal", "")


def main(names: list[str]) -> int:
    """Return 0 when every goal was reached."""
    known = [
        m.name.removeprefix("bench_") for m in pkgutil.iter_modules(benchmarks.__path__) if m.name.startswith("bench_")
    ]
    if unknown := [name for name in names if name not in known]:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    reached = True
    for name in names or known:
        rows = _module(name).main()
        print(told := section(_module(name), rows, datetime.now(UTC).date()), flush=True)
        kept = sections_of(REPORT.read_text("utf-8")) | {title_of(_module(name)): told}  # at once: each takes minutes
        order = [title_of(_module(one)) for one in known]
        parts = [HEAD.format(machine=describe_machine()), *(kept[title] for title in order if title in kept)]
        REPORT.write_text("\n".join(parts), "utf-8")
        reached = reached and all(row.verdict != "not reached" for row in rows)
    return 0 if reached else 1


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{benchmarks.__name__}.bench_{name}")


def title_of(module: ModuleType) -> str:
    """Return the first line of a benchmark's docstring."""
    return (module.__doc__ or "").splitlines()[0].rstrip(".")


def sections_of(page: str) -> dict[str, str]:
    r"""Return the sections of the page by their titles.

    >>> sections_of("# Top\n\n## A\n\nx\n\n## B\n\ny\n")
    {'A': '## A\n\nx\n', 'B': '## B\n\ny\n'}
    """
    _, *parts = page.split("\n## ")
    return {part.splitlines()[0]: f"## {part.rstrip()}\n" for part in parts}


def section(module: ModuleType, rows: list[Row], day: date) -> str:
    """Return a benchmark's title, what it measures in its own words, and a table, in Markdown."""
    _, _, words = (module.__doc__ or "").partition("\n\n")
    lines = [f"## {title_of(module)}", "", f"{words.strip()} Run on {day}.", ""]
    lines += [f"| {' | '.join(COLUMNS)} |", "|" + " --- |" * len(COLUMNS)]
    for row in rows:
        theirs = "" if row.peer_figure is None else f"{_short(row.peer_figure)} {row.unit}"
        ratio = "" if row.ratio is None else _short(row.ratio)
        goal = "" if row.at_least is None else f"≥ {_short(row.at_least)}"
        cells = (row.what, row.size, f"{_short(row.figure)} {row.unit}", row.peer, theirs, ratio, goal, row.verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _short(figure: float) -> str:
    """Return three digits that count."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
