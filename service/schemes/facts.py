"""The fact tables that schemes may read: the only list of tables, columns and kinds. Facts know nothing of schemes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from service.core.errors import Invalid
from service.core.i18n import N_
from service.schemes.exact import MISSING, Value, fraction_of, number_of
from service.schemes.periods import FIRST_YEAR, LAST_YEAR

KINDS = ("text", "date", "yes_no", "count", "number", "measure", "points", "money")


@dataclass(frozen=True)
class FactTable:
    """A table: the column with a row's id, the day (or first day and day after the last) of a row, and its columns."""

    name: str
    row_id: str
    dated: str | tuple[str, str]
    columns: Mapping[str, str]

    @property
    def is_interval(self) -> bool:
        """Whether a row belongs to every period that its days touch."""
        return isinstance(self.dated, tuple)

    @property
    def day_columns(self) -> tuple[str, ...]:
        """The columns that put a row into a period."""
        return self.dated if isinstance(self.dated, tuple) else (self.dated,)


VALID = ("valid_from", "valid_to")
VALIDITY = {"valid_from": "date", "valid_to": "date"}  # half-open; open where empty
TABLES = {
    table.name: table
    for table in (
        FactTable("contracts", "contract", VALID, {"contractor": "text", "grade": "text", **VALIDITY}),
        FactTable(
            "plots",
            "plot",
            VALID,
            {"contract": "text", "site": "text", "zone": "text", "kind": "text", "grade": "text", "area_m2": "number"}
            | VALIDITY,
        ),
        FactTable(  # price: a year, for one unit; amount: of exactly the row's own days
            "lines",
            "line",
            VALID,
            {"contract": "text", "plot": "text", "kind": "text", "grade": "text", "unit": "text"}
            | {"quantity": "number", "price": "money", "amount": "money"}
            | VALIDITY,
        ),
        FactTable(  # only findings that stand: confirmed, not cancelled; points: of one unit, by the catalogue
            "findings",
            "finding",
            "found_on",
            {"contract": "text", "plot": "text", "type": "text", "severity": "text", "channel": "text"}
            | {"found_on": "date", "due_on": "date", "fixed_on": "date", "excuse": "text"}
            | {"unit": "text", "quantity": "measure", "points": "points"}
            | {"units": "count", "trees": "count", "area_m2": "measure", "length_m": "measure"},
        ),
        FactTable(
            "scores",
            "score_id",
            "on",
            {"contract": "text", "plot": "text", "site": "text", "channel": "text", "on": "date", "score": "points"},
        ),
        FactTable(
            "tasks",
            "task",
            "due_on",
            {"contract": "text", "plot": "text", "kind": "text", "due_on": "date", "done_on": "date"}
            | {"quantity": "measure", "times": "count"},
        ),
        FactTable(  # what the period that holds `on` carried into the next; below zero or 0
            "carried", "carry", "on", {"contract": "text", "on": "date", "amount": "money"}
        ),
    )
}
# What this product hands over today. A rule that reads more would find nothing and charge nothing, without a word.
SUPPLIED: Mapping[str, frozenset[str]] = {
    "contracts": frozenset({"contract", *VALIDITY}),
    "plots": frozenset({"plot", "contract", *VALIDITY}),
    "lines": frozenset({"line", "contract", "plot", "unit", "quantity", "price", "amount", *VALIDITY}),
    "findings": frozenset(
        {"finding", "contract", "plot", "type", "severity", "found_on", "unit", "quantity", "points"}
    ),
    "scores": frozenset({"score_id", "contract", "plot", "channel", "on", "score"}),
}
LATER_TABLES = {"sites", "trees", "tree_events", "events", "amendments", "indices", "choices", "settled", "workdays"}
REGISTERS = {"contracts": ("contract", "contractor"), "plots": ("plot", "site", "zone", "contract", "contractor")}
INTERVAL_COLUMNS = {"days_in": "count", "days_of": "count"}  # days of the row in the period, days of the period


class FactRefused(Invalid):
    """A row of facts cannot be used."""

    code, message = "fact_refused", N_("{table} {row}: {column} cannot be {value}.")


class NoSuchFactColumn(Invalid):
    """Nothing unknown is passed over: a misspelt column would take its charge with it."""

    code, message = "no_such_fact_column", N_("The facts have no table or column {table}.{column}.")


def with_uses(uses: Mapping[str, Mapping[str, str]]) -> dict[str, FactTable]:
    """Return the tables with the further columns that a scheme declares."""
    return {
        name: replace(table, columns={**table.columns, **uses[name]}) if name in uses else table
        for name, table in TABLES.items()
    }


def typed(kind: str, value: object) -> Value | None:
    """Return the value as its kind, MISSING where it is empty, None where it cannot be; a float never can.

    >>> typed("measure", "12.30"), typed("measure", 12.3), typed("count", "1.5"), typed("text", "")
    (Fraction(123, 10), None, None, <Missing.MISSING: 'missing'>)
    """
    if value is None or value == "":
        return MISSING
    if kind == "text":
        return value if isinstance(value, str) else None
    if kind == "yes_no":
        return value if isinstance(value, bool) else {"yes": True, "no": False}.get(str(value))
    if kind == "date":
        return _day(value)
    number = None
    if isinstance(value, str):
        number = number_of(value)
    elif isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool):
        number = fraction_of(value)
    if number is not None and kind == "count" and (number.denominator != 1 or number < 0):
        return None
    return number


def _day(value: object) -> date | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, date) or not FIRST_YEAR <= value.year <= LAST_YEAR:
        return None
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def typed_row(table: FactTable, row: Mapping[str, object]) -> dict[str, Value]:
    """Return the row with every column of the table; refuse columns that it does not have, and a row without its id."""
    name = str(row.get(table.row_id) or "?")
    for column in row:
        if column != table.row_id and column not in table.columns:
            raise NoSuchFactColumn(table=table.name, column=column)
    values: dict[str, Value] = {}
    for column, kind in {table.row_id: "text", **table.columns}.items():
        value = typed(kind, row.get(column))
        if value is None or (value is MISSING and column == table.row_id):
            raise FactRefused(table=table.name, row=name, column=column, value=repr(row.get(column))[:60])
        values[column] = value
    return values
