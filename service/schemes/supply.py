"""What a scheme reads and nobody hands over: refused by name when it is entered, or it would charge nothing, unsaid."""

from collections.abc import Iterator

from service.schemes.expressions import Expression, names
from service.schemes.facts import REGISTERS, SUPPLIED
from service.schemes.issues import SchemeIssue
from service.schemes.model import Rule, Scheme
from service.schemes.parser import LATER


def unsupplied(scheme: Scheme) -> list[SchemeIssue]:
    """Return an issue for each table and column that a rule reads and this product does not hand over."""
    return [
        SchemeIssue("LATER", rule.line, LATER, {"word": word})
        for rule in scheme.rules
        for word in dict.fromkeys(_missing(scheme, rule))
    ]


def _missing(scheme: Scheme, rule: Rule) -> Iterator[str]:
    if rule.source is None or rule.source not in scheme.fact_tables:
        return
    if rule.source not in SUPPLIED:
        yield rule.source
        return
    tables = (rule.source, *REGISTERS)  # a row has the columns of its plot and of its contract, too
    there = {column for table in tables for column in SUPPLIED[table]}
    for name in _read(scheme, rule):
        place = next((table for table in tables if name in scheme.fact_tables[table].columns), None)
        if place and name not in there and name not in scheme.by_name:
            yield f"{place}.{name}"


def _read(scheme: Scheme, rule: Rule) -> Iterator[str]:
    """Yield the columns, and other names, that a rule reads, also through terms."""
    yield from rule.columns
    yield from rule.cells
    for expression, _ in rule.expressions:
        yield from _names(scheme, expression)


def _names(scheme: Scheme, expression: Expression) -> Iterator[str]:
    for name in names(expression):
        yield name
        if name in scheme.terms:
            yield from _names(scheme, scheme.terms[name])
