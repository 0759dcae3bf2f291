"""Expressions as small frozen trees: what they are made of, how to walk them, how to write them back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction


@dataclass(frozen=True)
class Literal:
    """A number, amount of money, text, yes or no, or day, and how it was written."""

    value: Fraction | str | bool | date | datetime
    text: str
    currency: str | None = None


@dataclass(frozen=True)
class Name:
    """A column, rule, pot or term."""

    name: str


@dataclass(frozen=True)
class Unary:
    """`-x` or `not x`."""

    sign: str
    of: "Expression"


@dataclass(frozen=True)
class Chain:
    """Operands of one strength, worked from left to right: flat, so that a long sum is not a deep tree."""

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True)
class Compare:
    """Two sides of `= != < <= > >=`."""

    sign: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Known:
    """`x is known`, or `x is missing`."""

    of: "Expression"
    wanted: bool


@dataclass(frozen=True)
class OneOf:
    """`x in (a, b)`."""

    of: "Expression"
    items: tuple["Expression", ...]


@dataclass(frozen=True)
class Call:
    """A function, or a table, perhaps with the column that is wanted."""

    name: str
    arguments: tuple["Expression", ...]
    column: str | None = None


Expression = Literal | Name | Unary | Chain | Compare | Known | OneOf | Call


def children(tree: Expression) -> tuple[Expression, ...]:
    """Return the parts of a tree, from left to right."""
    match tree:
        case Unary(_, of) | Known(of, _):
            return (of,)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
        case Compare(_, left, right):
            return (left, right)
        case OneOf(of, items):
            return (of, *items)
        case Call(_, arguments):
            return arguments
    return ()


def walk(tree: Expression) -> Iterator[Expression]:
    """Yield the tree and everything in it."""
    yield tree
    for child in children(tree):
        yield from walk(child)


def names(tree: Expression) -> list[str]:
    """Return the plain names that a tree reads, once each, in order."""
    return list(dict.fromkeys(part.name for part in walk(tree) if isinstance(part, Name)))


STRENGTH = {"else": 0, "or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6}
SIGNS = {"*": "×", "/": "÷", "-": "−"}


def strength(tree: Expression) -> int:
    """Return how tightly the outermost sign of a tree binds; what binds less than needed stands in brackets."""
    match tree:
        case Chain(_, rest):
            return STRENGTH[rest[0][0]]
        case Unary(sign, _):
            return 3 if sign == "not" else 7
        case Compare() | Known() | OneOf():
            return 4
    return 8


def written(tree: Expression, values: Mapping[int, str] | None = None) -> str:
    """Write a tree back; `values` puts what a part came to in its place, by the identity of the part.

    >>> written(Chain(Name("a"), (("*", Chain(Name("b"), (("-", Name("c")),))),)))
    'a × (b − c)'
    """
    known = values or {}
    if id(tree) in known:
        return known[id(tree)]

    def inner(part: Expression, needed: int) -> str:
        text = written(part, known)
        return text if strength(part) >= needed or id(part) in known else f"({text})"

    match tree:
        case Literal():
            return tree.text
        case Name(name):
            return name
        case Unary(sign, of):
            return f"not {inner(of, 3)}" if sign == "not" else f"−{inner(of, 7)}"
        case Chain(first, rest):
            more = strength(tree) + 1
            return inner(first, more) + "".join(f" {SIGNS.get(sign, sign)} {inner(part, more)}" for sign, part in rest)
        case Compare(sign, left, right):
            return f"{inner(left, 5)} {sign} {inner(right, 5)}"
        case Known(of, wanted):
            return f"{inner(of, 5)} is {'known' if wanted else 'missing'}"
        case OneOf(of, items):
            return f"{inner(of, 5)} in ({', '.join(written(item, known) for item in items)})"
        case Call(name, arguments, column):
            head = f"{name}({', '.join(written(argument, known) for argument in arguments)})"
            return f"{head}.{column}" if column else head
