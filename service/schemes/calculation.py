"""Works an expression at a key or on a row, and notes every value and fact that it reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Protocol

from service.schemes.exact import MISSING, TooLarge, Value, bounded, text_of
from service.schemes.expressions import Call, Chain, Compare, Expression, Known, Literal, Name, OneOf, Unary, written
from service.schemes.functions import FUNCTIONS
from service.schemes.model import Rule, Scheme
from service.schemes.periods import key_text
from service.schemes.rows import Key, Row
from service.schemes.stops import AmountOfOtherDays, NotOneTableRow, OrderOfMissing, OutOfBounds, Stopped
from service.schemes.tables import NotOneRow, TableRow, compare


@dataclass
class Limit:
    """A limit of a rule: its word, its formula with numbers in it, its value, and whether it bit."""

    word: str
    shown: str
    bound: Value
    applied: bool


@dataclass
class Result:
    """What a rule came to at a key, and everything that was read on the way: the root of an explanation."""

    rule: Rule
    key: Key
    value: Value = MISSING
    exact: Value = MISSING
    limits: list[Limit] = field(default_factory=list)
    replaced_by: tuple[str, ...] = ()
    leaves: dict[int, str] = field(default_factory=dict)
    reads: dict[tuple[str, Key], None] = field(default_factory=dict)
    facts: dict[tuple[str, str], None] = field(default_factory=dict)
    table_rows: dict[tuple[str, int], TableRow] = field(default_factory=dict)
    stop: Stopped | None = None


class Run(Protocol):
    """What a calculation asks of the run that it is part of."""

    scheme: Scheme

    def result(self, rule: Rule, key: Key) -> Result:
        """Return the result of a rule at a key, worked once."""

    def project(self, target: Rule, row: Row) -> Key:
        """Return the key of another rule that a row determines."""

    def pot_members(self, pot: str, reader: Rule, key: Key) -> Sequence[tuple[Rule, Key]]:
        """Return the results that a pot holds for a reader's key."""

    def previous(self, rule: Rule, key: Key) -> Result | Value:
        """Return the result one period before the key, or what was carried into the run."""


def details_of(rule: Rule, row: Row) -> dict[str, str]:
    """Name a place in a message: the key, or the row."""
    return {"rule": rule.name, "key": " ".join(map(key_text, row.key)) if row.rule is rule else row.label}


@dataclass
class Reading:
    """Where an expression of a rule is read: at a key with its rows, or on one row, which is then `single`."""

    run: Run
    rule: Rule
    note: Result
    at: Row
    rows: Sequence[Row] = ()
    single: bool = False

    def value(self, tree: Expression) -> Value:
        """Work an expression; the result is missing, not an error, wherever the language says so."""
        match tree:
            case Literal():
                return tree.value
            case Name(name):
                return self._noted(tree, self.name(name))
            case Unary(sign, of):
                return self._unary(sign, self.value(of))
            case Known(of, wanted):
                return (self.value(of) is not MISSING) is wanted
            case OneOf(of, items):
                value = self.value(of)
                return any(same(value, self.value(item)) for item in items)
            case Compare(sign, left, right):
                return self._compare(tree, sign, self.value(left), self.value(right))
            case Chain():
                return self._chain(tree)
        return self._noted(tree, self._call(tree))

    def shown(self, tree: Expression) -> str:
        """Write an expression that was worked here with the numbers in it."""
        return written(tree, self.note.leaves)

    def _noted(self, tree: Expression, value: Value) -> Value:
        plain = isinstance(tree, Call) and tree.name in FUNCTIONS and not FUNCTIONS[tree.name].is_aggregate
        if not self.single and not plain:
            self.note.leaves[id(tree)] = f"'{value}'" if isinstance(value, str) else text_of(value)
        return value

    def name(self, name: str) -> Value:
        """Return what a plain name means here: the source's result, a rule, a pot, a term, a column."""
        scheme = self.run.scheme
        if name in scheme.terms:
            return self.value(scheme.terms[name])
        if self.single and self.at.rule is not None and self.at.rule.name == name:
            return self.read(self.at.rule, self.at.key)
        if name in scheme.by_name:
            rule = scheme.by_name[name]
            return self.read(rule, self.run.project(rule, self.at))
        if name in scheme.pots:
            members = self.run.pot_members(name, self.rule, self.at.key)
            values = [self.read(rule, key) for rule, key in members]
            return MISSING if MISSING in values else FUNCTIONS["sum"].apply(values)  # type: ignore[misc]
        return self._column(name)

    def _column(self, name: str) -> Value:
        value = self.at.column(name)
        if value is None:
            raise LookupError(f"{self.rule.name}: {name}")  # the checker lets no such name through
        source = self.at if self.single else self.at.origin
        if source is not None:
            if source.splits_amount(name):
                level = self.rule.level or (self.run.scheme.payment.level if self.run.scheme.payment else "month")
                line = source.root.label if source.root else ""
                raise AmountOfOtherDays(**details_of(self.rule, self.at), line=line, level=level)
            self.note_row(source)
        return value

    def note_row(self, row: Row) -> None:
        """Note that a row was looked at."""
        if row.fact is not None:
            self.note.facts[row.fact.table.name, row.fact.label] = None
        elif row.rule is not None:
            self.note.reads[row.rule.name, row.key] = None

    def read(self, rule: Rule, key: Key) -> Value:
        """Return another result and note it; what stopped it stops this one."""
        self.note.reads[rule.name, key] = None
        result = self.run.result(rule, key)
        if result.stop is not None:
            raise result.stop
        return result.value

    def _unary(self, sign: str, value: Value) -> Value:
        if sign == "not":
            return value is not True
        return -value if isinstance(value, Fraction) else MISSING

    def _compare(self, tree: Expression, sign: str, left: Value, right: Value) -> Value:
        if sign in ("=", "!="):
            return same(left, right) is (sign == "=")
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return compare(sign, left, right)
        if isinstance(left, date) and isinstance(right, date):
            return compare(sign, instant(left), instant(right))
        raise OrderOfMissing(**details_of(self.rule, self.at), formula=self.shown(tree))

    def _chain(self, tree: Chain) -> Value:
        value = self.value(tree.first)
        for sign, operand in tree.rest:
            if sign == "else":
                value = self.value(operand) if value is MISSING else value
            elif sign == "and":
                value = value is True and self.value(operand) is True
            elif sign == "or":
                value = value is True or self.value(operand) is True
            else:
                value = self._arithmetic(sign, value, self.value(operand))
        return value

    def _arithmetic(self, sign: str, left: Value, right: Value) -> Value:
        if not isinstance(left, Fraction) or not isinstance(right, Fraction) or (sign == "/" and right == 0):
            return MISSING
        try:
            if sign == "+":
                return bounded(left + right)
            if sign == "-":
                return bounded(left - right)
            return bounded(left * right if sign == "*" else left / right)
        except TooLarge as error:
            raise OutOfBounds(**details_of(self.rule, self.at)) from error

    def _call(self, call: Call) -> Value:
        if call.name in self.run.scheme.tables:
            return self._look_up(call)
        if call.name == "if":
            test, yes, no = call.arguments
            return self.value(yes if self.value(test) is True else no)
        if call.name == "prev":
            return self._previous(call)
        function = FUNCTIONS[call.name]
        values: list[Value]
        if function.is_aggregate:
            for row in self.rows:
                self.note_row(row)
            if not call.arguments:
                return Fraction(len(self.rows))
            readings = (Reading(self.run, self.rule, self.note, row, (), single=True) for row in self.rows)
            values = [reading.value(call.arguments[0]) for reading in readings]
        else:
            values = [self.value(argument) for argument in call.arguments]
        if MISSING in values or function.apply is None:
            return MISSING
        result = function.apply(values)
        try:
            return bounded(result) if isinstance(result, Fraction) else result
        except TooLarge as error:
            raise OutOfBounds(**details_of(self.rule, self.at)) from error

    def _look_up(self, call: Call) -> Value:
        table = self.run.scheme.tables[call.name]
        arguments = [self.value(argument) for argument in call.arguments]
        if MISSING in arguments:
            return MISSING
        try:
            row = table.find(arguments)
        except NotOneRow as error:
            raise NotOneTableRow(
                **details_of(self.rule, self.at),
                table=table.name,
                found=error.found,
                arguments=", ".join(text_of(argument) for argument in arguments),
            ) from error
        self.note.table_rows[table.name, row.line] = row
        return row.values[table.gives.index(call.column) if call.column else 0]

    def _previous(self, call: Call) -> Value:
        argument = call.arguments[0]
        rule = self.run.scheme.by_name[argument.name if isinstance(argument, Name) else ""]
        before = self.run.previous(rule, self.run.project(rule, self.at))
        return self.read(before.rule, before.key) if isinstance(before, Result) else before


def instant(value: date) -> datetime:
    """Return an instant for comparisons: a day begins at midnight."""
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are equal; with a missing one: no.

    >>> same(MISSING, MISSING), same(Fraction(1), True), same(date(2013, 1, 1), datetime(2013, 1, 1))
    (False, False, True)
    """
    if left is MISSING or right is MISSING or isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, date) and isinstance(right, date):
        return instant(left) == instant(right)
    return left == right
