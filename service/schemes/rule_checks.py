"""What is wrong with one rule: its names, its grain, its kinds, and the questions that it leaves open."""

from service.core.i18n import N_
from service.schemes.expressions import Call, walk
from service.schemes.facts import REGISTERS
from service.schemes.kinds import Kinds
from service.schemes.model import NUMERIC, Rule, Scheme
from service.schemes.periods import LEVELS
from service.schemes.scopes import Scopes
from service.schemes.sorts import Sort
from service.schemes.tables import Cell
from service.schemes.words import WordReader, near

NO_SOURCE = N_("{rule}: there is no fact table or rule '{name}'{near}.")
SOURCE_BELOW = N_("{rule} takes its rows from '{name}', which is not above it.")
NO_POT = N_("{rule}: there is no pot '{name}'{near}.")
NO_COLUMN = N_("{rule}: '{name}' is not a column of {source}{near}.")
NO_KEY = N_("{rule}: nothing shows which '{name}' there are; say 'from'.")
NO_PERIOD = N_("{rule}: rows of {source} belong to days; name a period in 'per', or put the row's id there.")
NO_LEVEL = N_("{rule}: rows of {source} cannot be put into one {level}.")
ON_RULE = N_("{rule}: 'on' for the rows of another rule is not supported yet.")
ON_NOTHING = N_("{rule}: '{word}' needs a 'from'.")
GIVES = N_("{rule} gives {gives}, but its value is {found}.")
LIMIT_KIND = N_("{rule}: '{word}' is {found}, but the value is {wanted}.")
POT_KIND = N_("{rule} gives {gives} and cannot pay into '{pot}'.")
CELL_KIND = N_("{rule}: '{column}' is {kind}, so '{cell}' can never be.")
EXCEPT_RULE = N_("{rule}: 'except' names terms or rules that say yes or no; '{name}' is neither.")
DIGITS = N_(
    "{rule} gives {gives}: how many decimals does it keep? Say 'round: \"1\"', or 'round: none' to keep them exact."
)
COUNT = N_("{rule} gives a count, but its value need not be whole: write ceil(...) or floor(...).")
ROUND_LINE = N_(
    "{rule} makes one amount per {per}: is each line rounded, or only the total? "
    "Say 'round: \"{digits}\"' or 'round: none'."
)
MISSING = N_("{rule}: {what} has no value when there is nothing to look at; add 'else ...' or 'may_be_missing'.")
COMPLETE = N_("{rule} looks at whatever was scored: a plot that nobody scored changes nothing, without a word.")


class RuleCheck:
    """Notes what is wrong with one rule; `warnings` takes what need not stop the file."""

    def __init__(self, scheme: Scheme, scopes: Scopes, notes: WordReader, warnings: WordReader, rule: Rule) -> None:
        self.scheme, self.rule, self.warnings = scheme, rule, warnings
        self.scopes, self.notes = scopes, notes
        self.on_row, self.at_key = scopes.row(rule), scopes.key(rule)
        self.kinds = Kinds(scheme, scopes, notes, rule)

    def say(self, code: str, at: str, message: str, **details: str) -> None:
        """Note an error at the line of the word `at` of the rule."""
        self.notes.note(code, self.rule.line_of(at), message, rule=self.rule.name, **details)

    def run(self) -> None:
        """Check the rule; without a source that stands above it nothing else can be said."""
        if not self._source():
            return
        self._grain()
        self._rows()
        sort = self._value()
        self._open_questions(sort)
        self._pot()

    def _source(self) -> bool:
        rule, scheme = self.rule, self.scheme
        if rule.source is None:
            for word in ("where", "except", "on"):
                if word in rule.lines:
                    self.say("GRAIN", word, ON_NOTHING, word=word)
            return True
        if rule.source in scheme.fact_tables:
            return True
        if rule.source not in scheme.by_name:
            known = [*scheme.fact_tables, *scheme.by_name]
            self.say("NAME", "from", NO_SOURCE, name=rule.source, near=near(rule.source, known))
            return False
        if scheme.order[rule.source] >= scheme.order[rule.name]:
            self.say("ORDER", "from", SOURCE_BELOW, name=rule.source)
            return False
        if rule.on:
            self.say("LATER", "on", ON_RULE)
        return True

    def _grain(self) -> None:
        rule, scheme = self.rule, self.scheme
        source = rule.source or ""
        for key in rule.per:
            if key.computed is not None:
                self.kinds.sort(key.computed, single=True)
            elif key.name not in LEVELS and rule.source and key.name not in self.on_row.columns:
                details = {"name": key.name, "source": source, "near": near(key.name, list(self.on_row.columns))}
                self.say("NAME", "per", NO_COLUMN, **details)
        if rule.source is None:
            for key in rule.per:
                listed = any(rule.columns <= set(columns) for columns in REGISTERS.values())
                if key.name not in LEVELS and (key.computed is not None or not listed):
                    self.say("GRAIN", "per", NO_KEY, name=key.name)
            return
        if rule.level is not None and rule.level not in self.on_row.levels:
            self.say("GRAIN", "per", NO_LEVEL, source=source, level=rule.level)
        has_days = source in scheme.fact_tables or bool(self.on_row.levels)
        if rule.level is None and has_days and not scheme.is_row_rule(rule):
            self.say("GRAIN", "per", NO_PERIOD, source=source)

    def _rows(self) -> None:
        rule, scheme = self.rule, self.scheme
        for column, cell in rule.cells.items():
            if column in scheme.by_name or column in scheme.terms:
                kind = self.kinds.name(column, single=True).kind
            elif column in self.on_row.columns:
                kind = self.on_row.columns[column]
            else:
                details = {
                    "name": column,
                    "source": rule.source or "-",
                    "near": near(column, list(self.on_row.columns)),
                }
                self.say("NAME", "where", NO_COLUMN, **details)
                continue
            if not fits(cell, kind or ""):
                self.say("KIND", "where", CELL_KIND, column=column, kind=str(kind), cell=cell.text)
        for name in rule.excepts:
            if name not in scheme.terms and name not in scheme.by_name:
                self.say("NAME", "except", EXCEPT_RULE, name=name)
            else:
                self.kinds.wants(self.kinds.name(name, single=True), "yes_no", f"except: {name}")
        if rule.where is not None:
            self.kinds.wants(self.kinds.sort(rule.where, single=True), "yes_no", "where")
        for tree in rule.on:
            self.kinds.wants(self.kinds.sort(tree, single=True), "date", "on")

    def _value(self) -> Sort:
        rule = self.rule
        sort = self.kinds.sort(rule.value, single=False)
        wanted = "number" if rule.gives in NUMERIC else rule.gives
        if sort.kind not in (None, wanted):
            self.say("KIND", "value", GIVES, gives=rule.gives, found=str(sort.kind))
        for word, tree in (("at_least", rule.at_least), ("at_most", rule.at_most)):
            bound = self.kinds.sort(tree, single=False) if tree is not None else sort
            if bound.kind and sort.kind and bound.kind != sort.kind:
                self.say("KIND", word, LIMIT_KIND, word=word, found=bound.kind, wanted=sort.kind)
        return sort

    def _open_questions(self, sort: Sort) -> None:
        rule = self.rule
        if rule.step == "payment" and rule.name.startswith("payment"):
            return
        if sort.kind == "number" and not sort.whole and not rule.says_round:
            if rule.gives == "count":
                self.say("KIND", "value", COUNT)
            else:
                self.say("DIGITS", "value", DIGITS, gives=rule.gives)
        if sort.kind == "money" and not sort.whole and not rule.says_round and self.scheme.is_row_rule(rule):
            ids = ", ".join(name for name in rule.key_names if name not in LEVELS)
            if not self._is_plain_amount():
                self.say("ROUND-LINE", "value", ROUND_LINE, per=ids, digits=str(self.scheme.digits))
        if sort.missing and rule.may_be_missing is None:
            self.say("MISSING", "value", MISSING, what=sort.missing)
        called = {part.name for part in walk(rule.value) if isinstance(part, Call)}
        is_whole = rule.source != "scores" or {"plot", "score_id"} & set(rule.key_names)
        if not is_whole and called & {"mean", "least", "greatest", "sum"}:
            self.warnings.note("COMPLETE", rule.line, COMPLETE, rule=rule.name)

    def _is_plain_amount(self) -> bool:
        """Tell whether the value is another result or column as it stands, which has been rounded where it was made."""
        return not any(True for part in walk(self.rule.value) if part is not self.rule.value)

    def _pot(self) -> None:
        rule, scheme = self.rule, self.scheme
        if rule.into is None:
            return
        pot = scheme.pots.get(rule.into)
        if pot is None:
            self.say("NAME", "into", NO_POT, name=rule.into, near=near(rule.into, list(scheme.pots)))
        elif pot.is_money is not (rule.gives == "money") or rule.gives not in ("money", "points"):
            self.say("KIND", "into", POT_KIND, gives=rule.gives, pot=pot.name)


def fits(cell: Cell, kind: str) -> bool:
    """Tell whether some value of the kind can pass the cell.

    >>> from service.schemes.tables import read_cell
    >>> fits(read_cell("> 10"), "text"), fits(read_cell("litter"), "measure")
    (False, False)
    """
    operands = [operand for choice in cell.choices for operand in choice]
    if kind in ("text", "yes_no"):
        is_possible = kind == "text" or all(operand.text in ("yes", "no") for operand in operands)
        return is_possible and not cell.is_band
    if kind == "date":
        return all(operand.day is not None for operand in operands)
    return all(operand.number is not None for operand in operands)
