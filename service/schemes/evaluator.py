"""Works a scheme over the facts of whole periods, and answers for scores, money and explanations."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from service.core.dates import Span
from service.schemes.calculation import Result
from service.schemes.engine import Engine
from service.schemes.exact import MISSING, Value, rounded
from service.schemes.explanation import Document, explained
from service.schemes.issues import SchemeRefused
from service.schemes.model import Rule, Scheme
from service.schemes.periods import is_whole, key_text
from service.schemes.rows import Fact, FactBase, Facts, Row
from service.schemes.scheme_checks import static_issues
from service.schemes.stops import NotWholePeriods, Stopped, UnreadFacts


class MoneyResult(NamedTuple):
    """A line for the statement: what a rule pays into a money pot. `amount_minor` carries the pot's sign."""

    rule: Rule
    clause: str
    title: dict[str, str]
    key: tuple[str, ...]
    pot: str
    sign: int
    amount: Fraction
    amount_minor: int
    node: Document


class ScoreResult(NamedTuple):
    """The score that the scheme names; None where it may be missing and is."""

    rule: Rule
    key: tuple[str, ...]
    value: Fraction | None
    node: Document


def evaluate(scheme: Scheme, facts: Facts, span: Span) -> "Evaluation":
    """Work a scheme over the facts; `span`, half-open, must consist of whole periods of every level in the scheme."""
    errors = [issue for issue in static_issues(scheme) if not issue.warning]
    if errors:
        raise SchemeRefused(errors)
    for level in {rule.level for rule in scheme.rules if rule.level}:
        if not is_whole(level, span):
            raise NotWholePeriods(first=span.valid_from, end=span.valid_to, level=level)
    return Evaluation(Engine(scheme, FactBase(scheme.fact_tables, facts), span))


class Evaluation:
    """All results of a run. Keys are texts in the order of `per`, periods by name: ("C2", "2013-08").

    `unread` lists the facts of the span that no rule took; no money is given out for their contracts.
    """

    def __init__(self, engine: Engine) -> None:
        self.scheme, self._engine = engine.scheme, engine
        for rule in self.scheme.rules:
            for key in engine.keys_of(rule).values():
                engine.result(rule, key)
        self.unread = self._unread()

    def _unread(self) -> list[Fact]:
        first, end = self._engine.span.valid_from, self._engine.span.valid_to or date.max
        unread = []
        for table in sorted({rule.source for rule in self.scheme.rules if rule.source} - self.scheme.ignores):
            for fact in self._engine.base.rows.get(table, ()):
                low, high = fact.days()
                outside = (low and low >= end) or (high and (high <= first if fact.table.is_interval else high < first))
                if fact not in self._engine.taken and not outside:
                    unread.append(fact)
        return unread

    def keys(self, rule: str) -> list[tuple[str, ...]]:
        """Return the keys at which the rule has a result."""
        return list(self._engine.keys_of(self.scheme.by_name[rule]))

    def value(self, rule: str, key: Sequence[str]) -> Value:
        """Return a result, MISSING where it may be missing and is; raise what stopped it."""
        return self._find(rule, key).value

    def explain(self, rule: str, key: Sequence[str]) -> Document:
        """Return the explanation of a result: what it was made of, down to the facts, as texts."""
        return explained(self._engine, self._find(rule, key))

    def _find(self, rule: str, key: Sequence[str]) -> Result:
        wanted = self.scheme.by_name[rule]
        result = self._engine.result(wanted, self._engine.keys_of(wanted)[tuple(key)])
        if result.stop is not None:
            raise result.stop
        return result

    @property
    def stops(self) -> list[Stopped]:
        """Everything that stopped, once each, in the order of calculation."""
        return list(dict.fromkeys(result.stop for result in self._engine.results.values() if result.stop))

    def money(self, contract: str, period: str) -> list[MoneyResult]:
        """Return what every rule pays into a money pot for a contract and period of payment, in the order of the file.

        Refuses while facts of the contract are read by no rule, and where a rule stopped.
        """
        self.refuse_unread(contract)
        due = self.scheme.by_name.get("payment_due")
        if due is None:
            return []
        reader_key = self._engine.keys_of(due)[contract, period]
        members = [
            member
            for pot in self.scheme.pots.values()
            if pot.is_money
            for member in self._engine.pot_members(pot.name, due, reader_key)
        ]
        members.sort(key=lambda member: self.scheme.order[member[0].name])
        return [self._money(self._find(rule.name, tuple(map(key_text, key)))) for rule, key in members]

    def _money(self, result: Result) -> MoneyResult:
        rule, pot = result.rule, self.scheme.pots[result.rule.into or ""]
        amount = result.value if isinstance(result.value, Fraction) else Fraction(0)
        title = rule.title
        return MoneyResult(
            rule=rule,
            clause=rule.clause,
            title={"zh": title.zh, "en": title.en} if title else {"zh": rule.name, "en": rule.name},
            key=tuple(map(key_text, result.key)),
            pot=pot.name,
            sign=pot.sign,
            amount=amount,
            amount_minor=int(rounded(amount * 10**self.scheme.digits * pot.sign, 0, self.scheme.mode)),
            node=explained(self._engine, result),
        )

    def refuse_unread(self, contract: str | None = None) -> None:
        """Refuse while facts of the contract, or of any, are read by no rule: their charge would vanish."""
        base = self._engine.base
        nobody = (contract, None, MISSING)  # a row that names no contract may be anybody's
        mine = [fact for fact in self.unread if contract is None or Row(base, fact).column("contract") in nobody]
        if mine:
            table = mine[0].table.name
            labels = [fact.label for fact in mine if fact.table.name == table]
            raise UnreadFacts(table=table, count=len(labels), rows=", ".join(labels[:5]))

    def score(self, contract: str, period: str) -> ScoreResult | None:
        """Return the result of the rule that the scheme names as its score, for a contract and period of that rule.

        None where the scheme names no score, or the contract has none in that period.
        """
        rule = self.scheme.by_name.get(self.scheme.score or "")
        if rule is None:
            return None
        parts = {"contract": contract, rule.level: period}
        key = tuple(parts[name] for name in rule.key_names)
        if key not in self._engine.keys_of(rule):
            return None
        value = self.value(rule.name, key)
        return ScoreResult(rule, key, value if isinstance(value, Fraction) else None, self.explain(rule.name, key))
