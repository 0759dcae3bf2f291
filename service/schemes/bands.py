"""What tables say twice or not at all, and where a tenth of a point costs a fortune."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from service.core.dates import Span
from service.core.i18n import N_
from service.schemes.calculation import Reading, Result
from service.schemes.engine import Engine
from service.schemes.exact import MISSING, Value, decimal_text, exact_text, rounded
from service.schemes.expressions import Call, walk
from service.schemes.expressions import names as names_of
from service.schemes.issues import SchemeIssue
from service.schemes.model import Rule, Scheme
from service.schemes.rows import FactBase, Row
from service.schemes.stops import Stopped
from service.schemes.tables import Cell, Table, TableRow

TWICE = N_("Table {table}: '{cell}' is there twice.")
BOTH_HOLD = N_("Table {table}: '{one}' and '{other}' both hold {value}; a value may stand in one row only.")
GAP = N_("Table {table}: nothing is said about {value} itself; write >= or <=.")
HOLE = N_("Table {table}: nothing is said from {low} to {high}.")
NOT_BELOW = N_("Table {table} says nothing below {value}: a value there stops the settlement.")
NOT_ABOVE = N_("Table {table} says nothing above {value}: a value there stops the settlement.")
CLIFF = N_("{rule}: at {edge} it is {at}, at {below} it is {beyond} (amounts it reads taken as 100,000).")
PROBE_FEE = Fraction(100_000)
FULL_MARKS = 100


@dataclass(frozen=True, order=True)
class Edge:
    """A place on the number line: at the number, or just after it."""

    number: Fraction
    after: int = 0


@dataclass(frozen=True)
class Band:
    """The numbers from `low` up to, not including, `high`; open where None."""

    low: Edge | None
    high: Edge | None
    row: TableRow
    text: str


def band_of(cell: Cell, row: TableRow, whole: bool) -> Band:
    """Return the numbers that a cell holds; of whole numbers, `<= 5` and `< 6` are one."""
    low: Edge | None = None
    high: Edge | None = None
    for operand in cell.choices[0]:
        number = operand.number if operand.number is not None else Fraction(0)
        step = Edge(number + 1) if whole else Edge(number, 1)
        if operand.sign in ("=", ">="):
            low = Edge(number)
        if operand.sign == ">":
            low = step
        if operand.sign in ("=", "<="):
            high = step
        if operand.sign == "<":
            high = Edge(number)
    return Band(low, high, row, cell.text)


def table_issues(table: Table) -> Iterator[SchemeIssue]:
    """Yield what a table says twice and what it leaves out, key by key, for equal other keys."""
    for at, key in enumerate(table.by):
        groups: dict[tuple[str, ...], list[TableRow]] = defaultdict(list)
        for row in table.rows:
            groups[tuple(text for place, text in enumerate(row.texts[: len(table.by)]) if place != at)].append(row)
        for rows in groups.values():
            if any(row.cells[at].is_band for row in rows):
                has_rest = any(row.cells[at].is_rest for row in rows)
                bands = [band_of(row.cells[at], row, key in table.whole) for row in rows if not row.cells[at].is_rest]
                yield from _tiles(table, bands, has_rest)
            else:
                yield from _doubles(table, rows, at)


def _doubles(table: Table, rows: list[TableRow], at: int) -> Iterator[SchemeIssue]:
    seen: set[str] = set()
    for row in rows:
        for code in sorted(row.cells[at].codes or {row.cells[at].text}):
            if code in seen:
                yield SchemeIssue("TABLE", row.line, TWICE, {"table": table.name, "cell": code})
            seen.add(code)


def _tiles(table: Table, bands: list[Band], has_rest: bool) -> Iterator[SchemeIssue]:
    start = Edge(Fraction(-(10**30)))
    bands = sorted(bands, key=lambda band: band.low or start)
    for one, other in pairwise(bands):
        details = {"table": table.name, "one": one.text, "other": other.text}
        if one.high is None or other.low is None or one.high > other.low:
            value = exact_text(other.low.number) if other.low else exact_text(one.high.number) if one.high else "x"
            yield SchemeIssue("BANDS", other.row.line, BOTH_HOLD, details | {"value": value})
        elif one.high < other.low and not has_rest:
            low, high = exact_text(one.high.number), exact_text(other.low.number)
            if low == high:
                yield SchemeIssue("BANDS", other.row.line, GAP, details | {"value": low})
            else:
                yield SchemeIssue("BANDS", other.row.line, HOLE, details | {"low": low, "high": high})
    if has_rest or not bands:
        return
    lowest, highest = bands[0], bands[-1]
    if lowest.low is not None and lowest.low.number != 0:
        details = {"table": table.name, "value": exact_text(lowest.low.number)}
        yield SchemeIssue("BANDS", lowest.row.line, NOT_BELOW, details, warning=True)
    if highest.high is not None and highest.high <= Edge(Fraction(FULL_MARKS)):
        details = {"table": table.name, "value": exact_text(highest.high.number)}
        yield SchemeIssue("BANDS", highest.row.line, NOT_ABOVE, details, warning=True)


@dataclass
class Probe(Reading):
    """A reading in which names have the values that are tried out."""

    tried: dict[str, Value] = field(default_factory=dict)

    def name(self, name: str) -> Value:
        """Return what is tried out for the name."""
        terms = self.run.scheme.terms
        return self.value(terms[name]) if name in terms else self.tried.get(name, MISSING)


def cliff_issues(scheme: Scheme) -> Iterator[SchemeIssue]:
    """Yield each edge of a table at which a money rule that reads one score jumps: at the edge, and a tenth below."""
    tenth = Fraction(1, 10)
    for rule in scheme.rules:
        score = _score_read(scheme, rule)
        if score is None:
            continue
        tables = {part.name for part in walk(rule.value) if isinstance(part, Call) and part.name in scheme.tables}
        edges = {
            operand.number
            for name in tables
            for row in scheme.tables[name].rows
            for cell in row.cells
            for choice in cell.choices
            for operand in choice
            if cell.is_band and operand.number is not None
        }
        for edge in sorted(edges, reverse=True):
            values = [_probe(scheme, rule, score, edge - tenth * steps) for steps in range(3)]
            at, below, further = (value if isinstance(value, Fraction) else None for value in values)
            if at is None or below is None or further is None or abs(at - below) <= 5 * abs(below - further) + 1:
                continue
            money = [decimal_text(rounded(value, scheme.digits, scheme.mode), scheme.digits) for value in (at, below)]
            details = {"rule": rule.name, "edge": exact_text(edge), "below": exact_text(edge - tenth)}
            yield SchemeIssue("CLIFF", rule.line, CLIFF, details | {"at": money[0], "beyond": money[1]}, warning=True)


def _score_read(scheme: Scheme, rule: Rule) -> str | None:
    """Return the one rule that gives points and is read by a money rule."""
    if rule.gives != "money" or rule.step == "payment":
        return None
    read = [name for name in names_of(rule.value) if name in scheme.by_name and scheme.by_name[name].gives == "points"]
    return read[0] if len(read) == 1 else None


def _probe(scheme: Scheme, rule: Rule, score: str, value: Fraction) -> Value:
    tried: dict[str, Value] = {
        other.name: PROBE_FEE if other.gives == "money" else Fraction(1) for other in scheme.rules
    }
    base = FactBase(scheme.fact_tables, {})
    engine = Engine(scheme, base, Span(scheme.valid_from, None))  # asked for nothing: every name is tried out
    probe = Probe(engine, rule, Result(rule, ()), Row(base, rule=rule), tried={**tried, score: value})
    try:
        result = probe.value(rule.value)
        for tree, worst in ((rule.at_least, max), (rule.at_most, min)):
            bound = probe.value(tree) if tree is not None else MISSING
            if isinstance(result, Fraction) and isinstance(bound, Fraction):
                result = worst(result, bound)
    except Stopped:  # a table that is silent there is noted as BANDS
        return MISSING
    return result
