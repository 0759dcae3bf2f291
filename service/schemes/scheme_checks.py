"""Checks a whole scheme before any fact is seen: everything that is wrong at once, each with its code and line."""

from itertools import combinations

from service.core.i18n import N_
from service.schemes.bands import cliff_issues, table_issues
from service.schemes.expressions import Expression, Name, children, walk
from service.schemes.expressions import names as names_of
from service.schemes.facts import INTERVAL_COLUMNS
from service.schemes.functions import FUNCTIONS
from service.schemes.issues import SchemeIssue
from service.schemes.model import Rule, Scheme
from service.schemes.periods import LEVELS
from service.schemes.rule_checks import RuleCheck
from service.schemes.scopes import Scopes
from service.schemes.tables import Cell
from service.schemes.words import WordReader, near

MAX_READ_DEPTH = 60
MAX_SIZE = 5_000
MAX_NESTING = 40

TAKEN = N_("'{name}' is already the name of a {what}; choose another.")
NO_RULE = N_("'{word}' names a rule that is not there: {name}{near}.")
TERM_ORDER = N_("The term '{name}' reads '{other}', which does not stand above it.")
TERM_SIZE = N_("'{name}' grows too long or too deep once its terms are put in place.")
TOO_DEEP = N_("{rule} stands at the end of more than {limit} rules that read one another.")
BOTH = N_(
    "The same finding can cost under '{one}' ({gives}) and under '{rule}' ({also}): may it cost twice? "
    "Say 'adds_to: [{one}]' or 'replaces: [{one}]'."
)
REPLACES_BELOW = N_("{rule} replaces '{name}' and must stand above it.")
REPLACES_GRAIN = N_("{rule} is per {per} and cannot replace '{name}', which does not tell one of them.")
NO_PAYMENT = N_("There are money pots but no 'payment': how often is paid, and what happens below zero?")
NO_POTS = N_("There is a 'payment' but no money pot; nothing would be paid.")
SCORE = N_("'score' must name a rule that gives points per contract and period: {name}.")
UNREAD = N_("Nothing reads '{rule}', and it pays into no pot.")
UNUSED = N_("Nothing reads the term '{name}'.")
NO_TITLE = N_("{rule} will stand on the statement without a clause or a title.")


def static_issues(scheme: Scheme) -> list[SchemeIssue]:
    """Return errors and warnings, by line; terms that cannot be put in place are all that is said, if there are any."""
    notes, warnings = WordReader(), WordReader()
    _terms(scheme, notes)
    if not notes.issues:
        _names(scheme, notes)
        _replacements(scheme, notes)
        scopes = Scopes(scheme)
        for rule in scheme.rules:
            RuleCheck(scheme, scopes, notes, warnings, rule).run()
        for table in scheme.tables.values():
            notes.issues += table_issues(table)
        _replaced_grain(scheme, scopes, notes)
        _both(scheme, notes)
        _depth(scheme, notes)
        _payment(scheme, notes)
        _unread(scheme, warnings)
    errors = [issue for issue in notes.issues if not issue.warning]
    if not errors:
        notes.issues += cliff_issues(scheme)
    softer = [SchemeIssue(issue.code, issue.line, issue.message, issue.details, True) for issue in warnings.issues]
    found = {(issue.code, issue.line, issue.sentence()): issue for issue in [*notes.issues, *softer]}
    return sorted(found.values(), key=lambda issue: (issue.line, issue.code))


def _terms(scheme: Scheme, notes: WordReader) -> None:
    """Refuse terms that read themselves, and expressions that explode once the terms are put in place."""
    sizes: dict[str, tuple[int, int]] = {}

    def measured(tree: Expression) -> tuple[int, int]:
        if isinstance(tree, Name) and tree.name in sizes:
            return sizes[tree.name]
        parts = [measured(part) for part in children(tree)]
        return 1 + sum(size for size, _ in parts), 1 + max((depth for _, depth in parts), default=0)

    for name, tree in scheme.terms.items():
        line = scheme.term_lines.get(name, 1)
        for other in names_of(tree):
            if other in scheme.terms and other not in sizes:
                notes.note("ORDER", line, TERM_ORDER, name=name, other=other)
        sizes[name] = measured(tree)
        if sizes[name][0] > MAX_SIZE or sizes[name][1] > MAX_NESTING:
            notes.note("EXPRESSION", line, TERM_SIZE, name=name)
            sizes[name] = (1, 1)
    for rule in scheme.rules:
        for tree, _ in rule.expressions:
            size, depth = measured(tree)
            if size > MAX_SIZE or depth > 2 * MAX_NESTING:
                notes.note("EXPRESSION", rule.line, TERM_SIZE, name=rule.name)


def _names(scheme: Scheme, notes: WordReader) -> None:
    taken: dict[str, str] = dict.fromkeys((*LEVELS, *INTERVAL_COLUMNS), "period")
    taken |= dict.fromkeys(FUNCTIONS, "function")
    for table in scheme.fact_tables.values():
        taken |= dict.fromkeys((table.name, table.row_id, *table.columns), "column")
    terms = ((name, scheme.term_lines.get(name, 1)) for name in scheme.terms)
    tables = ((table.name, table.line) for table in scheme.tables.values())
    pots = ((pot.name, pot.line) for pot in scheme.pots.values())
    rules = ((rule.name, rule.line) for rule in scheme.rules)
    for what, named in (("term", terms), ("table", tables), ("pot", pots), ("rule", rules)):
        for name, line in named:
            if name in taken:
                notes.note("NAME", line, TAKEN, name=name, what=taken[name])
            taken.setdefault(name, what)


def _replacements(scheme: Scheme, notes: WordReader) -> None:
    for rule in scheme.rules:
        for word, others in (("replaces", rule.replaces), ("adds_to", rule.adds_to)):
            for name in others:
                if name not in scheme.by_name:
                    details = {"word": word, "name": name, "near": near(name, list(scheme.by_name))}
                    notes.note("NAME", rule.line_of(word), NO_RULE, **details)
                elif word == "replaces" and scheme.order[name] <= scheme.order[rule.name]:
                    notes.note("ORDER", rule.line_of(word), REPLACES_BELOW, rule=rule.name, name=name)


def _replaced_grain(scheme: Scheme, scopes: Scopes, notes: WordReader) -> None:
    for rule in scheme.rules:
        for name in rule.replaces:
            other = scheme.by_name.get(name)
            if other is not None and not scopes.key(other).determines(rule):
                per = ", ".join(rule.key_names)
                notes.note("GRAIN", rule.line_of("replaces"), REPLACES_GRAIN, rule=rule.name, name=name, per=per)


def _root(scheme: Scheme, rule: Rule) -> tuple[str | None, dict[str, Cell]]:
    """Return the fact table at the end of the sources of a rule, and the `where` cells on the way."""
    cells = dict(rule.cells)
    source, steps = rule.source, 0
    while (above := scheme.by_name.get(source or "")) and steps < len(scheme.rules):
        cells = {**above.cells, **cells}
        source, steps = above.source, steps + 1
    return source, cells


def _reads(scheme: Scheme, rule: Rule) -> set[str]:
    """Return the rules that a rule reads at once, by name, source, term, pot or exception."""
    found: set[str] = set()
    names = {*rule.excepts, *rule.cells, *((rule.source,) if rule.source else ())}
    for tree, _ in rule.expressions:
        names |= {part.name for part in walk(tree) if isinstance(part, Name)}
    while names:
        name = names.pop()
        if name in scheme.by_name:
            found.add(name)
        elif name in scheme.pots:
            found |= {member.name for member in scheme.members[name]}
        elif name in scheme.terms:
            names |= set(names_of(scheme.terms[name]))
    return found - {rule.name}


def _all_reads(scheme: Scheme) -> dict[str, set[str]]:
    """Return the rules that each rule rests on, directly or not; only what stands above it counts."""
    found: dict[str, set[str]] = {}
    for rule in scheme.rules:
        direct = {name for name in _reads(scheme, rule) if name in found}
        found[rule.name] = direct.union(*(found[name] for name in direct))
    return found


def _both(scheme: Scheme, notes: WordReader) -> None:
    """Ask whether one finding may cost twice, unless the `where` maps or the rules themselves answer."""
    reads = _all_reads(scheme)
    points = {rule.name for rule in scheme.rules if rule.source and (rule.into or rule.gives == "points")}
    costing = [rule for rule in scheme.rules if rule.name in points and rule.source not in points]
    roots = {rule.name: _root(scheme, rule) for rule in costing}
    for one, other in combinations(costing, 2):
        (table, cells), (other_table, other_cells) = roots[one.name], roots[other.name]
        said = {*other.replaces, *other.adds_to} & {one.name} or {*one.replaces, *one.adds_to} & {other.name}
        is_chain = one.name in reads[other.name] or other.name in reads[one.name]
        apart = any(_disjoint(cells[column], other_cells[column]) for column in cells if column in other_cells)
        if table == other_table == "findings" and not (said or is_chain or apart):
            details = {"one": one.name, "gives": one.gives, "rule": other.name, "also": other.gives}
            notes.note("BOTH", other.line, BOTH, **details)


def _disjoint(one: Cell, other: Cell) -> bool:
    for listed, tested in ((one, other), (other, one)):
        if listed.codes is not None:
            values = [(choice[0].text, choice[0].number) for choice in listed.choices]
            return not any(
                tested.holds(text) or (number is not None and tested.holds(number)) for text, number in values
            )
    return False


def _depth(scheme: Scheme, notes: WordReader) -> None:
    depths: dict[str, int] = {}
    for rule in scheme.rules:
        depths[rule.name] = 1 + max((depths.get(name, 0) for name in _reads(scheme, rule)), default=0)
        if depths[rule.name] > MAX_READ_DEPTH:
            notes.note("ORDER", rule.line, TOO_DEEP, rule=rule.name, limit=str(MAX_READ_DEPTH))


def _payment(scheme: Scheme, notes: WordReader) -> None:
    has_pots = any(pot.is_money for pot in scheme.pots.values())
    if has_pots and scheme.payment is None:
        notes.note("PAYMENT", scheme.lines.get("pots", 1), NO_PAYMENT)
    if scheme.payment is not None and not has_pots:
        notes.note("PAYMENT", scheme.payment.line, NO_POTS)
    if scheme.score is not None:
        rule = scheme.by_name.get(scheme.score)
        if rule is None or rule.gives != "points" or set(rule.key_names) != {"contract", rule.level}:
            notes.note("NAME", scheme.lines.get("score", 1), SCORE, name=scheme.score)


def _unread(scheme: Scheme, warnings: WordReader) -> None:
    read = {name for rule in scheme.rules for name in _reads(scheme, rule)}
    named: set[str] = set()
    for tree in (*scheme.terms.values(), *(tree for rule in scheme.rules for tree, _ in rule.expressions)):
        named |= set(names_of(tree))
    for rule in scheme.rules:
        named |= {*rule.excepts, *rule.cells}
        is_own = scheme.payment is not None and rule.line == scheme.payment.line
        if rule.name not in read and rule.into is None and rule.name != scheme.score and not is_own:
            warnings.note("NEVER", rule.line, UNREAD, rule=rule.name)
        pot = scheme.pots.get(rule.into or "")
        if pot is not None and pot.is_money and (not rule.clause or rule.title is None):
            warnings.note("TITLE", rule.line, NO_TITLE, rule=rule.name)
    for name in scheme.terms:
        if name not in named:
            warnings.note("NEVER", scheme.term_lines.get(name, 1), UNUSED, name=name)
