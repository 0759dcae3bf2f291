"""Every list: its filters against what is there, its pages against the whole; asked in the query, not afterwards."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from service.core.db import now
from tests.conftest import World
from tests.service.calls import LISTS
from tests.service.full_world import Target
from tests.service.matrix import everything_of
from tests.service.policy import PREFIX

Keep = Callable[[dict[str, Any]], bool]
NORTH, GREEN = ("N-1", "N-2"), ("N-1", "N-2", "S-2")
EAST = "118.8015,31.889,118.804,31.902"  # N-2 and S-2


def on(*plots: str) -> Keep:
    return lambda row: row["plot"] in plots


ON_PLOTS: dict[str, Keep] = {
    "zone=N": on(*NORTH),
    "zone=N1": on(*NORTH),
    "zone=S": on("S-1", "S-2"),
    "zone=nowhere": on(),
    f"bbox={EAST}": on("N-2", "S-2"),
    f"bbox={EAST}&zone=S": on("S-2"),
    "contract=C1": on(*NORTH),
    "contractor=green": on(*GREEN),
    "contractor=river": on("S-1"),
    "contractor=green&zone=S": on("S-2"),
    "plot=S-1": on("S-1"),
}
FILTERS: dict[str, dict[str, Keep]] = {
    "tasks": ON_PLOTS
    | {
        "operation=mowing": lambda row: True,
        "operation=weeding": lambda row: False,
        "done=true": lambda row: row["done_on"] is not None,
        "done=false": lambda row: row["done_on"] is None,
        "from=2013-02-01": lambda row: row["due_until"] >= "2013-02-01",
        "until=2013-01-31": lambda row: row["due_until"] <= "2013-01-31",
    },
    "scores": ON_PLOTS
    | {"channel=visit": lambda row: True, "channel=survey": lambda row: False, "until=2013-01-30": lambda row: False},
    "findings": ON_PLOTS
    | {
        "state=filed": lambda row: row["state"] == "filed",
        "state=confirmed&zone=S": lambda row: row["state"] == "confirmed" and row["plot"][0] == "S",
        "from=2013-01-21": lambda row: row["found_on"] >= "2013-01-21",
    },
    "photos": ON_PLOTS | {"from=2013-01-21": lambda row: row["found_on"] >= "2013-01-21"},
    "documents": {
        "contract=C1": lambda row: False,
        "plot=N-1": lambda row: False,
        "kind=report": lambda row: True,
        "kind=drawing": lambda row: False,
        "from=2013-01-20&until=2013-01-20": lambda row: True,
        "until=2013-01-19": lambda row: False,
    },
    "statements": {
        "contract=C2": lambda row: row["contract"] == "C2",
        "contractor=green": lambda row: row["contractor"] == "green",
        "state=approved": lambda row: row["state"] == "approved",
        "state=prepared": lambda row: row["state"] == "prepared",
        "state=sent_back": lambda row: row["state"] == "sent_back",
        "from=2013-01-31&until=2013-01-31": lambda row: row["period"] == "2013-01",
        "from=2013-02-01": lambda row: row["period"] >= "2013-02",
    },
    "charges": {
        "contractor=green": lambda row: row["contract"] in ("C1", "C3"),
        "state=prepared": lambda row: row["state"] == "prepared",
        "state=approved": lambda row: row["state"] == "approved",
    },
    "contracts": {
        "contractor=green": lambda row: row["contractor"] == "green",
        "from=2014-01-01": lambda row: False,
        "from=2013-12-31&until=2014-06-30": lambda row: True,
        "until=2012-12-31": lambda row: False,
    },
    "organisations": {"kind=contractor": lambda row: row["kind"] == "contractor"},
    "users": {
        "role=manager": lambda row: row["role"] == "manager",
        "organisation=green": lambda row: row["organisation"] == "green",
        "active=false": lambda row: not row["active"],
    },
    "postings": {
        "user=inspector-s": lambda row: row["user"] == "inspector-s",
        "zone=S": lambda row: row["zone"] == "S",
        "zone=N&user=supervisor-n": lambda row: row["user"] == "supervisor-n",
        "zone=nowhere": lambda row: False,
        "known_at=2000-01-01T00:00:00Z": lambda row: False,
    },
    "zones": {"zone=N": lambda row: row["path"].startswith("/N/")},
    "plots": {
        "zone=N": lambda row: row["zone"] == "N1",
        "kind=lawn": lambda row: row["kind"] == "lawn",
        "kind=hedge": lambda row: False,
        "grade=1": lambda row: row["grade"] == "1",
        "grade=2": lambda row: False,
        "at=118.8005,31.9004": lambda row: row["code"] == "N-1",
        "at=118.8005,31.9004&zone=S": lambda row: False,
        "at=118.80153,31.9004": lambda row: False,  # between two, 44 m from either
        "at=118.80153,31.9004&accuracy_m=50": lambda row: row["code"] in NORTH,
    },
    "schemes": {"code=park": lambda row: True, "as_of=2011-12-31": lambda row: False},
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_keeps_what_fits_and_pages_are_the_whole(full: World, name: str) -> None:
    full.prepare("C2", 2)
    client, path = full.client("auditor"), f"{PREFIX}/{name}"
    whole = everything_of(client, path)
    assert whole
    for asked, keep in FILTERS[name].items():
        filters = dict(part.split("=") for part in asked.split("&"))
        kept = everything_of(client, path, **filters)
        assert kept == [row for row in whole if keep(row)], asked
        by_one = _pages(client, path, {**filters, "limit": "1"})
        assert by_one == kept, f"{asked}, page by page"


def _pages(client: Any, path: str, asked: dict[str, str]) -> list[Any]:
    rows: list[Any] = []
    after = ""
    while True:
        body = client.get(path, params={**asked, "after": after}).json()
        assert len(body["items"]) <= 1
        rows += body["items"]
        if body["next"] is None:
            return rows
        after = body["next"]


def test_every_list_that_names_plots_is_tried(world: World) -> None:
    lists = {path.removeprefix(f"{PREFIX}/") for _, path in LISTS}
    assert lists <= set(FILTERS)


@pytest.mark.parametrize("name", ["tasks", "scores", "findings", "photos"])
def test_only_the_rows_of_a_page_are_read(full: World, name: str) -> None:
    """A zone's first row is one row of the database's answer, however many lie elsewhere."""
    client = full.client("auditor")
    read: list[int] = []

    def count(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "LIMIT" in statement and f"FROM {name[:-1]}" in statement.replace("finding_photo", "photo"):
            read.append(statement.count("zone_id") + statement.count("zone.path"))

    event.listen(full.app.state.database.engine, "after_cursor_execute", count)
    assert client.get(f"{PREFIX}/{name}", params={"zone": "S", "limit": 1}).status_code == 200
    assert read, "the zone is asked for in the statement that is cut to a page"
    assert all(read)


def test_what_is_out_of_sight_cannot_be_asked_for(full: World) -> None:
    client = full.client("green-1")
    for asked in ({"contractor": "river"}, {"contract": "C2"}, {"plot": "S-1"}):
        absent = dict.fromkeys(asked, "X-9")
        answers = [client.get(f"{PREFIX}/findings", params=params) for params in (asked, absent)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()


def test_scores_findings_and_versions_as_known_at_an_instant(full: World, targets: dict[str, Target]) -> None:
    client = full.client("auditor")
    early, late = "2013-01-01T00:00:00+08:00", full.read("auditor", lambda session: now(session).isoformat())
    for path in ("scores", "findings", "plots/N-1/versions"):
        assert everything_of(client, f"{PREFIX}/{path}", known_at=late) == everything_of(client, f"{PREFIX}/{path}")
    assert everything_of(client, f"{PREFIX}/findings", known_at=early) == []
    finding = f"{PREFIX}/findings/{targets['own'].finding}"
    whole = client.get(finding).json()
    assert len(whole["steps"]) == 2
    filed = client.get(finding, params={"known_at": whole["steps"][0]["at"]}).json()
    assert (filed["state"], len(filed["steps"]), filed["photos"], filed["acts"]) == ("filed", 1, [], [])
    assert client.get(finding, params={"known_at": early}).status_code == 404


def test_events_of_some_days_and_of_one_kind(full: World) -> None:
    client = full.client("auditor")

    def seqs(**asked: str) -> list[int]:
        return [
            row["seq"]
            for row in client.get(f"{PREFIX}/audit-events", params={"limit": "1000", **asked}).json()["items"]
        ]

    events = client.get(f"{PREFIX}/audit-events", params={"limit": "1000"}).json()["items"]
    assert seqs(verb="finding.file") == [row["seq"] for row in events if row["verb"] == "finding.file"] != []
    on_the_day = seqs(**{"from": "2013-01-20", "until": "2013-01-20"})
    assert on_the_day == [row["seq"] for row in events if "2013-01-19T16:00" <= row["at"] < "2013-01-20T16:00"] != []
    assert seqs(until="2013-01-19") + on_the_day + seqs(**{"from": "2013-01-21"}) == [row["seq"] for row in events]


def test_a_zone_narrows_what_is_shown_after_the_contract_too_and_its_case_counts(world: World) -> None:
    world.on(date(2013, 8, 10))
    world.confirm(world.file("N-1"))
    world.on(date(2014, 1, 5))
    green = world.client("green-1")

    def found(**asked: str) -> int:
        return len(green.get(f"{PREFIX}/findings", params=asked).json()["items"])

    assert (found(), found(zone="N1"), found(zone="N"), found(zone="S"), found(zone="n1")) == (1, 1, 1, 0, 0)
