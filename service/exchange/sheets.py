"""Tables as spreadsheets take them, CSV and XLSX: no text becomes a formula, no number passes through a float."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Path, Response
from xlsxwriter import Workbook

from service.core.errors import Invalid
from service.core.http import Responses
from service.core.i18n import N_

Value = str | Decimal | int | date | None
Form = Annotated[Literal["csv", "xlsx"], Path(description="csv (UTF-8 with a byte order mark) or xlsx.")]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ANSWERS: Responses = {
    200: {"content": {kind.split(";")[0]: {"schema": {"type": "string"}} for kind in MEDIA_TYPES.values()}}
}
MOST_ROWS = 50_000
WIDTH = 16  # of every column, in characters: measuring each cell takes as long as writing it
EXACT_DIGITS = 15  # as many as a spreadsheet keeps of a number
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class TooManyRows(Invalid):
    """A sheet holds a whole list, or nothing."""

    code, message = "too_many_rows", N_("This list has more than {most} rows: ask for fewer days, or one contract.")


@dataclass(frozen=True)
class Sheet:
    """A whole list as a table. Texts are str; numbers are Decimal or int, shown with the places that they have."""

    name: str  # of the file, without its end
    titles: Sequence[str]
    rows: Sequence[Sequence[Value]]


def answer(sheet: Sheet, form: str, made_at: datetime) -> Response:
    """Send a sheet as a file to keep."""
    content = as_csv(sheet) if form == "csv" else as_xlsx(sheet, made_at)
    disposition = f"attachment; filename*=UTF-8''{quote(f'{sheet.name}.{form}', safe='')}"
    return Response(content, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": disposition})


def as_csv(sheet: Sheet) -> bytes:
    r"""Return a sheet as CSV. What a spreadsheet would take for a formula gets an apostrophe before it; numbers never.

    >>> as_csv(Sheet("x", ["a", "b"], [["=1+1", Decimal("-1.50")]])).decode("utf-8-sig")
    '"a","b"\r\n"\'=1+1","-1.50"\r\n'
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)  # some programs also part unquoted text at semicolons
    writer.writerow(map(_csv_cell, sheet.titles))
    writer.writerows(map(_csv_cell, row) for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(BEGINS_A_FORMULA) else value
    return str(value) if isinstance(value, date) else f"{value:f}" if isinstance(value, Decimal) else f"{value:d}"


def as_xlsx(sheet: Sheet, made_at: datetime) -> bytes:
    """Return a sheet as XLSX: texts are text, days are days, numbers are numbers while all their digits are kept."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": made_at.replace(tzinfo=None)})
        page = book.add_worksheet()
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.titles) - 1, WIDTH)
        head = book.add_format({"bold": True})
        for column, title in enumerate(sheet.titles):
            page.write_string(0, column, title, head)
        looks = _Looks(book)
        for number, row in enumerate(sheet.rows, start=1):
            for column, value in enumerate(row):
                _put(page, number, column, value, looks)
    return out.getvalue()


class _Looks:
    """The formats of a book, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.made: dict[tuple[str, Any], Any] = {}

    def of(self, name: str, value: Any) -> Any:
        if (name, value) not in self.made:
            self.made[name, value] = self.book.add_format({name: value})
        return self.made[name, value]


def _put(page: Any, row: int, column: int, value: Value, looks: _Looks) -> None:
    if value is None:
        return
    if isinstance(value, date):
        page.write_datetime(row, column, value, looks.of("num_format", "yyyy-mm-dd"))
    elif isinstance(value, str):
        page.write_string(row, column, value, looks.of("quote_prefix", value.startswith(BEGINS_A_FORMULA)))
    elif len(Decimal(value).normalize().as_tuple().digits) > EXACT_DIGITS:
        page.write_string(row, column, f"{Decimal(value):f}", looks.of("align", "right"))
    else:
        page.write_number(row, column, value, looks.of("num_format", _places(Decimal(value))))


def _places(value: Decimal) -> str:
    """Return the format that shows a number with the places that it has.

    >>> _places(Decimal("12.50")), _places(Decimal(3))
    ('#,##0.00', '#,##0')
    """
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"#,##0.{'0' * places}" if places else "#,##0"
