"""The project's own files as text and as syntax trees, for the tests that read code instead of running it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("service", "gis", "maps", "data")
MADE = ("maps/vendor", "maps/vendor.new")  # by the build hook, from other people's packages


@cache
def files(*patterns: str, under: tuple[str, ...] = PACKAGES) -> tuple[Path, ...]:
    """Return the files that match any pattern, sorted, without those that the build makes.

    >>> ROOT / "service/core/dates.py" in files("*.py")
    True
    """
    found = {path for folder in under for pattern in patterns for path in (ROOT / folder).rglob(pattern)}
    return tuple(sorted(path for path in found if path.is_file() and not _is_made(path)))


def _is_made(path: Path) -> bool:
    return "__pycache__" in path.parts or any(path.is_relative_to(ROOT / made) for made in MADE)


def name_of(path: Path) -> str:
    """Return a path as the project speaks of it.

    >>> name_of(ROOT / "gis" / "crs.py")
    'gis/crs.py'
    """
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"), name_of(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a Python file."""
    return tuple(ast.walk(tree(path)))


def place(path: Path, node: ast.AST) -> str:
    """Say where a node is and what it reads."""
    line = getattr(node, "lineno", 0)
    return f"{name_of(path)}:{line}: {ast.unparse(node).splitlines()[0][:80]}"


def imports(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Yield what a file imports, by full names, `from a import b` as `a.b`.

    >>> "dataclasses.dataclass" in {name for _, name in imports(ROOT / "service/core/actor.py")}
    True
    """
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def last_name(node: ast.AST) -> str:
    """Return the last part of the name that a node reads, calls or imports; empty for any other node.

    >>> last_name(ast.parse("a.b.c", mode="eval").body)
    'c'
    """
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
            return name
    return ""


def floats_in(name: str, source: str) -> list[str]:
    """Return where a source names a float, or rounds as floats do: halves to even.

    A float may be named where it is refused: in isinstance.

    >>> floats_in("x.py", "a = 0.5")
    ['x.py:1: 0.5']
    """
    nodes = list(ast.walk(ast.parse(source)))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    refusing = {n for c in calls if ast.unparse(c.func) == "isinstance" for n in ast.walk(c.args[1])}
    near = [
        node
        for node in nodes
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id in ("float", "round") and node not in refusing)
    ]
    return [f"{name}:{node.lineno}: {ast.unparse(node)}" for node in near]
