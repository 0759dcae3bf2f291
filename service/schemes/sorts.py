"""Sorts: the kind of a value, and what hangs on it."""

from dataclasses import dataclass
from fractions import Fraction

from service.schemes.model import NUMERIC, Rule
from service.schemes.tables import Table


@dataclass(frozen=True)
class Sort:
    """A kind (money, number, text, date, yes_no; None: unknown, already noted), and what hangs on it.

    `points` and `measure` name what the number is counted in, `missing` what may be missing, `whole` that it is whole.
    """

    kind: str | None
    points: str | None = None
    measure: str | None = None
    missing: str | None = None
    whole: bool = False

    def beside(self, other: "Sort") -> "Sort":
        """Return the sort of two numbers of a kind that become one."""
        return Sort(
            self.kind or other.kind,
            self.points or other.points,
            self.measure or other.measure,
            self.missing or other.missing,
            self.whole and other.whole,
        )


UNKNOWN = Sort(None)
YES_NO = Sort("yes_no")


def sort_of_column(name: str, kind: str) -> Sort:
    """Return the sort of a fact column.

    >>> sort_of_column("area_m2", "measure")
    Sort(kind='number', points=None, measure='area_m2', missing=None, whole=False)
    """
    if kind in ("money", "text", "date", "yes_no"):
        return Sort(kind)
    return Sort(
        "number",
        points=name if kind == "points" else None,
        measure=name if kind == "measure" else None,
        whole=kind == "count",
    )


def sort_of_rule(rule: Rule) -> Sort:
    """Return the sort of a rule's result."""
    missing = rule.name if rule.may_be_missing else None
    if rule.gives not in NUMERIC:
        return Sort(rule.gives, missing=missing)
    is_whole = rule.digits == 0
    points = rule.name if rule.gives == "points" and not is_whole else None
    return Sort("number", points=points, missing=missing, whole=is_whole)


def sort_of_table(table: Table, column: str) -> Sort:
    """Return the sort of a table's column."""
    at = table.gives.index(column)
    kind = table.kinds[at]
    if kind in ("text", "yes_no"):
        return Sort(kind)
    values = [row.values[at] for row in table.rows]
    is_whole = all(isinstance(value, Fraction) and value.denominator == 1 for value in values)
    name = f"{table.name}.{column}" if kind == "points" and not is_whole else None
    return Sort("money" if kind == "money" else "number", points=name, whole=is_whole)
