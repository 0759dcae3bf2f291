"""A scheme as read from its file: frozen, every part with the line it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from service.core.dates import Span
from service.schemes.expressions import Expression, Name, children
from service.schemes.facts import FactTable
from service.schemes.periods import INSIDE, LEVELS
from service.schemes.reader import Node
from service.schemes.tables import Cell, Table

NUMERIC = ("points", "number", "percent", "count")
GIVES = ("money", *NUMERIC, "yes_no", "text", "date")


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.lower().startswith("zh") else self.en


@dataclass(frozen=True)
class Key:
    """One thing that a rule has one result per: a column, a period, or a computed value under a name."""

    name: str
    computed: Expression | None = None


@dataclass(frozen=True)
class Rule:
    """One named column of results. `digits` None: exact. `may_be_missing` None: nothing is said."""

    name: str
    line: int
    step: str
    per: tuple[Key, ...]
    value: Expression
    gives: str
    digits: int | None
    mode: str
    says_round: bool = True
    clause: str = ""
    title: Words | None = None
    source: str | None = None
    cells: Mapping[str, Cell] = field(default_factory=dict)
    where: Expression | None = None
    excepts: tuple[str, ...] = ()
    on: tuple[Expression, ...] = ()
    at_least: Expression | None = None
    at_most: Expression | None = None
    into: str | None = None
    replaces: tuple[str, ...] = ()
    adds_to: tuple[str, ...] = ()
    may_be_missing: bool | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def level(self) -> str | None:
        """The period in `per`, if there is one."""
        return next((key.name for key in self.per if key.name in LEVELS), None)

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        """The names of the keys, in the order of the file."""
        return tuple(key.name for key in self.per)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The keys that are no periods and are not computed."""
        return frozenset(key.name for key in self.per if key.name not in LEVELS and key.computed is None)

    @property
    def expressions(self) -> tuple[tuple[Expression, bool], ...]:
        """Every expression of the rule, and whether it is read on a single row."""
        rows = [*self.on, *(key.computed for key in self.per), self.where]
        keys = [self.value, self.at_least, self.at_most]
        return tuple((part, True) for part in rows if part) + tuple((part, False) for part in keys if part)

    def line_of(self, word: str) -> int:
        """Return the line of a word of the rule, else of the rule."""
        return self.lines.get(word, self.line)


@dataclass(frozen=True)
class Pot:
    """A named sum that rules pay into: points (sign 0), or money with the sign it has on the statement."""

    name: str
    sign: int
    line: int

    @property
    def is_money(self) -> bool:
        """Whether the pot holds money."""
        return self.sign != 0


@dataclass(frozen=True)
class Payment:
    """How often is paid, and what happens below zero: carry, collect or waive."""

    per: tuple[str, ...]
    level: str
    below_zero: str
    line: int


@dataclass(frozen=True)
class Assumption:
    """A question that the paper leaves open, the answer taken, and why."""

    name: str
    answer: Words
    because: Words
    line: int


@dataclass(frozen=True)
class Expected:
    """Expected results of one rule: one value, or values by key as text."""

    rule: str
    values: Mapping[str, str]
    only: str | None
    line: int


@dataclass(frozen=True)
class Example:
    """Facts and expected results inside the file; `facts` rows are texts by column, each with its line."""

    name: str
    line: int
    span: Span
    facts: Mapping[str, tuple[tuple[int, Mapping[str, str]], ...]]
    expected: tuple[Expected, ...]
    stops: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scheme:
    """A whole file. `rules` in calculation order, the payment's own three last; `digits` of the currency."""

    id: str
    version: int
    valid_from: date
    title: Words
    currency: str
    digits: int
    mode: str
    tables: Mapping[str, Table]
    fact_tables: Mapping[str, FactTable]
    terms: Mapping[str, Expression]
    pots: Mapping[str, Pot]
    rules: tuple[Rule, ...]
    payment: Payment | None
    assumptions: tuple[Assumption, ...]
    examples: tuple[Example, ...]
    score: str | None = None
    ignores: frozenset[str] = frozenset()
    source: Node | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    term_lines: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Rule]:
        """The rules by name."""
        return {rule.name: rule for rule in self.rules}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each rule in the order of calculation."""
        return {rule.name: place for place, rule in enumerate(self.rules)}

    @cached_property
    def members(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that pay into each pot."""
        return {pot: tuple(rule for rule in self.rules if rule.into == pot) for pot in self.pots}

    @cached_property
    def replaced_by(self) -> Mapping[str, tuple[str, ...]]:
        """For each rule those that say they replace it."""
        return {
            rule.name: tuple(other.name for other in self.rules if rule.name in other.replaces) for rule in self.rules
        }

    def depth_of(self, tree: Expression) -> int:
        """Return the levels of an expression with its terms put in place; terms read only terms above them."""
        if isinstance(tree, Name) and tree.name in self.terms:
            return self.depth_of(self.terms[tree.name])
        return 1 + max((self.depth_of(part) for part in children(tree)), default=0)

    def is_row_rule(self, rule: Rule) -> bool:
        """Tell whether there is one result per row of the source: the keys of a source row are all in `per`."""
        table = self.fact_tables.get(rule.source or "")
        if table is not None:
            return table.row_id in rule.columns
        source = self.by_name.get(rule.source or "")
        return source is not None and set(source.key_names) <= set(rule.key_names)


def inside(level: str | None, wanted: str | None) -> bool:
    """Tell whether every period of the level lies in one of the wanted level.

    >>> inside("month", "quarter"), inside("week", "month"), inside("quarter", "month")
    (True, False, False)
    """
    return level is not None and wanted is not None and wanted in INSIDE.get(level, ())
