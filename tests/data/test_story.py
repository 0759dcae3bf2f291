"""Tasks, findings, people and pictures of the founding case."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

import pytest
import shapely
import yaml
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from data import catalogues
from data.founding_case.plots import plots

Rows = list[dict[str, str]]
Table = Callable[[str], Rows]
NOW = datetime.fromisoformat("2013-09-03T08:05+08:00")
EVENTS = ("filed", "confirmed", "cured", "verified")
TYPES = {row["code"]: row for row in catalogues.rows(catalogues.FINDING_TYPES)}


@pytest.fixture(scope="module")
def findings(table: Table) -> Rows:
    return table("findings.csv")


@pytest.fixture(scope="module")
def users(folder: Path) -> dict[str, dict[str, Any]]:
    people = yaml.safe_load((folder / "users.yaml").read_text(encoding="utf-8"))
    return {person["code"]: person for person in people}


def at(row: dict[str, str], event: str) -> datetime:
    return datetime.fromisoformat(row[f"{event}_at"])


def state(row: dict[str, str]) -> str:
    return "withdrawn" if row["withdrawn_at"] else [event for event in EVENTS if row[f"{event}_at"]][-1]


def test_every_role_has_somebody_and_every_firm_too(users: dict[str, dict[str, Any]], folder: Path) -> None:
    roles = Counter(person["role"] for person in users.values())
    assert set(roles) == {"viewer", "inspector", "supervisor", "contractor", "manager", "auditor", "admin"}
    assert roles["manager"] == 2
    authority = yaml.safe_load((folder / "authority.yaml").read_text(encoding="utf-8"))
    kinds = {item["code"]: item["kind"] for item in authority["organisations"]}
    zones = {zone["code"] for zone in authority["zones"]}
    firms = [person["organisation"] for person in users.values() if person["role"] == "contractor"]
    assert firms == ["HEMU", "QINGLING", "WOYE"]
    for person in users.values():
        expected = {"contractor": "contractor", "supervisor": "consultant"}.get(person["role"], "authority")
        assert kinds[person["organisation"]] == expected
        assert set(person["zones"]) <= zones
        assert person["language"] in {"zh", "en"}


def test_findings_are_numbered_without_a_gap_in_the_order_they_were_filed(findings: Rows) -> None:
    numbers = [int(row["ref"][2:]) for row in findings]
    assert numbers == list(range(numbers[0], 935))
    assert [row["filed_at"] for row in findings] == sorted(row["filed_at"] for row in findings)
    assert 150 <= len(findings) <= 200


def test_events_follow_each_other_and_none_is_in_the_future(findings: Rows) -> None:
    for row in findings:
        happened = [event for event in EVENTS if row[f"{event}_at"]]
        assert happened == list(EVENTS[: len(happened)]), row["ref"]
        times = [at(row, event) for event in happened]
        assert times == sorted(set(times)), row["ref"]
        assert max(times) <= NOW
        assert all(bool(row[f"{event}_at"]) == bool(row[f"{event}_by"]) for event in (*EVENTS, "withdrawn"))
        if row["withdrawn_at"]:
            assert "cured" not in happened
            assert max(times) < at(row, "withdrawn") <= NOW


def test_each_event_is_done_by_somebody_who_may(findings: Rows, users: dict[str, dict[str, Any]]) -> None:
    firm_of = {"J1": "HEMU", "J2": "QINGLING", "J3": "WOYE"}
    for row in findings:
        group = row["plot"][:2]
        who = {event: users[row[f"{event}_by"]] for event in EVENTS if row[f"{event}_by"]}
        assert who["filed"]["role"] == "inspector"
        assert group in who["filed"]["zones"]
        if "confirmed" in who:
            assert who["confirmed"]["role"] == "supervisor"
        if "cured" in who:
            assert who["cured"]["organisation"] == firm_of[group]
        if "verified" in who:
            assert who["verified"]["role"] in {"inspector", "supervisor"}
            assert group in who["verified"]["zones"]


def test_findings_lie_in_their_plots_and_name_known_types(findings: Rows) -> None:
    outlines = {plot.code: plot.outline for plot in plots()}
    for row in findings:
        assert outlines[row["plot"]].contains(shapely.Point(float(row["lon"]), float(row["lat"]))), row["ref"]
        assert row["unit"] == TYPES[row["type"]]["unit"]
        assert row["severity"] in {"minor", "severe"}
        assert Decimal(row["quantity"]) > 0
        assert row["text"]


def test_37_are_open_this_morning(findings: Rows) -> None:
    states = Counter(map(state, findings))
    assert (states["filed"], states["confirmed"], states["cured"]) == (5, 23, 9)
    assert states["withdrawn"] >= 3
    assert states["verified"] > sum(states.values()) / 2
    still = Counter(row["plot"][:2] for row in findings if state(row) in {"filed", "confirmed", "cured"})
    assert still == {"J1": 8, "J2": 17, "J3": 12}
    overdue = [
        row["ref"]
        for row in findings
        if state(row) == "confirmed"
        and at(row, "confirmed") + timedelta(days=int(TYPES[row["type"]]["cure_days"])) < NOW
    ]
    assert overdue == ["F-0904", "F-0911", "F-0917", "F-0918", "F-0920", "F-0922"]


def test_the_told_case(findings: Rows) -> None:
    (row,) = [row for row in findings if row["ref"] == "F-0871"]
    assert (row["plot"], row["type"], row["quantity"]) == ("J2-017", "grass_too_high", "12.3")
    assert (row["filed_by"], row["verified_by"], state(row)) == ("limin", "zhouqiang", "verified")
    (plot,) = [plot for plot in plots() if plot.code == "J2-017"]
    assert (plot.sketch.zh, plot.sketch.en) == ("科宁路北绿带", "Kening Road north verge")


def points_lost(row: dict[str, str]) -> Decimal:
    """As the demo's scheme has it: the type's points for each started unit, at most 1, or 3 when severe."""
    units = Decimal(row["quantity"]).to_integral_value(ROUND_CEILING)
    return min(Decimal(TYPES[row["type"]]["points"]) * units, Decimal(3 if row["severity"] == "severe" else 1))


def test_scores_move_between_84_and_100_and_some_change_after_their_settlement(findings: Rows) -> None:
    final: dict[tuple[int, str], Decimal] = defaultdict(lambda: Decimal(100))
    settled: dict[tuple[int, str], Decimal] = defaultdict(lambda: Decimal(100))
    for row in findings:
        if row["confirmed_at"]:
            month = at(row, "filed").month
            prepared = datetime.fromisoformat(f"2013-{month + 1:02d}-02T09:00+08:00")
            final[month, row["plot"][:2]] -= points_lost(row) * (not row["withdrawn_at"])
            settled[month, row["plot"][:2]] -= points_lost(row) * (at(row, "confirmed") < prepared)
    months = [(month, group) for month in range(1, 9) for group in ("J1", "J2", "J3")]
    assert all(84 <= final[key] < 100 and 84 <= settled[key] < 100 for key in months)
    assert [key for key in months if final[key] < 90] == [(5, "J2"), (6, "J3"), (7, "J2"), (8, "J2"), (8, "J3")]
    changed = {key: final[key] - settled[key] for key in months if final[key] != settled[key]}
    assert set(changed) == {(3, "J2"), (5, "J2"), (6, "J3"), (7, "J2"), (7, "J3")}
    assert [key for key, change in changed.items() if change > 0] == [(7, "J2")]


def test_late_findings_were_confirmed_after_the_approval(findings: Rows) -> None:
    late = [row for row in findings if row["confirmed_at"] and at(row, "confirmed").month != at(row, "filed").month]
    after = [row for row in late if at(row, "confirmed").day > 3]
    assert len(after) == 4
    assert all(
        at(row, "confirmed") < at(row, "confirmed").replace(day=2, hour=9, minute=0) for row in late if row not in after
    )


def test_tasks_are_planned_reported_and_signed(table: Table, users: dict[str, dict[str, Any]]) -> None:
    rows = table("tasks.csv")
    operations = {row["code"]: row["unit"] for row in catalogues.rows(catalogues.OPERATIONS)}
    codes = {plot.code for plot in plots()}
    assert len({(row["plot"], row["operation"], row["due_from"]) for row in rows}) == len(rows)
    assert 400 <= len(rows) <= 1_200
    for row in rows:
        assert row["plot"] in codes
        assert row["due_from"] <= row["due_until"]
        if row["done_on"]:
            assert row["due_from"] <= row["done_on"] <= "2013-09-03"
            assert row["unit"] == operations[row["operation"]]
            assert Decimal(row["quantity"]) > 0
            assert users[row["reported_by"]]["role"] == "contractor"
            assert not row["signed_by"] or users[row["signed_by"]]["role"] == "supervisor"
        else:
            assert {row["quantity"], row["unit"], row["reported_by"], row["signed_by"]} == {""}
    done = sum(bool(row["done_on"]) for row in rows)
    assert done > len(rows) * 0.85
    waiting = Counter(row["operation"] for row in rows if row["done_on"] and not row["signed_by"])
    assert waiting == {"water": 7, "fertilise_holes": 4}
    assert any(not row["done_on"] and date.fromisoformat(row["due_until"]) < NOW.date() for row in rows)


def test_pictures_exist_and_carry_claims_to_be_removed(findings: Rows, folder: Path) -> None:
    with_photo = [row for row in findings if row["photo"]]
    assert len(with_photo) >= 10
    for row in with_photo:
        with Image.open(folder / "photos" / row["photo"]) as picture:
            exif = picture.getexif()
            place = exif.get_ifd(IFD.GPSInfo)
            taken = exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal]
        degrees, minutes, seconds = map(float, place[GPS.GPSLatitude])
        assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(float(row["lat"]), abs=1e-6)
        assert taken == f"{at(row, 'filed'):%Y:%m:%d %H:%M:%S}"
