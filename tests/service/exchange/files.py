"""Files as an operator would hand them in, and what a database holds before and after."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from service.audit_log.queries import head
from service.core.actor import Actor, Role
from service.core.db import Database
from service.core.errors import HasIssues, Issue
from service.core.i18n import translate
from service.exchange.texts import File

HOST = Actor("host:test", Role.HOST)
State = tuple[dict[str, int], int, str]


def csv_file(rows: Sequence[Sequence[str]], name: str = "file.csv", folder: Path = Path()) -> File:
    """Return a CSV as it would be read from disk."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return File(folder / name, out.getvalue().encode())


def plain_file(content: str | bytes, name: str = "file.csv") -> File:
    """Return a file of just these bytes."""
    return File(Path(name), content if isinstance(content, bytes) else content.encode())


def refuses(read: Callable[[str], object], cell: str) -> bool:
    """Tell whether a reader of cells refuses one, in the way that its caller knows."""
    try:
        read(cell)
    except ValueError:
        return True
    return False


def state(database: Database) -> State:
    """Return how many rows each table holds, and the end of the audit log."""
    with database.transaction(HOST, write=False) as session:
        connection = session.connection()
        counts = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in SQLModel.metadata.tables
        }
        end = head(session)
        return counts, end.seq, end.hash


def problems(refused: pytest.ExceptionInfo[HasIssues]) -> list[tuple[str, str]]:
    """Return place and code of every issue; each can be said in both languages, in one line, without a hole."""
    for issue in refused.value.issues:
        for language in ("zh", "en"):
            sentence = said(issue, language)
            assert sentence
            assert "{" not in sentence
            assert len(sentence) < 400, "an issue quotes the beginning of a cell, never the whole"
    return [(issue.place, issue.code) for issue in refused.value.issues]


def said(issue: Issue, language: str) -> str:
    """Return the sentence of an issue."""
    return translate(issue.message, language, issue.details)


def numbers(pairs: list[tuple[str, Any]], name: str = "file.csv") -> list[tuple[int, str, Any]]:
    """Turn "file.csv, row 3, unit" into (3, "unit"), so that tests read as tables."""
    found = []
    for place, code in pairs:
        file, row, column = place.split(", ", 2)
        assert file == name
        found.append((int(row.removeprefix("row ")), column, code))
    return found
