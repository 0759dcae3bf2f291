"""Reading text files: every cell is text, and what cannot be read is told with its row and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from service.core.errors import HasIssues, Issue
from service.core.i18n import Phrase, translate
from service.core.readers import day, number, whole
from service.exchange import texts
from service.exchange.texts import open_file, read_document, read_rows
from tests.service.exchange.files import csv_file, numbers, plain_file, problems, refuses


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2013-8-3",
        "20130803",
        "2013-W35-6",
        "2013-08-32",
        "2013-02-29",
        "0000-01-01",
        "9999-12-31",
        "1899-12-31",
        "２０１３-08-03",
        "2013-08-03 ",
        "2013-08-03T00:00",
        "03/08/2013",
        "2013/08/03",
        "-013-08-03",
        "٢٠١٣-08-03",
    ],
)
def test_only_one_spelling_of_a_date_is_one(text: str) -> None:
    assert refuses(day, text)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_reads_back(value: date) -> None:
    assert day(value.isoformat()) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "--1",
        "1-2",
        "1.2.3",
        "1e3",
        "1E3",
        "1e999",
        "NaN",
        "nan",
        "Infinity",
        "inf",
        "-inf",
        "0x10",
        "1_000",
        "1,000",
        "１２",
        "٣",
        "1.234",
        "1000000000000",
        "9" * 70,
        "9223372036854775808",
        "-1",
        "-0.01",
        "+1",
        " 1",
        "½",
        "1.",
        ".5",
        "sNaN",
        "0." + "0" * 400,
        "\x001",
    ],
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    assert refuses(number(2), text)


@given(st.decimals(0, Decimal("999999999999.99"), places=2))
def test_a_number_reads_back_exactly(value: Decimal) -> None:
    assert number(2)(f"{value:f}") == value


def test_a_sign_is_read_only_where_it_may_stand() -> None:
    assert number(2, signed=True)("-1.25") == Decimal("-1.25")


def test_whole_numbers_end_somewhere() -> None:
    assert whole(10)("10") == 10
    for text in ("11", "1.0", "-1", "2147483648"):
        assert refuses(whole(10), text)


def test_rows_come_under_our_names_with_their_numbers() -> None:
    file = plain_file('\ufeffPlotID, Score ,extra\n a ,1,x\n\n"b\nb",2,y\nc,NULL,z\n')
    rows = read_rows(file, ("plot", "score"), {"plot": "PlotID", "score": "Score"}, empty=["NULL"])
    assert [(at, row["plot"], row["score"], row["extra"]) for at, row in rows.rows] == [
        (1, "a", "1", "x"),
        (3, "b\nb", "2", "y"),
        (4, "c", "", "z"),
    ]
    assert rows.issues == []


def test_every_missing_and_doubled_column_is_named() -> None:
    with pytest.raises(HasIssues) as refused:
        read_rows(csv_file([["a", "b", "a"], ["1", "2", "3"]]), ("a", "c", "d"))
    assert problems(refused) == [
        ("file.csv", "column_missing"),
        ("file.csv", "column_missing"),
        ("file.csv", "column_twice"),
    ]
    assert [issue.details["column"] for issue in refused.value.issues] == ["c", "d", "a"]


def test_every_bad_row_is_named_at_once() -> None:
    bad = ["x\x00y", "x\x1b[2Jy", "x\u202ey", "é" * 2001]
    rows = read_rows(csv_file([["a", "b"], ["1"], ["1", "2", "3"], *([cell, "ok"] for cell in bad)]), ("a", "b"))
    with pytest.raises(HasIssues) as refused:
        rows.refuse()
    assert numbers(problems(refused)) == [
        (1, "-", "row_length"),
        (2, "-", "row_length"),
        (3, "a", "unreadable_text"),
        (4, "a", "unreadable_text"),
        (5, "a", "unreadable_text"),
        (6, "a", "string_too_long"),
    ]


@pytest.mark.parametrize("content", ["", "\n", "a,b\n", "a,b\n\n\n"])
def test_a_file_without_rows_is_refused(content: str) -> None:
    with pytest.raises(HasIssues) as refused:
        read_rows(plain_file(content), ("a", "b")).refuse()
    assert {code for _, code in problems(refused)} <= {"no_rows", "column_missing"}


@pytest.mark.parametrize(
    "content", ["编号\n".encode("gbk"), "a\n\ud800\n".encode("utf-8", "surrogatepass"), b"a\n\xff\n"]
)
def test_other_encodings_are_told_with_their_byte(content: bytes) -> None:
    with pytest.raises(HasIssues) as refused:
        read_rows(plain_file(content), ("a",))
    [(place, code)] = problems(refused)
    assert code == "not_text"
    assert place.startswith("file.csv, byte ")


def test_csv_that_its_reader_refuses_is_an_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LARGEST", 1000)  # the reader's limit of a cell
    with pytest.raises(HasIssues) as refused:
        read_rows(csv_file([["a"], ["x" * 1001]]), ("a",))
    assert problems(refused) == [("file.csv", "not_csv")]


def test_files_that_are_missing_or_huge_are_refused(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_bytes(b"12345")
    for path, code in ((tmp_path / "none.csv", "no_file"), (tmp_path, "no_file"), (tmp_path / "big.csv", "too_large")):
        with pytest.raises(HasIssues) as refused:
            open_file(path, largest=4)
        assert problems(refused)[0][1] == code
    assert open_file(tmp_path / "big.csv", largest=5).content == b"12345"


class Sample(BaseModel):
    """A document."""

    model_config = ConfigDict(extra="forbid")
    name: str
    inner: dict[str, str] = {}


def test_scalars_of_a_document_stay_text() -> None:
    read = read_document(plain_file("name: 2013-08-01\ninner: {a: 1.10, b: no, c: 0x1F, d: ~}\n"), Sample)
    assert read.name == "2013-08-01"
    assert read.inner == {"a": "1.10", "b": "no", "c": "0x1F", "d": "~"}


@pytest.mark.parametrize(
    ("content", "place", "code"),
    [
        ("name: [", "f.yaml, line 1", "not_yaml"),
        ("name: a\nname: b\n", "f.yaml, line 2", "key_twice"),
        ("name: a\ninner:\n  x: 1\n  x: 2\n", "f.yaml, line 4", "key_twice"),
        ("name: !!python/object/apply:os.system [ls]\n", "f.yaml, name", "string_type"),
        ("- a\n", "f.yaml", "model_type"),
        ("", "f.yaml", "model_type"),
        ("name: a\nother: b\n", "f.yaml, other", "extra_forbidden"),
        ("inner: {a: [1]}\nname: x", "f.yaml, inner › a", "string_type"),
        ("[" * 5000, "f.yaml", "not_yaml"),
        ("name: a\x00b", "f.yaml", "not_yaml"),
    ],
)
def test_bad_documents_are_told_with_their_place(content: str, place: str, code: str) -> None:
    with pytest.raises(HasIssues) as refused:
        read_document(plain_file(content, "f.yaml"), Sample)
    assert (place, code) in problems(refused)


def test_what_was_wanted_is_said_in_the_readers_language() -> None:
    issue = Issue("bad_cell", "x", texts.BAD_CELL, {"value": "a whole number", "wanted": Phrase(texts.WHOLE)})
    assert translate(issue.message, "en", issue.details) == "a whole number is not a whole number."
    assert "整数" in translate(issue.message, "zh", issue.details)
    assert "a whole number" in translate(issue.message, "zh", issue.details), "what a file says is never translated"
