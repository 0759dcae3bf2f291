"""The scheme file: `read_scheme` turns its text into a Scheme, or refuses with everything that is wrong, by line."""

import re
from datetime import date

from service.core.i18n import N_
from service.schemes.exact import MODES
from service.schemes.expressions import Expression
from service.schemes.facts import LATER_TABLES, TABLES, with_uses
from service.schemes.issues import SchemeRefused
from service.schemes.model import GIVES, Assumption, Key, Payment, Pot, Rule, Scheme, Words
from service.schemes.parser import LATER, parse
from service.schemes.periods import LEVELS
from service.schemes.reader import Fields, Node, Word, read_yaml
from service.schemes.sections import read_examples, read_payment, read_pots, read_tables, read_test, read_uses
from service.schemes.tables import Cell
from service.schemes.words import WordReader

__all__ = ["Scheme", "SchemeRefused", "read_scheme"]

MAX_RULES = 500
MAX_DIGITS = 6
TOP_NEEDED = ("scheme", "version", "from", "title", "currency", "rounding", "steps")
TOP_FREE = ("language", "source", "uses", "assume", "terms", "tables", "pots", "score", "others", "payment", "examples")
RULE_NEEDED = ("rule", "per", "value", "gives")
RULE_FREE = ("clause", "title", "from", "where", "except", "on", "round", "at_least", "at_most", "into")
RULE_BESIDE = ("replaces", "adds_to", "may_be_missing")
RULE_LATER = "over raises choose"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")

RULE_TWICE = N_("Two rules are called '{name}'.")
TOO_MANY_RULES = N_("The file has more than {limit} rules.")
PAYMENT_TITLES = {
    "payment_due": Words("应付", "Due"),
    "payment": Words("支付", "Payment"),
    "payment_carried": Words("结转下期", "Carried into the next period"),
}


def read_scheme(text: str) -> Scheme:
    """Return the scheme that the text holds; raise SchemeRefused with all that cannot be read, by line."""
    reader = _SchemeReader()
    scheme = reader.scheme(read_yaml(text))
    if reader.issues or scheme is None:
        raise SchemeRefused(reader.issues)
    return scheme


class _SchemeReader(WordReader):
    def scheme(self, root: Fields) -> Scheme | None:
        fields = self.fields(root, "scheme", TOP_NEEDED + TOP_FREE, TOP_NEEDED, later="calendar process").fields
        name = self._matching(fields.get("scheme"), "scheme", ID, "jn-2012")
        version = self._matching(fields.get("version"), "version", re.compile(r"[1-9]\d{0,5}"), "1")
        valid_from = self._day(fields.get("from"))
        title = self.words(fields.get("title"), "title")
        currency, digits = self._currency(fields.get("currency"))
        mode = self.choice(fields.get("rounding"), "rounding", MODES) or MODES[0]
        self.choice(fields.get("language"), "language", ("1",))
        uses = read_uses(self, fields.get("uses"))
        terms = {
            name: tree
            for name, node in self.named(fields.get("terms"), "terms").items()
            if (tree := self.expression(node, name)) is not None
        }
        tables = read_tables(self, fields.get("tables"), currency)
        pots = read_pots(self, fields.get("pots"))
        rules = self._steps(fields.get("steps"), mode, digits)
        payment = read_payment(self, fields.get("payment"))
        if payment:
            rules += payment_rules(payment, pots, currency, digits, mode)
        assumptions = self._assumptions(fields.get("assume"))
        examples = read_examples(self, fields.get("examples"))
        score = self.text(fields.get("score"), "score")
        ignores = self._ignores(fields.get("others"))
        if name is None or version is None or valid_from is None or title is None:
            return None
        return Scheme(
            id=name,
            version=int(version),
            valid_from=valid_from,
            title=title,
            currency=currency,
            digits=digits,
            mode=mode,
            tables=tables,
            fact_tables=with_uses(uses),
            terms=terms,
            pots=pots,
            rules=tuple(rules),
            payment=payment,
            assumptions=assumptions,
            examples=examples,
            score=score,
            ignores=ignores,
            source=fields.get("source"),
            lines=root.lines,
            term_lines=getattr(fields.get("terms"), "lines", {}),
        )

    def _matching(self, node: Node | None, word: str, pattern: re.Pattern[str], like: str) -> str | None:
        text = self.text(node, word)
        if text is not None and node is not None and not pattern.fullmatch(text):
            self.wrong(node, word, text, f"{word}: {like}")
            return None
        return text

    def _day(self, node: Node | None) -> date | None:
        text = self.text(node, "from")
        if text is None or node is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.wrong(node, "from", text, "from: 2013-01-01")
            return None

    def _currency(self, node: Node | None) -> tuple[str, int]:
        text = self._matching(node, "currency", re.compile(r"[A-Z]{3} [0-4]"), "CNY 2")
        code, _, digits = (text or "XXX 2").partition(" ")
        return code, int(digits)

    def _assumptions(self, node: Node | None) -> tuple[Assumption, ...]:
        found = []
        for name, part in self.named(node, "assume").items():
            fields = self.fields(part, name, ("answer", "because"), ("answer", "because")).fields
            answer = self.words(fields.get("answer"), "answer", plain=True)
            because = self.words(fields.get("because"), "because", plain=True)
            if answer and because:
                found.append(Assumption(name, answer, because, part.line))
        return tuple(found)

    def _ignores(self, node: Node | None) -> frozenset[str]:
        fields = self.fields(node, "others", tuple(TABLES)).fields
        return frozenset(table for table, part in fields.items() if self.choice(part, table, ("nothing",)))

    def _steps(self, node: Node | None, mode: str, digits: int) -> list[Rule]:
        rules: dict[str, Rule] = {}
        for item in self.items(node, "steps"):
            for step, part in self.fields(item, "steps").fields.items():
                for rule_node in self.items(part, step):
                    rule = self._rule(rule_node, step, mode, digits)
                    if rule and rule.name in rules:
                        self.note("WORD", rule.line, RULE_TWICE, name=rule.name)
                    elif rule:
                        rules[rule.name] = rule
        if len(rules) > MAX_RULES and node is not None:
            self.note("WORD", node.line, TOO_MANY_RULES, limit=str(MAX_RULES))
        return list(rules.values())

    def _rule(self, node: Node, step: str, mode: str, currency_digits: int) -> Rule | None:
        whole = self.fields(node, "rule", RULE_NEEDED + RULE_FREE + RULE_BESIDE, RULE_NEEDED, later=RULE_LATER)
        fields = whole.fields
        text = self.text(fields.get("rule"), "rule")
        name = self.name(text, node.line) if text else None
        value = self.expression(fields.get("value"), "value")
        gives = self.choice(fields.get("gives"), "gives", GIVES)
        said = self._round(fields.get("round"), mode)
        cells, where = self._where(fields.get("where"))
        source = self._source(fields.get("from"))
        missing = self.choice(fields.get("may_be_missing"), "may_be_missing", ("yes", "no"))
        per, on = self._per(fields.get("per")), self._on(fields.get("on"))
        at_least, at_most = (self.expression(fields.get(word), word) for word in ("at_least", "at_most"))
        title = self.words(fields.get("title"), "title")
        clause = self.text(fields.get("clause"), "clause") or ""
        into = self.text(fields.get("into"), "into")
        excepts, replaces, adds_to = (
            self.listed_names(fields.get(word), word) for word in ("except", "replaces", "adds_to")
        )
        if name is None or value is None or gives is None:
            return None
        usual = currency_digits if gives == "money" else 0 if gives == "count" else None
        digits, rounding = said if said else (usual, mode)
        return Rule(
            name=name,
            line=whole.line,
            step=step,
            per=per,
            value=value,
            gives=gives,
            digits=digits,
            mode=rounding,
            says_round=said is not None,
            clause=clause,
            title=title,
            source=source,
            cells=cells,
            where=where,
            excepts=excepts,
            on=on,
            at_least=at_least,
            at_most=at_most,
            into=into,
            replaces=replaces,
            adds_to=adds_to,
            may_be_missing=None if missing is None else missing == "yes",
            lines=whole.lines,
        )

    def _source(self, node: Node | None) -> str | None:
        source = self.text(node, "from")
        if source in LATER_TABLES and node is not None:
            self.note("LATER", node.line, LATER, word=source)
        return source

    def _round(self, node: Node | None, mode: str) -> tuple[int | None, str] | None:
        text = self.text(node, "round")
        if text is None or node is None:
            return None
        digits, _, said = text.partition(" ")
        if text == "none":
            return None, mode
        if not digits.isdecimal() or int(digits) > MAX_DIGITS or (said and said not in MODES):
            self.wrong(node, "round", text, 'round: "2", round: "0 down", round: none')
            return None
        return int(digits), said or mode

    def _where(self, node: Node | None) -> tuple[dict[str, Cell], Expression | None]:
        if node is None or isinstance(node, Word):
            return {}, self.expression(node, "where")
        fields = self.fields(node, "where").fields
        cells = {column: read_test(self, part, column) for column, part in fields.items()}
        return {column: cell for column, cell in cells.items() if cell}, None

    def _on(self, node: Node | None) -> tuple[Expression, ...]:
        text = self.text(node, "on")
        if text is None or node is None:
            return ()
        parts = [self.expression(Word(part, node.line), "on") for part in text.split(" to ")]
        if len(parts) > 2:
            self.wrong(node, "on", text, "on: found_on, on: valid_from to valid_to")
        return tuple(part for part in parts if part)

    def _per(self, node: Node | None) -> tuple[Key, ...]:
        keys: list[Key] = []
        for item in self.items(node, "per"):
            if isinstance(item, Fields):
                for name, part in self.named(item, "per").items():
                    tree = self.expression(part, name)
                    keys += [Key(name, tree)] if tree else []
            elif text := self.text(item, "per"):
                keys.append(Key(text))
                if text == "term":
                    self.note("LATER", item.line, LATER, word=text)
        names = [key.name for key in keys]
        periods = [name for name in names if name in LEVELS]
        if node is not None and (len(set(names)) < len(names) or len(periods) > 1):
            self.wrong(node, "per", ", ".join(names), "per: [contract, month]")
        return tuple(keys)


def payment_rules(payment: Payment, pots: dict[str, Pot], currency: str, digits: int, mode: str) -> list[Rule]:
    """Return the three rules that every scheme with a payment has: payment_due, payment, payment_carried."""
    money = sorted((pot for pot in pots.values() if pot.is_money), key=lambda pot: -pot.sign)
    zero = f"0 {currency}"
    due = " ".join(f"{'+' if pot.sign > 0 else '-'} {pot.name}" for pot in money).removeprefix("+ ") or zero
    if payment.below_zero == "carry":
        due += f" + (prev(payment_carried) else {zero})"
    values = {
        "payment_due": due,
        "payment": "payment_due" if payment.below_zero == "collect" else f"max(payment_due, {zero})",
        "payment_carried": f"min(payment_due, {zero})" if payment.below_zero == "carry" else zero,
    }
    per = tuple(Key(name) for name in payment.per)
    return [
        Rule(name, payment.line, "payment", per, parse(value), "money", digits, mode, title=PAYMENT_TITLES[name])
        for name, value in values.items()
    ]
