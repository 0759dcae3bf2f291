"""Run every benchmark, or those named, and write docs/benchmarks.md: python -m tests.benchmarks.run [NAME ...]."""

import importlib
import pkgutil
import sys
from datetime import UTC, datetime

from tests import benchmarks
from tests.benchmarks.row import Row
from tests.support.machine import describe_machine
from tests.support.sources import ROOT

REPORT = ROOT / "docs" / "benchmarks.md"
HEAD = """# How fast it is

Written by `make bench` on {date}, on {machine}. Goals are ratios to a peer in the same run on the same machine;
absolute times are those of this machine alone.
"""
COLUMNS = ("what", "size", "ours", "peer", "peer's", "ratio", "goal", "")


def main(names: list[str]) -> int:
    """Return 0 when every goal was reached; the page is written only when all benchmarks ran."""
    found = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name.startswith("bench_")]
    if unknown := [name for name in names if f"bench_{name}" not in found]:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(found)}.", file=sys.stderr)
        return 2
    sections: dict[str, list[Row]] = {}
    for name in [f"bench_{name}" for name in names] or found:
        module = importlib.import_module(f"{benchmarks.__name__}.{name}")
        title = (module.__doc__ or name).splitlines()[0].rstrip(".")
        sections[title] = module.main()
        print(section(title, sections[title]), flush=True)
    if not names:
        head = HEAD.format(date=datetime.now(UTC).date(), machine=describe_machine())
        REPORT.write_text("\n".join([head, *(section(title, rows) for title, rows in sections.items())]), "utf-8")
    return 0 if all(row.verdict != "not reached" for rows in sections.values() for row in rows) else 1


def section(title: str, rows: list[Row]) -> str:
    """Return a heading and a table, in Markdown.

    >>> section("Maps", [Row("draw", "10k", 0.5, peer="explore", peer_figure=2.0, at_least=3)]).splitlines()[-1]
    '| draw | 10k | 0.5 s | explore | 2 s | 4 | ≥ 3 | reached |'
    """
    lines = [f"## {title}", "", f"| {' | '.join(COLUMNS)} |", "|" + " --- |" * len(COLUMNS)]
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
