"""Tables for spreadsheets: text stays text, numbers stay exact, and a whole list is whole."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from service.core.readers import CONTROL
from service.exchange.sheets import BEGINS_A_FORMULA, Sheet, as_csv, as_xlsx

AT = datetime(2013, 3, 2, 1, tzinfo=UTC)
READABLE = st.text().filter(lambda text: not CONTROL.search(text))
AMOUNTS = st.integers(-(10**15) + 1, 10**15 - 1).map(lambda minor: Decimal(minor).scaleb(-2))


def reread(content: bytes) -> list[list[Any]]:
    """Return the cells of a book."""
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=2)]


@given(READABLE)
@example("\r=1+1")
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_text(text: str) -> None:
    sheet = Sheet("x", ["a"], [[text]])
    [_, [cell]] = csv.reader(io.StringIO(as_csv(sheet).decode("utf-8-sig"), newline=""))
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert not cell.startswith(BEGINS_A_FORMULA)
    rows = reread(as_xlsx(sheet, AT))
    assert [[one.data_type for one in row] for row in rows] in ([["s"]], [["n"]], [])
    if rows and rows[0][0].data_type == "n":
        assert (text, rows[0][0].value) == ("", None)
    elif text:  # XLSX spells a carriage return out
        assert rows[0][0].value.replace("_x000D_", "\r") == text


@given(AMOUNTS)
@settings(max_examples=100, deadline=None)
def test_any_amount_comes_back_to_the_fen(amount: Decimal) -> None:
    [[cell]] = reread(as_xlsx(Sheet("x", ["a"], [[amount]]), AT))
    assert (cell.data_type, Decimal(repr(cell.value))) == ("n", amount)
    [_, [text]] = csv.reader(io.StringIO(as_csv(Sheet("x", ["a"], [[amount]])).decode("utf-8-sig")))
    assert Decimal(text) == amount


def test_more_digits_than_a_spreadsheet_keeps_are_text() -> None:
    [[cell]] = reread(as_xlsx(Sheet("x", ["a"], [[Decimal("12345678901234.56")]]), AT))
    assert (cell.data_type, cell.value) == ("s", "12345678901234.56")


def test_days_are_days_and_nothing_is_nothing() -> None:
    [[day, number, empty]] = reread(as_xlsx(Sheet("x", ["a", "b", "c"], [[date(2013, 3, 2), 7, None]]), AT))
    assert (day.value, day.number_format) == (datetime(2013, 3, 2), "yyyy-mm-dd")
    assert (number.value, empty.value) == (7, None)
    assert as_csv(Sheet("x", ["a", "b", "c"], [[date(2013, 3, 2), 7, None]])).endswith(b'"2013-03-02","7",""\r\n')


def test_the_same_table_gives_the_same_bytes() -> None:
    sheet = Sheet("x", ["编号"], [["F-1"]])
    assert as_xlsx(sheet, AT) == as_xlsx(sheet, AT)
    assert as_csv(sheet).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("sign", BEGINS_A_FORMULA)
def test_what_would_be_a_formula_is_marked(sign: str) -> None:
    sheet = Sheet("x", ["a"], [[f"{sign}1"]])
    [_, [cell]] = csv.reader(io.StringIO(as_csv(sheet).decode("utf-8-sig"), newline=""))
    assert cell == f"'{sign}1"
    [[cell]] = reread(as_xlsx(sheet, AT))
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
