"""Facts made ready, and rows as a rule sees them: a fact in a period, or the result of another rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from service.core.dates import Span
from service.schemes.exact import MISSING, Value, text_of
from service.schemes.facts import REGISTERS, FactRefused, FactTable, NoSuchFactColumn, typed_row
from service.schemes.model import Rule, inside
from service.schemes.periods import Period, day_of, period_of
from service.schemes.stops import NoSuchRegisterRow, TwoFactRows

Part = Value | Period
Key = tuple[Part, ...]
Facts = Mapping[str, Sequence[Mapping[str, object]]]


@dataclass(frozen=True, eq=False)
class Fact:
    """A typed row of a fact table; `label` names it among the rows of its table."""

    table: FactTable
    label: str
    values: Mapping[str, Value]

    def days(self) -> tuple[date | None, date | None]:
        """The first day and the day after the last; open where None. A dated row: its day, twice."""
        first, *last = (self.values[column] for column in self.table.day_columns)
        found = [day_of(part) if isinstance(part, date) else None for part in (first, *(last or [first]))]
        return found[0], found[1]


class FactBase:
    """All facts of a run: typed, sorted, and every row's contract and plot found in its register."""

    def __init__(self, tables: Mapping[str, FactTable], facts: Facts) -> None:
        for name in facts:
            if name not in tables:
                raise NoSuchFactColumn(table=name, column="*")
        self.rows = {name: tuple(_prepared(table, facts.get(name, ()))) for name, table in tables.items()}
        self.registers = {name: {fact.label: fact for fact in self.rows[name]} for name in REGISTERS}
        for facts_of_table in self.rows.values():
            for fact in facts_of_table:
                self._belongs(fact)

    def _belongs(self, fact: Fact) -> None:
        for name in REGISTERS:
            column = name.removesuffix("s")
            value = fact.values.get(column, MISSING)
            known = self.registers[name]
            if (
                column != fact.table.row_id
                and isinstance(value, str)
                and value not in known
                and (known or name == "contracts")
            ):
                raise NoSuchRegisterRow(table=fact.table.name, row=fact.label, register=column, value=value)

    def above(self, ids: Mapping[str, Part], name: str) -> Value | None:
        """Return a column of the registers above a row: of its plot, then of its contract; None where there is none."""
        plot = self.registers["plots"].get(str(ids.get("plot", "")))
        contract_id = ids.get("contract", MISSING)
        if plot is not None:
            if name in plot.values:
                return plot.values[name]
            contract_id = plot.values["contract"] if contract_id is MISSING else contract_id
        contract = self.registers["contracts"].get(str(contract_id))
        return contract.values.get(name) if contract else None


def _prepared(table: FactTable, rows: Sequence[Mapping[str, object]]) -> Iterable[Fact]:
    """Type and sort the rows; a row of a dated register may return with other days."""
    found: dict[str, Fact] = {}
    for row in rows:
        values = typed_row(table, row)
        label = text_of(values[table.row_id])
        if table.name == "lines":
            label += f" {text_of(values['valid_from'])}"
        if label in found:
            raise TwoFactRows(table=table.name, row=label)
        if not table.is_interval and values[table.day_columns[0]] is MISSING:
            raise FactRefused(table=table.name, row=label, column=table.day_columns[0], value="-")
        found[label] = Fact(table, label, values)
    return (found[label] for label in sorted(found))


@dataclass(frozen=True, eq=False)
class Row:
    """A row as a rule sees it: a fact, or the result of `rule` at `key`, which may stem from one row, its `origin`.

    It lies on a day or in a period. `whole` tells whether all days of a line lie in that period.
    """

    base: FactBase
    fact: Fact | None = None
    rule: Rule | None = None
    key: Key = ()
    origin: "Row | None" = None
    day: date | None = None
    period: Period | None = None
    whole: bool = True
    extra: Mapping[str, Value] = field(default_factory=dict)

    @property
    def root(self) -> Fact | None:
        """The single fact behind the row."""
        return self.fact or (self.origin.root if self.origin else None)

    @property
    def label(self) -> str:
        """How messages name the row."""
        root = self.root
        return f"{root.table.name} {root.label}" if root else self.rule.name if self.rule else ""

    def column(self, name: str) -> Value | None:
        """Return a column of the row or of the registers above it; None where there is no such column."""
        if name in self.extra:
            return self.extra[name]
        if self.rule is not None and name in self.rule.key_names:
            part = self.key[self.rule.key_names.index(name)]
            return None if isinstance(part, Period) else part
        if self.fact is not None:
            own = self.fact.values.get(name)
            if own is not None and (own is not MISSING or name not in REGISTERS["plots"]):
                return own
            ids: dict[str, Part] = {column: self.fact.values.get(column, MISSING) for column in ("plot", "contract")}
            above = self.base.above(ids, name)
            return own if above is None else above
        if self.origin is not None:
            return self.origin.column(name)
        return self.base.above(dict(zip(self.rule.key_names, self.key, strict=True)) if self.rule else {}, name)

    def in_period(self, level: str) -> Period | None:
        """Return the period of a level that holds the row."""
        if self.period is not None and inside(self.period.level, level):
            return period_of(level, self.period.first)
        if self.day is not None:
            return period_of(level, self.day)
        return None

    def splits_amount(self, name: str) -> bool:
        """Tell whether the column is a line's amount read in a period that does not hold all its days."""
        root = self.root
        seen: Row | None = self
        while seen is not None and seen.fact is None:
            seen = seen.origin
        return name == "amount" and root is not None and root.table.name == "lines" and not (seen and seen.whole)


def fact_rows(base: FactBase, fact: Fact, level: str | None, span: Span, days: tuple[date | None, ...]) -> list[Row]:
    """Return the rows that a fact is in the periods of a level; one for a day, one for each period of an interval.

    `days`: the day, or the first day and the day after the last, open where None. Days outside the span do not exist.
    """
    end = span.valid_to or date.max
    if len(days) == 1:
        day = day_of(days[0]) if days[0] else None
        return [Row(base, fact, day=day)] if day and span.valid_from <= day < end else []
    first, last = (day_of(day) if day else None for day in days)
    low, high = max(first or span.valid_from, span.valid_from), min(last or end, end)
    if low >= high:
        return []
    if level is None:
        return [Row(base, fact, whole=False)]
    rows = []
    period = period_of(level, low)
    while period.first < high:
        days_in = (min(high, period.end) - max(low, period.first)).days
        whole = first is not None and last is not None and period.first <= first and last <= period.end
        extra: dict[str, Value] = {"days_in": Fraction(days_in), "days_of": Fraction((period.end - period.first).days)}
        rows.append(Row(base, fact, period=period, whole=whole, extra=extra))
        period = Period(level, period.number + 1)
    return rows


def sort_key(key: Key) -> tuple[tuple[int, str], ...]:
    """Sort keys: periods by time, everything else as text."""
    return tuple((part.number, "") if isinstance(part, Period) else (0, text_of(part)) for part in key)
