"""The packaged catalogues and the layouts of San Francisco."""

import csv
import os
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from data import catalogues
from service.standards.rules import DayUnit

COLUMNS = {
    catalogues.FINDING_TYPES: "code,zh,en,unit,group,cure_days,cure_unit,points,source,from,until",
    catalogues.OPERATIONS: "code,zh,en,unit,source,from,until",
    catalogues.GRADES: "code,zh,en,source,from,until",
    catalogues.WORKDAYS: "day,open,source",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_catalogues_have_their_columns_a_source_in_every_row_and_no_key_twice(name: str) -> None:
    rows = catalogues.rows(name)
    assert ",".join(rows[0]) == COLUMNS[name]
    assert all(row["source"] for row in rows)
    key = next(iter(rows[0]))
    assert len({row[key] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", [catalogues.FINDING_TYPES, catalogues.OPERATIONS, catalogues.GRADES])
def test_catalogues_are_bilingual(name: str) -> None:
    for row in catalogues.rows(name):
        assert row["zh"]
        assert not row["zh"].isascii()
        assert row["en"]
        assert row["en"].isascii()


def test_finding_types_have_days_and_points_marked_as_assumed() -> None:
    rows = catalogues.rows(catalogues.FINDING_TYPES)
    assert 25 <= len(rows) <= 30
    for row in rows:
        assert int(row["cure_days"]) >= 1
        assert row["cure_unit"] in set(DayUnit)
        assert 0 < Decimal(row["points"]) <= 2
        assert "ASSUMED" in row["source"]


@pytest.mark.parametrize(
    ("source", "closed_days", "worked_days"), [("国办发明电〔2011〕45号", 27, 7), ("国办发明电〔2012〕33号", 29, 12)]
)
def test_the_calendar_moves_only_weekdays_off_and_weekends_on(source: str, closed_days: int, worked_days: int) -> None:
    rows = catalogues.rows(catalogues.WORKDAYS)
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)
    ordered = [row for row in rows if row["source"] == source]
    worked = [date.fromisoformat(row["day"]) for row in ordered if row["open"] == "yes"]
    closed = [date.fromisoformat(row["day"]) for row in ordered if row["open"] == "no"]
    assert (len(closed), len(worked)) == (closed_days, worked_days)
    assert all(day.weekday() >= 5 for day in worked)
    public_holidays = 11  # a year, by regulation
    assert sum(day.weekday() < 5 for day in closed) - len(worked) == public_holidays


def _layout(name: str) -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(files("data.san_francisco").joinpath(name).read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize(
    ("layout", "file"),
    [
        ("plots-layout.yaml", "Recreation_and_Parks_Properties.csv"),
        ("scores-layout.yaml", "Park_Scores_2005-2014.csv"),
    ],
)
def test_layouts_name_columns_that_the_citys_files_have(layout: str, file: str) -> None:
    folder = os.environ.get("GREENKEEP_REAL_DATA")
    if not folder:
        pytest.skip("GREENKEEP_REAL_DATA is not set")
    with (Path(folder) / "sf-parks" / file).open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream))
    columns = _layout(layout)["columns"]
    assert isinstance(columns, dict)
    assert set(columns.values()) <= set(header)
    assert _layout(layout).get("geometry", header[0]) in header


def test_the_invented_contract_covers_one_fiscal_year_by_declared_area() -> None:
    contract = _layout("contract.yaml")
    assert (contract["from"], contract["until"]) == (date(2005, 1, 1), date(2005, 12, 31))
    assert contract["lines"] == {"plots": "all", "quantity": "declared_area", "unit_price": "2.10"}
    assert contract["scheme"] == {"code": "sf-quarterly", "version": 1}
