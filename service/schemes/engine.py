"""The engine of a run: sorts rows by key and works every result once, on demand, top to bottom, exact."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from service.core.dates import Span
from service.schemes.calculation import Limit, Reading, Result
from service.schemes.exact import MISSING, Value, rounded
from service.schemes.expressions import written
from service.schemes.facts import REGISTERS
from service.schemes.model import NUMERIC, Rule, Scheme
from service.schemes.periods import LEVELS, Period, key_text, periods_in
from service.schemes.rows import Fact, FactBase, Key, Part, Row, fact_rows, sort_key
from service.schemes.stops import NoValue, RegisterNeeded, RowWithoutKey, Stopped, TooDeep, TwoRowsOneKey

ROOM, FRAMES_OF_A_RULE, FRAMES_OF_A_LEVEL = 600, 10, 4  # calls within calls: Python ends at 1,000, wherever it started


class Excused(NamedTuple):
    """A row that an `except` took out, and by which term or rule."""

    row: Row
    reason: str
    formula: str


class Group:
    """The rows of a rule by key, what was excused, and what stopped while the rows were sorted."""

    def __init__(self) -> None:
        self.rows: dict[Key, list[Row]] = defaultdict(list)
        self.excused: dict[Key, list[Excused]] = defaultdict(list)
        self.stops: dict[Key, Stopped] = {}


class Engine:
    """The results of a run so far, by rule and key; `taken` collects the facts that some rule kept or excused."""

    def __init__(self, scheme: Scheme, base: FactBase, span: Span) -> None:
        self.scheme, self.base, self.span = scheme, base, span
        self.results: dict[tuple[str, Key], Result] = {}
        self.taken: set[Fact] = set()
        self._row_rules = {rule.name: scheme.is_row_rule(rule) for rule in scheme.rules}
        depths = {rule.name: max(scheme.depth_of(tree) for tree, _ in rule.expressions) for rule in scheme.rules}
        self._needs = {name: FRAMES_OF_A_RULE + FRAMES_OF_A_LEVEL * depth for name, depth in depths.items()}
        self._room = ROOM
        self._groups: dict[str, Group] = {}
        self._keys: dict[str, dict[tuple[str, ...], Key]] = {}
        self._pots: dict[tuple[str, tuple[str, ...]], dict[Key, list[tuple[Rule, Key]]]] = {}

    def result(self, rule: Rule, key: Key) -> Result:
        """Return the result of a rule at a key, worked once."""
        known = self.results.get((rule.name, key))
        if known is None:
            known = self.results[rule.name, key] = Result(rule, key)
            need = self._needs[rule.name]
            self._room -= need
            try:
                if self._room < 0:
                    raise TooDeep(rule=rule.name, key=" ".join(map(key_text, key)))
                self._work(known)
            except Stopped as stop:
                known.stop = stop
            finally:
                self._room += need
        return known

    def _work(self, result: Result) -> None:
        rule, key, group = result.rule, result.key, self.group(result.rule)
        if key in group.stops:
            raise group.stops[key]
        reading = Reading(self, rule, result, self.row(rule, key), group.rows.get(key, ()))
        if self._row_rules[rule.name]:
            if not reading.rows:  # the row was dropped by `where` or `except`
                result.value = Fraction(0) if rule.gives in ("money", *NUMERIC) else rule.gives != "yes_no" and MISSING
                return
            reading.note_row(reading.rows[0])
        result.exact = result.value = reading.value(rule.value)
        for name in self.scheme.replaced_by[rule.name]:
            other = self.scheme.by_name[name]
            if reading.read(other, self.project(other, reading.at)) not in (Fraction(0), False, MISSING):
                result.replaced_by += (name,)
                result.value = Fraction(0) if isinstance(result.value, Fraction) else False
        if isinstance(result.value, Fraction) and not result.replaced_by:
            self._limit(reading, result)
        if result.value is MISSING and not rule.may_be_missing:
            details = {"rule": rule.name, "key": " ".join(map(key_text, key))}
            raise NoValue(**details, formula=reading.shown(rule.value))

    def _limit(self, reading: Reading, result: Result) -> None:
        rule, value = result.rule, result.value
        for word, tree, worst in (("at_least", rule.at_least, max), ("at_most", rule.at_most, min)):
            if tree is None or not isinstance(value, Fraction):
                continue
            bound = reading.value(tree)
            limited: Value = worst(value, bound) if isinstance(bound, Fraction) else MISSING
            result.limits.append(Limit(word, reading.shown(tree), bound, limited != value))
            value = limited
        if isinstance(value, Fraction) and rule.digits is not None:
            value = rounded(value, rule.digits, rule.mode)
        result.value = value

    def project(self, target: Rule, row: Row) -> Key:
        """Return the key of a rule that a row determines; the checker has seen to it that it does."""
        parts: list[Part] = []
        for name in target.key_names:
            part = row.in_period(name) if name in LEVELS else row.column(name)
            if part is None:
                raise LookupError(f"{target.name}: {name}")
            parts.append(part)
        return tuple(parts)

    def pot_members(self, pot: str, reader: Rule, key: Key) -> Sequence[tuple[Rule, Key]]:
        """Return the results whose keys fall under a reader's key, in the order of the file."""
        index = self._pots.get((pot, reader.key_names))
        if index is None:
            index = defaultdict(list)
            for member in self.scheme.members[pot]:
                for member_key in self.keys_of(member).values():
                    index[self.project(reader, self.row(member, member_key))].append((member, member_key))
            self._pots[pot, reader.key_names] = index
        return index.get(key, [])

    def previous(self, rule: Rule, key: Key) -> Result | Value:
        """Return the result one period earlier; before the first period, what was carried into it, or nothing."""
        before = tuple(part.before() if isinstance(part, Period) else part for part in key)
        period = next(part for part in before if isinstance(part, Period))
        if period.first >= self.span.valid_from:
            return self.result(rule, before)
        carried = [
            fact.values["amount"]
            for fact in self.base.rows["carried"]
            if fact.values["contract"] in key and period.first <= (fact.days()[0] or date.min) < period.end
        ]
        amounts = [amount for amount in carried if isinstance(amount, Fraction)]
        return sum(amounts, Fraction(0)) if amounts else MISSING

    def row(self, rule: Rule, key: Key) -> Row:
        """Return a result as a row for the rules that read it."""
        group = self.group(rule)
        origins = group.rows.get(key) if self._row_rules[rule.name] else None
        origin = origins[0] if origins else None
        period = next((part for part in key if isinstance(part, Period)), None)
        if origin is not None and period is None:
            period = origin.period
        return Row(self.base, rule=rule, key=key, origin=origin, day=origin.day if origin else None, period=period)

    def _source_rows(self, rule: Rule) -> list[Row]:
        source = self.scheme.by_name.get(rule.source or "")
        if source is not None:
            return [self.row(source, key) for key in self.keys_of(source).values()]
        rows = []
        for fact in self.base.rows.get(rule.source or "", ()):
            days: tuple[date | None, ...] = fact.days() if fact.table.is_interval else fact.days()[:1]
            if rule.on:
                reading = Reading(self, rule, Result(rule, ()), Row(self.base, fact), single=True)
                found = [reading.value(part) for part in rule.on]
                days = tuple(part if isinstance(part, date) else None for part in found)
                if days[0] is None:
                    self.taken.add(fact)
                    continue
            rows += fact_rows(self.base, fact, rule.level, self.span, days)
        return rows

    def group(self, rule: Rule) -> Group:
        """Return the rows of a rule by key, sorted once."""
        group = self._groups.get(rule.name)
        if group is None:
            group = self._groups[rule.name] = Group()
            for row in self._source_rows(rule):
                self._sort(rule, row, group)
            source = self.scheme.by_name.get(rule.source or "")
            if source is not None and not any(key.computed for key in rule.per):
                self._pass_on(rule, self.group(source), group)
        return group

    def _sort(self, rule: Rule, row: Row, group: Group) -> None:
        reading = Reading(self, rule, Result(rule, ()), row, single=True)
        stop, reason = None, None
        try:
            reason = next((name for name in rule.excepts if reading.name(name) is True), None)
            if reason is None and not self._keeps(rule, reading):
                return
        except Stopped as stopped:
            stop = stopped
        key = self._row_key(rule, row, reading)
        if row.fact is not None:
            self.taken.add(row.fact)
        if reason is not None:
            tree = self.scheme.terms.get(reason)
            group.excused[key].append(Excused(row, reason, written(tree) if tree else reason))
            return
        group.rows[key].append(row)
        if stop is None and len(group.rows[key]) > 1 and self._row_rules[rule.name]:
            stop = TwoRowsOneKey(rule=rule.name, key=" ".join(map(key_text, key)))
        if stop is not None:
            group.stops.setdefault(key, stop)

    def _keeps(self, rule: Rule, reading: Reading) -> bool:
        cells = all(cell.holds(reading.name(column)) for column, cell in rule.cells.items())
        return cells and (rule.where is None or reading.value(rule.where) is True)

    def _row_key(self, rule: Rule, row: Row, reading: Reading) -> Key:
        parts: list[Part] = []
        for part in rule.per:
            if part.computed is not None:
                value: Part | None = reading.value(part.computed)
            else:
                value = row.in_period(part.name) if part.name in LEVELS else row.column(part.name)
            if value is None or value is MISSING:
                raise RowWithoutKey(rule=rule.name, row=row.label, column=part.name)
            parts.append(value)
        return tuple(parts)

    def _pass_on(self, rule: Rule, source: Group, group: Group) -> None:
        """Let excused rows be seen from the results that they would have gone into."""
        for excused in (excused for listed in source.excused.values() for excused in listed):
            parts = [
                excused.row.in_period(name) if name in LEVELS else excused.row.column(name) for name in rule.key_names
            ]
            if None not in parts:
                group.excused[tuple(part for part in parts if part is not None)].append(excused)

    def keys_of(self, rule: Rule) -> dict[tuple[str, ...], Key]:
        """Return the keys of a rule by their texts, in the order of time and name."""
        known = self._keys.get(rule.name)
        if known is None:
            group = self.group(rule)
            keys = {*self._register_keys(rule), *group.rows, *group.stops}
            known = {tuple(map(key_text, key)): key for key in sorted(keys, key=sort_key)}
            self._keys[rule.name] = known
        return known

    def _register_keys(self, rule: Rule) -> list[Key]:
        """Return the keys that exist whether or not anything happened."""
        if any(key.computed for key in rule.per):
            return []
        register = next((name for name, columns in REGISTERS.items() if rule.columns <= set(columns)), None)
        if register is None:
            return []
        if not self.base.rows[register]:
            raise RegisterNeeded(rule=rule.name, column=", ".join(rule.key_names), table=register)
        keys = []
        for period in periods_in(rule.level, self.span) if rule.level else [None]:
            for fact in self.base.rows[register]:
                row = Row(self.base, fact)
                first, end = fact.days()
                if period and ((first and first >= period.end) or (end and end <= period.first)):
                    continue
                parts = [period if name == rule.level else row.column(name) for name in rule.key_names]
                if MISSING not in parts:
                    keys.append(tuple(part for part in parts if part is not None))
        return keys
