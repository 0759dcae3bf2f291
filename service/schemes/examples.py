"""Runs the examples inside a scheme file: facts in, every rule worked, the expected results compared."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from service.core.errors import Refusal
from service.core.i18n import N_
from service.schemes.evaluator import Evaluation, evaluate
from service.schemes.exact import Value, number_of, text_of
from service.schemes.issues import SchemeIssue
from service.schemes.model import Example, Expected, Scheme
from service.schemes.stops import Stopped

NONE = N_("The file has no example; nothing shows that it does what the paper says.")
DIFFERS = N_("'{example}': {rule} {key} is {found}, the file says {expected}.")
NO_KEY = N_("'{example}': {rule} has no result for '{key}'; it has {known}.")
NAME_KEYS = N_("'{example}': {rule} has {count} results; name their keys.")
NO_RULE = N_("'{example}': there is no rule '{rule}'.")
STOPS = N_("'{example}' stops: {reason}")
DOES_NOT_STOP = N_("'{example}': {rule} {key} does not stop, it is {found}.")


class ExampleResult(NamedTuple):
    """An example and what came out differently; nothing: it holds."""

    name: str
    differences: list[SchemeIssue]


def run_examples(scheme: Scheme) -> list[ExampleResult]:
    """Run every example of a scheme that has no errors."""
    return [ExampleResult(example.name, _differences(scheme, example)) for example in scheme.examples]


def example_issues(scheme: Scheme) -> list[SchemeIssue]:
    """Return what the examples show to be wrong; a file without any is wrong."""
    if not scheme.examples:
        return [SchemeIssue("EXAMPLE", 1, NONE)]
    return [issue for result in run_examples(scheme) for issue in result.differences]


def facts_of(scheme: Scheme, example: Example) -> dict[str, list[dict[str, object]]]:
    """Return the facts of an example; without contracts there is one, C; ids and the one contract are filled in."""
    written: Mapping[str, tuple[tuple[int, Mapping[str, str]], ...]] = example.facts
    if not written.get("contracts"):
        written = {**written, "contracts": ((example.line, {"contract": "C"}),)}
    contracts = [row.get("contract", "C") for _, row in written["contracts"]]
    facts: dict[str, list[dict[str, object]]] = {}
    for table, rows in written.items():
        facts[table] = []
        row_id = scheme.fact_tables[table].row_id
        for number, (_, row) in enumerate(rows, start=1):
            filled: dict[str, object] = {row_id: f"{row_id[0]}{number}", **row}
            if len(contracts) == 1 and "contract" in scheme.fact_tables[table].columns:
                filled.setdefault("contract", contracts[0])
            facts[table].append(filled)
    return facts


def _differences(scheme: Scheme, example: Example) -> list[SchemeIssue]:
    try:
        run = evaluate(scheme, facts_of(scheme, example), example.span)
        run.refuse_unread()
    except Refusal as refusal:
        return [SchemeIssue("EXAMPLE", example.line, STOPS, {"example": example.name}, cause=refusal)]
    differences = [issue for expected in example.expected for issue in _compared(run, example, expected)]
    return differences + _stops(run, example)


def _stops(run: Evaluation, example: Example) -> list[SchemeIssue]:
    """Compare where the example stops with where it says it does; any other stop is a difference."""
    wanted = set(example.stops.items())
    issues = []
    for stop in run.stops:
        if (stop.rule, stop.key) not in wanted:
            issues.append(SchemeIssue("EXAMPLE", example.line, STOPS, {"example": example.name}, cause=stop))
    for rule, key in sorted(wanted - {(stop.rule, stop.key) for stop in run.stops}):
        details = {"example": example.name, "rule": rule, "key": key, "found": "-"}
        issues.append(SchemeIssue("EXAMPLE", example.line, DOES_NOT_STOP, details))
    return issues


def _compared(run: Evaluation, example: Example, expected: Expected) -> list[SchemeIssue]:
    details = {"example": example.name, "rule": expected.rule}
    if expected.rule not in run.scheme.by_name:
        return [SchemeIssue("EXAMPLE", expected.line, NO_RULE, details)]
    keys = {" ".join(key): key for key in run.keys(expected.rule)}
    values = dict(expected.values)
    if expected.only is not None:
        if len(keys) != 1:
            return [SchemeIssue("EXAMPLE", expected.line, NAME_KEYS, details | {"count": str(len(keys))})]
        values = dict.fromkeys(keys, expected.only)
    issues = []
    for text, value in values.items():
        more = details | {"key": text, "expected": value, "known": ", ".join(list(keys)[:5]) or "-"}
        if text not in keys:
            issues.append(SchemeIssue("EXAMPLE", expected.line, NO_KEY, more))
            continue
        try:
            found = run.value(expected.rule, keys[text])
        except Stopped:  # reported once, as a stop
            continue
        if not equals(found, value, run.scheme.currency):
            issues.append(SchemeIssue("EXAMPLE", expected.line, DIFFERS, more | {"found": text_of(found)}))
    return issues


def equals(found: Value, expected: str, currency: str) -> bool:
    """Tell whether a result is what an example writes; `missing` is written so.

    >>> equals(Fraction("2500"), "2,500.00", "CNY"), equals(False, "0", "CNY")
    (True, False)
    """
    if isinstance(found, Fraction):
        return number_of(expected.removesuffix(f" {currency}")) == found
    return text_of(found) == expected
