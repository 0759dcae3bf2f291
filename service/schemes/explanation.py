"""Explanations: the record of a calculation as a tree of texts, and its canonical bytes."""

import json
from collections.abc import Mapping
from fractions import Fraction

from service.schemes.calculation import Result
from service.schemes.engine import Engine
from service.schemes.exact import Value, decimal_text, text_of
from service.schemes.expressions import written
from service.schemes.model import Rule
from service.schemes.periods import key_text
from service.schemes.rows import Key

Document = dict[str, object]


def explained(engine: Engine, result: Result) -> Document:
    """Return the tree of a result. A result that stands higher up already is only named there, so trees stay small."""
    return _node(engine, result, set())


def _node(engine: Engine, result: Result, above: set[tuple[str, Key]]) -> Document:
    rule = result.rule
    name = (rule.name, result.key)
    node: Document = {
        "rule": rule.name,
        "clause": rule.clause,
        "title": {"zh": rule.title.zh, "en": rule.title.en} if rule.title else {"zh": rule.name, "en": rule.name},
        "key": [{"name": key, "value": key_text(part)} for key, part in zip(rule.key_names, result.key, strict=True)],
        "result": result_text(rule, result.value),
        "gives": rule.gives,
    }
    if name in above:
        return node | {"again": True}
    above.add(name)
    node |= {
        "line": str(rule.line),
        "formula": written(rule.value),
        "numbers": written(rule.value, result.leaves),
        "exact": text_of(result.exact),
        "limits": [
            {"limit": limit.word, "numbers": limit.shown, "bound": text_of(limit.bound), "applied": limit.applied}
            for limit in result.limits
        ],
        "rounding": None if rule.digits is None else {"digits": str(rule.digits), "mode": rule.mode},
        "replaced_by": list(result.replaced_by),
        "facts": _facts(result),
        "excused": [
            {"row": excused.row.label, "reason": excused.reason, "formula": excused.formula}
            for excused in engine.group(rule).excused.get(result.key, ())
        ],
        "table_rows": [
            {"table": table, "line": str(line), "cells": list(row.texts)}
            for (table, line), row in result.table_rows.items()
        ],
        "children": [
            _node(engine, engine.result(engine.scheme.by_name[child], key), above) for child, key in result.reads
        ],
    }
    return node


def _facts(result: Result) -> dict[str, list[str]]:
    facts: dict[str, list[str]] = {}
    for table, label in result.facts:
        facts.setdefault(table, []).append(label)
    return facts


def result_text(rule: Rule, value: Value) -> str:
    """Write a result with all the decimals that its rule keeps."""
    if isinstance(value, Fraction) and rule.digits is not None:
        return decimal_text(value, rule.digits)
    return text_of(value)


def canonical(document: Mapping[str, object]) -> bytes:
    """Return the one spelling of a document: sorted keys, no blanks, UTF-8; numbers are texts already.

    >>> canonical({"b": ["1.50"], "a": "扣款"}).decode()
    '{"a":"扣款","b":["1.50"]}'
    """
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
