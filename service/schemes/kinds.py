"""Kinds of expressions: money is not points, points are not area, and nothing turns one into the other unsaid."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from service.core.i18n import N_
from service.schemes.expressions import Call, Chain, Compare, Expression, Known, Literal, Name, OneOf, Unary
from service.schemes.functions import FUNCTIONS, Function
from service.schemes.model import Rule, Scheme, inside
from service.schemes.scopes import Scopes
from service.schemes.sorts import UNKNOWN, YES_NO, Sort, sort_of_column, sort_of_rule, sort_of_table
from service.schemes.tables import Table
from service.schemes.words import WordReader, near

NOTHING = N_("{rule}: nothing is called '{name}'{near}.")
WHICH_COLUMN = N_("{rule}: table {table} has the columns {columns}; say which, as {table}(...).{first}.")
NO_COLUMN = N_("{rule}: table {table} has no column '{name}'.")
ARGUMENTS = N_("{rule}: '{name}' takes other arguments; write {signature}.")
ROW_TO_ROW = N_(
    "{rule}: '{name}' differs from row to row; say sum({name}), greatest({name}), or put the row's id in 'per'."
)
MANY = N_(
    "{rule} is per {per}, but '{name}' is per {other}: one {rule} meets many {name}. "
    "Say 'from: {name}' and sum, mean, least or greatest."
)
LONGER = N_("{rule} is per {level}, but '{name}' is known only when its {longer} is over; let both be per {longer}.")
NESTED = N_("{rule}: {name}(...) cannot be used on a single row.")
NO_ROWS = N_("{rule} has no 'from', so {name}(...) has nothing to look at.")
POT_ON_ROW = N_("{rule}: the pot '{name}' cannot be read on a single row.")
POT_GRAIN = N_("{rule} reads the pot '{pot}' per {per}, but '{name}' pays into it per {other}: that is not one {rule}.")
BELOW = N_("{rule} uses '{name}', which is not above it; the file is calculated from top to bottom.")
KINDS_DIFFER = N_("{rule}: {left} and {right} do not go together with '{sign}'.")
MONEY_TIMES = N_("{rule} multiplies money by money.")
NEEDS = N_("{rule}: {what} must be {wanted}, and is {found}.")
CURRENCY = N_("{rule}: the scheme counts in {currency}, not in {found}.")
PART_POINTS = N_(
    "{rule} turns '{name}' into money: what about part points? "
    "Write part(...) pro rata, floor(...) whole points only, or ceil(...)."
)
PART_UNITS = N_(
    "{rule} prices the measurement '{name}': does part of a unit count? Write part(...), ceil(...) or floor(...)."
)
CODES = N_("{rule}: table {table} is asked for {found}, and its key '{key}' holds {holds}.")


class Kinds:
    """Finds the sort of every expression of one rule, and notes what does not fit."""

    def __init__(self, scheme: Scheme, scopes: Scopes, notes: WordReader, rule: Rule) -> None:
        self.scheme, self.notes, self.rule = scheme, notes, rule
        self.on_row, self.at_key = scopes.row(rule), scopes.key(rule)
        self.scopes, self.line = scopes, rule.line

    def say(self, code: str, message: str, **details: str) -> Sort:
        """Note a problem of the rule; the expression is then of no kind."""
        self.notes.note(code, self.line, message, rule=self.rule.name, **details)
        return UNKNOWN

    def sort(self, tree: Expression, single: bool) -> Sort:
        """Return the sort of an expression read at the rule's key, or on a single row."""
        match tree:
            case Literal():
                return self._literal(tree)
            case Name(name):
                return self.name(name, single)
            case Unary("not", of):
                self.wants(self.sort(of, single), "yes_no", "not")
                return YES_NO
            case Unary(_, of):
                return self._number(self.sort(of, single), "−")
            case Known(of):
                self.sort(of, single)
                return YES_NO
            case OneOf(of, items):
                left = self.sort(of, single)
                for item in items:
                    self._agree(left, self.sort(item, single), "in")
                return YES_NO
            case Compare(sign, left_tree, right_tree):
                self._agree(self.sort(left_tree, single), self.sort(right_tree, single), sign)
                return YES_NO
            case Chain():
                return self._chain(tree, single)
        return self._call(tree, single)

    def wants(self, sort: Sort, kind: str, what: str) -> Sort:
        """Note that something must be of a kind and is not."""
        if sort.kind not in (None, kind):
            self.say("KIND", NEEDS, what=what, wanted=kind, found=str(sort.kind))
        return sort

    def _number(self, sort: Sort, what: str) -> Sort:
        if sort.kind not in (None, "number", "money"):
            return self.say("KIND", NEEDS, what=what, wanted="number", found=sort.kind)
        return sort

    def _agree(self, left: Sort, right: Sort, sign: str) -> None:
        if left.kind and right.kind and left.kind != right.kind:
            self.say("KIND", KINDS_DIFFER, left=left.kind, right=right.kind, sign=sign)

    def _literal(self, literal: Literal) -> Sort:
        value = literal.value
        if literal.currency:
            if literal.currency != self.scheme.currency:
                self.say("KIND", CURRENCY, currency=self.scheme.currency, found=literal.currency)
            return Sort("money", whole=isinstance(value, Fraction) and value.denominator == 1)
        if isinstance(value, bool):
            return YES_NO
        if isinstance(value, Fraction):
            return Sort("number", whole=value.denominator == 1)
        return Sort("date" if isinstance(value, date) else "text")

    def name(self, name: str, single: bool) -> Sort:
        """Return the sort of a plain name: a term, rule, pot or column."""
        scheme, rule = self.scheme, self.rule
        scope = self.on_row if single else self.at_key
        if name in scheme.terms:
            return self.sort(scheme.terms[name], single)
        if name in scheme.by_name:
            target = scheme.by_name[name]
            if not (single and name == rule.source) and not scope.determines(target):
                other = ", ".join(target.key_names)
                return self.say("GRAIN", MANY, per=", ".join(rule.key_names), name=name, other=other)
            if scheme.order[name] >= scheme.order[rule.name]:
                return self.say("ORDER", BELOW, name=name)
            if rule.level != target.level and inside(rule.level, target.level):
                return self.say("GRAIN", LONGER, name=name, level=str(rule.level), longer=str(target.level))
            return sort_of_rule(target)
        if name in scheme.pots:
            return self._pot(name, single)
        if name in scope.columns:
            return sort_of_column(name, scope.columns[name])
        if not single and name in self.on_row.columns:
            return self.say("GRAIN", ROW_TO_ROW, name=name)
        known = [*scope.columns, *scheme.by_name, *scheme.terms, *scheme.pots]
        return self.say("NAME", NOTHING, name=name, near=near(name, known))

    def _pot(self, name: str, single: bool) -> Sort:
        if single:
            return self.say("GRAIN", POT_ON_ROW, name=name)
        for member in self.scheme.members[name]:
            if self.scheme.order[member.name] >= self.scheme.order[self.rule.name]:
                self.say("ORDER", BELOW, name=member.name)
            if not self.scopes.key(member).determines(self.rule):
                per, other = ", ".join(self.rule.key_names), ", ".join(member.key_names)
                self.notes.note(
                    "GRAIN",
                    member.line,
                    POT_GRAIN,
                    rule=self.rule.name,
                    pot=name,
                    per=per,
                    name=member.name,
                    other=other,
                )
        return Sort("money") if self.scheme.pots[name].is_money else Sort("number", points=name)

    def _chain(self, chain: Chain, single: bool) -> Sort:
        sort = self.sort(chain.first, single)
        for sign, operand in chain.rest:
            right = self.sort(operand, single)
            if sign == "else":
                self._agree(sort, right, sign)
                sort = replace(sort.beside(right), missing=right.missing)
            elif sign in ("and", "or"):
                self.wants(sort, "yes_no", sign)
                self.wants(right, "yes_no", sign)
                sort = YES_NO
            elif sign in "+-":
                self._agree(self._number(sort, sign), self._number(right, sign), sign)
                sort = sort.beside(right)
            else:
                sort = self._product(sign, self._number(sort, sign), self._number(right, sign))
        return sort

    def _product(self, sign: str, left: Sort, right: Sort) -> Sort:
        both = left.beside(right)
        kinds = (left.kind, right.kind)
        if None in kinds:
            return replace(both, kind=None)
        if sign == "/":
            if right.kind == "money" and left.kind != "money":
                return self.say("KIND", KINDS_DIFFER, left=str(left.kind), right="money", sign=sign)
            kind = "money" if left.kind == "money" and right.kind != "money" else "number"
            return replace(both, kind=kind, whole=False, missing=both.missing)
        if kinds == ("money", "money"):
            return self.say("KIND", MONEY_TIMES)
        is_money = "money" in kinds
        if is_money and both.points:
            self.say("PART-POINTS", PART_POINTS, name=both.points)
        if both.measure and (is_money or self.rule.gives == "points"):
            self.say("PART-UNITS", PART_UNITS, name=both.measure)
        return replace(both, kind="money" if is_money else "number")

    def _call(self, call: Call, single: bool) -> Sort:
        if call.name in self.scheme.tables:
            return self._look_up(self.scheme.tables[call.name], call, single)
        if call.name == "prev":  # only the payment's own rules read the period before
            return Sort("money", missing="prev(...)")
        function = FUNCTIONS.get(call.name)
        if function is None:
            known = [*self.scheme.tables, *FUNCTIONS]
            return self.say("NAME", NOTHING, name=call.name, near=near(call.name, known))
        if not function.takes[0] <= len(call.arguments) <= function.takes[1] or call.column:
            return self.say("NAME", ARGUMENTS, name=call.name, signature=function.signature)
        if function.is_aggregate and single:
            return self.say("GRAIN", NESTED, name=call.name)
        if function.is_aggregate and self.rule.source is None:
            return self.say("GRAIN", NO_ROWS, name=call.name)
        sorts = [self.sort(argument, single or function.is_aggregate) for argument in call.arguments]
        return self._result(function, sorts)

    def _result(self, function: Function, sorts: list[Sort]) -> Sort:
        name = function.name
        if name in ("count", "any", "all"):
            for sort in sorts:
                self.wants(sort, "yes_no", f"{name}(...)")
            return Sort("number", whole=True) if name == "count" else YES_NO
        if name == "if":
            self.wants(sorts[0], "yes_no", "if(...)")
            self._agree(sorts[1], sorts[2], "if")
            return sorts[1].beside(sorts[2])
        result = self._number(sorts[0], f"{name}(...)")
        for sort in sorts[1:]:
            self._agree(result, sort, name)
            result = result.beside(sort)
        if function.gives in ("whole", "plain"):
            result = Sort(result.kind, missing=result.missing, whole=function.gives == "whole")
        if function.gives == "part":
            result = replace(result, whole=False)
        return replace(result, missing=f"{name}(...)") if function.empty_is_missing else result

    def _look_up(self, table: Table, call: Call, single: bool) -> Sort:
        sorts = [self.sort(argument, single) for argument in call.arguments]
        if len(sorts) != len(table.by):
            signature = f"{table.name}({', '.join(table.by)})"
            return self.say("NAME", ARGUMENTS, name=table.name, signature=signature)
        for at, (key, sort) in enumerate(zip(table.by, sorts, strict=True)):
            is_band = any(row.cells[at].is_band for row in table.rows)
            if is_band and sort.kind in ("text", "yes_no"):
                self.say("KIND", CODES, table=table.name, found=sort.kind, key=key, holds="number")
            if not is_band and sort.kind == "money":
                self.say("KIND", CODES, table=table.name, found=sort.kind, key=key, holds="code")
        missing = next((sort.missing for sort in sorts if sort.missing), None)
        if call.column and call.column not in table.gives:
            return self.say("NAME", NO_COLUMN, table=table.name, name=call.column)
        if not call.column and len(table.gives) > 1:
            columns = ", ".join(table.gives)
            return self.say("NAME", WHICH_COLUMN, table=table.name, columns=columns, first=table.gives[0])
        return replace(sort_of_table(table, call.column or table.gives[0]), missing=missing)
