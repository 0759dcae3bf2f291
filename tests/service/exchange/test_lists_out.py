"""Lists as sheets: the rows of the list, under titles in the reader's language, with a link on each page of them."""

import io
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook

from service.exchange import lists_out
from tests.conftest import World
from tests.service.full_world import fill
from tests.service.matrix import everything_of, rows_of_sheet
from tests.service.policy import PREFIX
from tests.service.test_filters import FILTERS
from tests.service.web.visitor import read, signed_in

KEYS = {"plots": "Plot code", "tasks": "Plot plot", "scores": "Plot plot", "findings": "Number code"}


@pytest.mark.parametrize("name", KEYS)
def test_a_sheet_holds_the_rows_of_its_list(world: World, name: str) -> None:
    fill(world)
    title, key = KEYS[name].split()
    for who in ("auditor", "green-1"):
        client = world.client(who)
        for filters in ({}, *(dict(part.split("=") for part in asked.split("&")) for asked in FILTERS[name])):
            answer = client.get(f"{PREFIX}/{name}.csv", params=filters)
            if answer.status_code != 200:
                assert client.get(f"{PREFIX}/{name}", params=filters).json() == answer.json()
                continue
            listed = [row[key] for row in everything_of(client, f"{PREFIX}/{name}", **filters)]
            assert [row[title] for row in rows_of_sheet(answer)] == listed, (who, filters)


def test_a_statement_adds_up_and_names_its_sources(world: World) -> None:
    fill(world)
    client = world.client("auditor")
    whole = client.get(f"{PREFIX}/statements/C1-2013-01").json()
    rows = rows_of_sheet(client.get(f"{PREFIX}/statements/C1-2013-01/lines.csv"))
    amounts = [Decimal(row["Amount"]) for row in rows if row["Amount"]]
    assert amounts == [Decimal(line["amount"]["amount"]) for line in whole["lines"]]
    assert sum(amounts) == Decimal(whole["payable"]["amount"])
    fees = [Decimal(row["Fee of the plot"]) for row in rows if row["Fee of the plot"]]
    assert sum(fees) == amounts[0]
    assert [(row["Read from"], row["Plot"], row["Points lost"]) for row in rows if row["Points lost"]] == [
        ("F-2013-0001", "N-1", "1.00"),
        ("F-2013-0003", "N-2", "1.00"),
    ]


def test_titles_are_in_the_language_of_the_reader(world: World) -> None:
    client = world.client("auditor")
    for lang, title in (("zh", "地块"), ("en", "Plot")):
        book = load_workbook(io.BytesIO(client.get(f"{PREFIX}/plots.xlsx", params={"lang": lang}).content))
        assert book.worksheets[0]["A1"].value == title


def test_a_list_that_is_too_long_is_refused_and_not_cut(world: World) -> None:
    with patch.object(lists_out, "MOST_ROWS", 3):
        answer = world.client("auditor").get(f"{PREFIX}/plots.csv")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_rows")


def test_a_sheet_is_a_file_to_keep(world: World) -> None:
    fill(world)
    answer = world.client("auditor").get(f"{PREFIX}/statements/C1-2013-01/lines.xlsx")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''C1-2013-01.xlsx"
    assert answer.headers["cache-control"] == "no-store"
    assert world.client("auditor").get(f"{PREFIX}/plots.ods").status_code == 422


PAGES = {
    "/plots?zone=N": 2,
    "/plots?as_of=2013-01-05": 4,
    "/findings": 8,
    "/findings?state=filed&zone=S": 2,
    "/findings?plot=N-1": 2,
    "/findings?overdue=true": 4,
    "/tasks?state=all": 4,
    "/tasks?state=overdue&plot=N-1": 1,
    "/tasks?state=due&zone=S": 2,
    "/map?month=2013-01": 4,
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_leads_to_the_sheet_of_what_it_shows(world: World, page: str) -> None:
    fill(world)
    browser = signed_in(world, "auditor")
    links = [href for href in read(browser.get(page).text).links if ".csv" in href]
    assert len(links) == 1
    assert len(rows_of_sheet(browser.get(links[0]))) == PAGES[page], links


def test_a_statement_leads_to_its_sheet(world: World) -> None:
    fill(world)
    browser = signed_in(world, "green-1")
    links: list[Any] = [href for href in read(browser.get("/statements/C1-2013-01").text).links if "/lines." in href]
    assert [urlsplit(href).path[-4:] for href in links] == [".csv", "xlsx"]
    assert all(browser.get(href).status_code == 200 for href in links)
