"""Which names a rule may read, and of what kind: on one row of its source, and at its own key."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.schemes.facts import INTERVAL_COLUMNS, REGISTERS
from service.schemes.model import Rule, Scheme
from service.schemes.periods import INSIDE, LEVELS


@dataclass(frozen=True)
class Scope:
    """Columns by kind, and the periods that are known."""

    columns: Mapping[str, str]
    levels: frozenset[str]

    def determines(self, target: Rule) -> bool:
        """Tell whether a key of the target follows from what is known here."""
        return all(name in self.levels if name in LEVELS else name in self.columns for name in target.key_names)


class Scopes:
    """The scopes of all rules of a scheme; a rule that reads itself through `from` has an empty one."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._rows: dict[str, Scope] = {}
        self._keys: dict[str, Scope] = {}
        for rule in scheme.rules:  # a source stands above, else the checker says so
            self._rows[rule.name] = self._of_row(rule)
            self._keys[rule.name] = self._of_key(rule)

    def row(self, rule: Rule) -> Scope:
        """Return what is known on a row of the rule's source."""
        return self._rows[rule.name]

    def key(self, rule: Rule) -> Scope:
        """Return what is known at a key of the rule."""
        return self._keys[rule.name]

    def _above(self, columns: dict[str, str]) -> dict[str, str]:
        """Add the columns of the plot, then of the contract, that the columns name."""
        found = dict(columns)
        for register in reversed(tuple(REGISTERS)):
            if register.removesuffix("s") in found:
                for name, kind in self.scheme.fact_tables[register].columns.items():
                    found.setdefault(name, kind)
        return found

    def _of_row(self, rule: Rule) -> Scope:
        table = self.scheme.fact_tables.get(rule.source or "")
        source = self.scheme.by_name.get(rule.source or "")
        if table is not None:
            columns = {table.row_id: "text", **table.columns}
            is_interval = table.is_interval if not rule.on else len(rule.on) == 2
            if is_interval and rule.level:
                columns |= INTERVAL_COLUMNS
            levels = INSIDE.get(rule.level or "", ()) if is_interval else INSIDE["day"]
            return Scope(self._above(columns), frozenset(levels))
        if source is not None and source.name in self._keys:
            return self._keys[source.name]
        return Scope({}, frozenset())

    def _of_key(self, rule: Rule) -> Scope:
        on_row = self._rows[rule.name]
        columns: dict[str, str] = {}
        for key in rule.per:
            if key.name in LEVELS:
                continue
            kind = "text" if key.computed else on_row.columns.get(key.name)
            if kind is None and rule.source is None:
                kind = "text" if any(key.name in names for names in REGISTERS.values()) else None
            if kind is not None:
                columns[key.name] = kind
        levels = set(INSIDE.get(rule.level or "", ()))
        if self.scheme.is_row_rule(rule):
            columns = {**on_row.columns, **columns}
            levels |= on_row.levels
        return Scope(self._above(columns), frozenset(levels))
