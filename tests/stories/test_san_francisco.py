"""San Francisco's own files: a register, ten years of scores, an invented contract, one quarter settled, a map."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from service.core.actor import Actor, Role
from service.core.db import Database
from service.core.settings import Settings
from service.exchange.queries import import_of, set_asides
from service.exchange.texts import open_file
from service.inspections.queries import scores as all_scores
from service.opening import open_database
from service.plots.queries import register
from service.settlement.queries import lines, statement_by_code
from tests.support.browser import Chromium

OURS = Path("data/san_francisco")
ACRE_M2 = Decimal("4046.8564224")  # the international acre, in which the city's totals are known
AUDITOR = Actor("host:story", Role.HOST)


class Story:
    """The commands that an operator types, run as an operator runs them, and what each said."""

    def __init__(self, files: Path, folder: Path) -> None:
        self.files, self.folder = files, folder
        self.environment = {**os.environ, "GREENKEEP_FOLDER": str(folder / "greenkeep"), "LC_ALL": "en_US.UTF-8"}
        self.environment.pop("GREENKEEP_DATABASE_URL", None)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command."""
        command = [sys.executable, "-c", "import sys; from service.cli import main; sys.exit(main())", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def scores(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Import the quarterly scores."""
        file = str(self.files / "Park_Scores_2005-2014.csv")
        return self.run("import", "scores", file, "--layout", str(OURS / "scores-layout.yaml"), *more)

    def plots(self) -> subprocess.CompletedProcess[str]:
        """Import the register."""
        file = str(self.files / "Recreation_and_Parks_Properties.csv")
        layout = str(OURS / "plots-layout.yaml")
        return self.run("import", "plots", file, "--layout", layout, "--from", "2004-07-01")

    @property
    def database(self) -> Database:
        """The database that the commands wrote."""
        return open_database(Settings(folder=self.folder / "greenkeep", database_url=""))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """An authority with its register, scheme and contract; every command must have gone well."""
    folder = os.environ.get("GREENKEEP_REAL_DATA")
    if not folder:
        pytest.skip("GREENKEEP_REAL_DATA names no folder with the city's files")
    story = Story(Path(folder) / "sf-parks", tmp_path_factory.mktemp("san-francisco"))
    for done in (
        story.run("init", str(OURS / "authority.yaml")),
        story.plots(),
        story.run("import", "scheme", "data/schemes/sf-quarterly.yaml"),
        story.run("import", "contract", str(OURS / "contract.yaml")),
    ):
        assert done.returncode == 0, done.stderr
    return story


def test_the_register_comes_in_whole(story: Story) -> None:
    with story.database.transaction(AUDITOR, write=False) as session:
        records = register(session)
        measured = sum(Decimal(record.version.measured_area_m2) for record in records)
        declared = sum((record.version.declared_area_m2 or Decimal(0) for record in records), Decimal(0))
    assert len(records) == 158
    assert round(measured / ACRE_M2, 3) == Decimal("2601.265")
    assert {record.version.area_method for record in records} == {"geodesic WGS84 v1"}
    acres = Fraction(declared) / Fraction(62_726_400_000, 15_499_969)  # US survey acres, as the city declares
    assert round(float(acres), 3) == 2600.886
    again = story.plots()
    assert "158 rows, 0 written, 158 unchanged" in again.stdout
    assert again.stderr.count(" share ") == 4  # neighbours that overlap are named, and nothing is moved


def test_no_score_is_dropped_in_silence(story: Story) -> None:
    refused = story.scores()
    assert refused.returncode == 1
    assert "Problems in the file: 1524." in refused.stderr
    assert refused.stderr.count("No plot has the code") == 5495 - 3972
    assert "row 4, plot: No plot has the code 117 (Alamo Square)." in refused.stderr
    done = story.scores("--set-aside", "unlinked,missing")
    assert done.returncode == 0, done.stderr
    with (story.files / "Park_Scores_2005-2014.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5495
    with story.database.transaction(AUDITOR, write=False) as session:
        codes = {record.plot.code for record in register(session)}
        kept = all_scores(session)
        batch = import_of(session, "scores", open_file(story.files / "Park_Scores_2005-2014.csv").sha256)
        assert batch
        aside = set_asides(session, batch)
    linked = [row for row in rows if row["ParkID"] in codes]
    assert len(linked) == 3972
    reasons = Counter(row.reason for row in aside)
    assert len(kept) + len(aside) == 5495
    assert reasons["unlinked"] == 5495 - 3972
    assert len(kept) == 3972 - reasons["missing"]
    assert len({plot.id for _, plot in kept}) == 132
    assert f"set aside, unlinked: {reasons['unlinked']}" in done.stdout
    assert Counter(row.name for row in aside if row.reason == "unlinked") == Counter(
        row["Park"] for row in rows if row["ParkID"] not in codes
    )
    numbers = [Decimal(row["Score"]) for row in rows if row["Score"] != "NULL"]
    assert len(numbers) == 5494
    assert round(sum(numbers) / len(numbers), 6) == Decimal("0.897962")
    assert sum(number < Decimal("0.8") for number in numbers) == 776
    repeated = Counter((row["ParkID"], row["FQ"]) for row in rows)
    assert sum(count > 1 for count in repeated.values()) == 159
    twice = story.scores("--set-aside", "unlinked,missing")
    assert twice.returncode == 1
    assert "imported" in twice.stderr


def test_a_quarter_is_settled_by_the_scores_of_its_visits(story: Story) -> None:
    done = story.run("settle", "2005-Q1")
    assert done.returncode == 0, done.stderr
    assert "awaits a second person" in done.stdout
    with story.database.transaction(AUDITOR, write=False) as session:
        record = statement_by_code(session, "SF-2005-2005-Q1")
        entered = lines(session, record.statement)
        area = sum((r.version.declared_area_m2 or Decimal(0) for r in register(session)), Decimal(0))
        codes = {r.plot.code for r in register(session)}
    yearly = area * Decimal("2.10")
    exact = Fraction(yearly) * 90 / 365
    assert entered[0].amount_minor == int(exact * 100 + Fraction(1, 2))
    with (story.files / "Park_Scores_2005-2014.csv").open(encoding="utf-8-sig") as file:
        visits = defaultdict(list)
        for row in csv.DictReader(file):
            if row["FQ"] == "FY05Q3" and row["ParkID"] in codes and row["Score"] != "NULL":
                visits[row["ParkID"]].append(Fraction(row["Score"]) * 100)
    parks = [sum(scores) / len(scores) for scores in visits.values()]
    mean = sum(parks) / len(parks)
    assert record.statement.score == Decimal(round(mean * 100)) / 100
    assert record.state == "prepared"
    assert record.statement.payable_minor == sum(line.amount_minor for line in entered)


def test_the_auditor_finds_everything_in_order(story: Story) -> None:
    status = json.loads(story.run("status", "--json", "--as-of", "2005-03-31").stdout)
    assert {name: status[name] for name in ("plots", "contracts", "contractors", "currency")} == {
        "plots": 158,
        "contracts": 1,
        "contractors": 1,
        "currency": "USD",
    }
    assert story.run("audit", "verify").returncode == 0
    assert story.run("doctor").returncode == 0


def test_the_map_asks_nobody_for_anything(story: Story, chromium: Chromium) -> None:
    place = story.folder / "parks.html"
    done = story.run("map", "register", "-o", str(place), "--as-of", "2005-03-31", "--language", "en")
    assert done.returncode == 0, done.stderr
    page = chromium.open(place.as_uri(), language="en")  # fails by itself when the page asks any host
    page.wait_for_selector("canvas")
    assert "158" in page.inner_text("body")
