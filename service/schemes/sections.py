"""The sections of a scheme file beside its rules: uses, tables, pots, payment, examples."""

from collections.abc import Mapping

from service.core.dates import Span
from service.core.i18n import N_
from service.schemes.exact import Value, number_of
from service.schemes.facts import KINDS, LATER_TABLES, TABLES
from service.schemes.model import Example, Expected, Payment, Pot
from service.schemes.parser import LATER
from service.schemes.periods import parse_period
from service.schemes.reader import Fields, Items, Node, Word
from service.schemes.tables import Cell, Table, TableRow, read_cell
from service.schemes.words import UNKNOWN, WordReader, near

TABLE_KINDS = ("money", "points", "number", "percent", "count", "text", "yes_no")
MAX_TABLE_ROWS = 5_000
PAYMENT_LEVELS = ("month", "quarter", "half", "year")

CELLS = N_("Table {table}: a row needs {needed} cells, this one has {found}.")
CELL = N_("Table {table}: '{value}' cannot be read as {kind}.")
NO_ROWS = N_("Table {table} has no rows.")
TOO_MANY_ROWS = N_("The tables have more than {limit} rows.")
COLUMN_TAKEN = N_("{table} already has a column '{column}'.")
NO_TABLE = N_("There is no fact table '{table}'{near}.")


def read_uses(reader: WordReader, node: Node | None) -> dict[str, dict[str, str]]:
    """Read the further columns that the scheme declares."""
    uses: dict[str, dict[str, str]] = {}
    section = reader.fields(node, "uses")
    for table, part in section.fields.items():
        if table not in TABLES:
            is_later = table in LATER_TABLES
            details = {"word": table} if is_later else {"table": table, "near": near(table, TABLES)}
            reader.note("LATER" if is_later else "NAME", part.line, LATER if is_later else NO_TABLE, **details)
            continue
        for column, kind_node in reader.named(part, table).items():
            kind = reader.choice(kind_node, column, KINDS)
            if column in TABLES[table].columns or column == TABLES[table].row_id:
                reader.note("NAME", kind_node.line, COLUMN_TAKEN, table=table, column=column)
            elif kind:
                uses.setdefault(table, {})[column] = kind
    return uses


def read_tables(reader: WordReader, node: Node | None, currency: str) -> dict[str, Table]:
    """Read the tables, with every cell typed."""
    tables: dict[str, Table] = {}
    for name, part in reader.named(node, "tables").items():
        tables[name] = _table(reader, name, part, currency)
    if sum(len(table.rows) for table in tables.values()) > MAX_TABLE_ROWS and node is not None:
        reader.note("TABLE", node.line, TOO_MANY_ROWS, limit=str(MAX_TABLE_ROWS))
    return tables


def _table(reader: WordReader, name: str, node: Node, currency: str) -> Table:
    fields = reader.fields(node, name, ("by", "gives", "rows"), ("by", "gives", "rows")).fields
    by, gives, kinds, whole = [], [], [], set()
    for text in reader.listed_names(fields.get("by"), "by"):
        key, _, more = text.partition(" ")
        by.append(key)
        if more.strip() == "whole":
            whole.add(key)
        elif more:
            reader.wrong(node, "by", text, "by: days whole")
    for text in reader.listed_names(fields.get("gives"), "gives"):
        column, _, kind = text.partition(" ")
        gives.append(column)
        kinds.append(kind.strip() or "number")
        if kinds[-1] not in TABLE_KINDS:
            reader.wrong(node, "gives", text, "gives: rate money")
    rows = []
    for item in reader.items(fields.get("rows"), "rows"):
        row = _table_row(reader, name, item, len(by), kinds, currency)
        if row:
            rows.append(row)
    if "rows" in fields and not rows:
        reader.note("TABLE", node.line, NO_ROWS, table=name)
    return Table(name, tuple(by), tuple(gives), tuple(kinds), tuple(rows), node.line, frozenset(whole))


def _table_row(
    reader: WordReader, table: str, node: Node, keys: int, kinds: list[str], currency: str
) -> TableRow | None:
    items = reader.items(node, table)
    if len(items) != keys + len(kinds):
        reader.note("TABLE", node.line, CELLS, table=table, needed=str(keys + len(kinds)), found=str(len(items)))
        return None
    cells, values, texts = [], [], []
    for part in items[:keys]:
        cell = read_test(reader, part, table)
        cells.append(cell)
        texts.append(cell.text if cell else "")
    for part, kind in zip(items[keys:], kinds, strict=True):
        text = reader.text(part, table) or ""
        value = cell_value(text, kind, currency)
        if value is None:
            reader.note("TABLE", part.line, CELL, table=table, value=text, kind=kind)
        values.append(value)
        texts.append(text)
    typed_cells = tuple(cell for cell in cells if cell)
    typed_values = tuple(value for value in values if value is not None)
    complete = len(typed_cells) == keys and len(typed_values) == len(kinds)
    return TableRow(typed_cells, typed_values, tuple(texts), node.line) if complete else None


def read_test(reader: WordReader, node: Node, word: str) -> Cell | None:
    """Read a key cell or a cell of a `where` map."""
    texts = (
        [part.text for part in node.items if isinstance(part, Word)]
        if isinstance(node, Items)
        else reader.text(node, word)
    )
    cell = read_cell(texts) if texts else None
    if cell is None:
        reader.note("TABLE", node.line, CELL, table=word, value=str(texts or ""), kind="test")
    return cell


def cell_value(text: str, kind: str, currency: str) -> Value | None:
    """Return a value cell as its kind, or None where it is not one; money may name the scheme's currency only.

    >>> cell_value("500 CNY", "money", "CNY"), cell_value("500 USD", "money", "CNY"), cell_value("x", "count", "CNY")
    (Fraction(500, 1), None, None)
    """
    if kind == "text":
        return text or None
    if kind == "yes_no":
        return {"yes": True, "no": False}.get(text)
    number = number_of(text.removesuffix(f" {currency}") if kind == "money" else text)
    return None if number is None or (kind == "count" and number.denominator != 1) else number


def read_pots(reader: WordReader, node: Node | None) -> dict[str, Pot]:
    """Read the pots."""
    signs = {"points": 0, "money +": 1, "money -": -1}
    pots = {}
    for name, part in reader.named(node, "pots").items():
        kind = reader.choice(part, name, tuple(signs))
        if kind:
            pots[name] = Pot(name, signs[kind], part.line)
    return pots


def read_payment(reader: WordReader, node: Node | None) -> Payment | None:
    """Read how often is paid, and what happens below zero."""
    if node is None:
        return None
    words = ("per", "below_zero")
    fields = reader.fields(node, "payment", words, words).fields
    per = reader.listed_names(fields.get("per"), "per")
    below_zero = reader.choice(fields.get("below_zero"), "below_zero", ("carry", "collect", "waive"))
    if len(per) != 2 or per[0] != "contract" or per[1] not in PAYMENT_LEVELS:
        reader.wrong(fields.get("per", node), "per", ", ".join(per), "per: [contract, month]")
        return None
    return Payment(per, per[1], below_zero, node.line) if below_zero else None


def read_examples(reader: WordReader, node: Node | None) -> tuple[Example, ...]:
    """Read the examples."""
    examples = []
    words = ("example", "period", "facts", "expect")
    for item in reader.items(node, "examples"):
        fields = reader.fields(item, "examples", words, ("example", "period", "expect"), later="then").fields
        span = _span(reader, fields.get("period"))
        name = reader.text(fields.get("example"), "example") or ""
        expected, stops = _expected(reader, fields.get("expect"))
        facts = _facts(reader, fields.get("facts"))
        if span:
            examples.append(Example(name, item.line, span, facts, expected, stops))
    return tuple(examples)


def _span(reader: WordReader, node: Node | None) -> Span | None:
    text = reader.text(node, "period")
    if text is None or node is None:
        return None
    first, *more = (parse_period(part.strip()) for part in text.split(" to "))
    last = more[-1] if more else first
    if first is None or last is None or len(more) > 1 or last.end <= first.first:
        reader.wrong(node, "period", text, "2013-05, or 2013-05 to 2013-06")
        return None
    return Span(first.first, last.end)


def _expected(reader: WordReader, node: Node | None) -> tuple[tuple[Expected, ...], Mapping[str, str]]:
    expected, stops = [], {}
    fields = reader.fields(node, "expect", later="raised")
    for rule, part in fields.fields.items():
        if rule == "refused":
            stopped = reader.fields(part, rule).fields
            stops = {name: reader.text(key, rule) or "" for name, key in stopped.items()}
        elif rule != "raised" and isinstance(part, Fields):
            values = {key: reader.text(value, rule) or "" for key, value in part.fields.items()}
            expected.append(Expected(rule, values, None, part.line))
        elif rule != "raised":
            expected.append(Expected(rule, {}, reader.text(part, rule), part.line))
    return tuple(expected), stops


def _facts(reader: WordReader, node: Node | None) -> dict[str, tuple[tuple[int, Mapping[str, str]], ...]]:
    facts: dict[str, tuple[tuple[int, Mapping[str, str]], ...]] = {}
    for table, part in reader.fields(node, "facts").fields.items():
        if table in LATER_TABLES:
            reader.note("LATER", part.line, LATER, word=table)
        elif table not in TABLES:
            reader.note("NAME", part.line, UNKNOWN, word=table, near=near(table, TABLES), known=", ".join(TABLES))
        else:
            facts[table] = tuple(_fact_rows(reader, table, part))
    return facts


def _fact_rows(reader: WordReader, table: str, node: Node) -> list[tuple[int, Mapping[str, str]]]:
    """Read both layouts: a list of maps, or `columns` and `rows`; `-` is empty."""
    rows: list[tuple[int, dict[str, str]]] = []
    if isinstance(node, Fields):
        fields = reader.fields(node, table, ("columns", "rows"), ("columns", "rows")).fields
        columns = reader.listed_names(fields.get("columns"), "columns")
        for item in reader.items(fields.get("rows"), "rows"):
            cells = reader.items(item, table)
            if len(cells) != len(columns):
                reader.note("TABLE", item.line, CELLS, table=table, needed=str(len(columns)), found=str(len(cells)))
            else:
                texts = (reader.text(cell, table) or "" for cell in cells)
                rows.append((item.line, dict(zip(columns, texts, strict=True))))
    else:
        for item in reader.items(node, table):
            part = reader.fields(item, table).fields
            rows.append((item.line, {column: reader.text(cell, table) or "" for column, cell in part.items()}))
    return [(line, {name: text for name, text in row.items() if text != "-"}) for line, row in rows]
