"""M8: deadlines, days and money fall as a walker through the calendar says, on any clock and in any zone."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

from data import catalogues
from service.core.db import Database, today
from service.findings.queries import finding_by_id
from service.settlement.queries import lines, statement_by_code
from service.standards import rules
from service.standards.rules import DayUnit
from tests.conftest import World
from tests.park import HOST
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial

ROOT = Path(__file__).resolve().parents[3]
ST_JOHNS = "America/St_Johns"
AHEAD = {"UTC": 0, "Asia/Shanghai": 480, ST_JOHNS: -210}  # minutes ahead of UTC in winter
SUMMERS = [  # of St. John's, where the clocks are an hour further ahead
    (datetime(2028, 3, 12, 5, 30, tzinfo=UTC), datetime(2028, 11, 5, 4, 30, tzinfo=UTC)),
    (datetime(2038, 3, 14, 5, 30, tzinfo=UTC), datetime(2038, 11, 7, 4, 30, tzinfo=UTC)),
]
FAR = (date(2028, 2, 29), date(2038, 1, 20))
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EDGES = ((2, 28), (2, 29), (12, 31), (1, 1), (9, 30), (10, 7), (4, 30), (1, 19))
MINUTES = (-61, -1, 0, 1, 59, 719, 1379, 1439, 1440)  # about a midnight
# tests of days and money, which a computer's zone must not touch
SUITE = (
    "tests/service/core/test_dates.py",
    "tests/service/core/test_money.py",
    "tests/service/core/test_temporal.py",
    "tests/service/contracts",
    "tests/service/assessment",
    "tests/service/settlement",
    "tests/service/standards",
    "tests/service/findings",
    "tests/stories/test_contract_year.py",
)


class Day(NamedTuple):
    """A day of the calendar, in numbers alone."""

    year: int
    month: int
    day: int

    def next(self) -> "Day":
        """Return the day after."""
        leap = self.month == 2 and self.year % 4 == 0 and (self.year % 100 != 0 or self.year % 400 == 0)
        if self.day < MONTH_DAYS[self.month - 1] + leap:
            return Day(self.year, self.month, self.day + 1)
        return Day(self.year, self.month + 1, 1) if self.month < 12 else Day(self.year + 1, 1, 1)

    def is_weekend(self) -> bool:
        """Tell whether it is a Saturday or a Sunday, by Zeller's congruence."""
        year, month = (self.year, self.month) if self.month > 2 else (self.year - 1, self.month + 12)
        century, rest = divmod(year, 100)
        return (self.day + 13 * (month + 1) // 5 + rest + rest // 4 + century // 4 + 5 * century) % 7 < 2


def run(trial: Trial) -> Outcome:
    """Walk deadlines; look at days about midnights on far clocks; settle months under each zone of the computer.

    The full form also runs the tests of days and money under each zone.
    """
    random, named = Random(trial.seed), published()
    deadlines = 5_000 if trial.full else 1_000
    with by_weekends() if trial.control else nullcontext():
        faults = [fault for _ in range(deadlines) for fault in differing(random, named)]
        with fresh_park(trial) as world:
            instants = list(far_days(world))
            faults += [fault for _, fault in instants if fault]
            moved = list(far_cures(world))
            faults += [fault for _, fault in moved if fault]
    years = {zone: settled(trial, zone) for zone in AHEAD}
    suites = {zone: tested(zone) for zone in AHEAD} if trial.full and not trial.control else {}
    for told in (years, suites):
        faults += [f"{zone} differs from UTC" for zone in told if told[zone] != told["UTC"]]
    faults += [f"{zone}: {outcome}" for zone, outcome in suites.items() if "failed" in outcome or "error" in outcome]
    tried = f"{deadlines} deadlines, {len(instants)} midnights and {len(moved)} cures on far clocks, "
    tried += f"settled months in {len(AHEAD)} zones" + "".join(f", {zone}: {said}" for zone, said in suites.items())
    return Outcome(not faults, summary(faults, tried))


def published() -> Mapping[date, bool]:
    """Return the packaged calendar of 2012 and 2013."""
    rows = catalogues.rows(catalogues.WORKDAYS)
    return {date.fromisoformat(row["day"]): row["open"] == "yes" for row in rows}


@contextmanager
def by_weekends() -> Iterator[None]:
    """Break the product: the calendar is not looked at."""
    with patch.object(rules, "works", lambda day, calendar: day.weekday() < 5):
        yield


def differing(random: Random, named: Mapping[date, bool]) -> Iterator[str]:
    """Yield where one deadline differs from the walker's; half of them start about an edge of the calendar."""
    year = random.choice((2011, 2012, 2012, 2013, 2013, 2013, 2014, 2028, 2037, 2038, 2100))
    start = date(year, 1, 1) + timedelta(days=random.randrange(365))
    if random.random() < 0.5:
        month, day = random.choice(EDGES)
        start = date(year, month, min(day, 29 if year % 4 == 0 and year != 2100 else 28) if month == 2 else day)
        start += timedelta(days=random.randint(-9, 3))
    count, unit = random.choice((1, 2, 3, 5, 10, random.randint(0, 400))), random.choice(list(DayUnit))
    got = rules.deadline(start, count, unit, named)
    expected = walked(start, count, unit, named)
    if got != expected:
        yield f"{count} {unit} after {start}: {got.day} instead of {expected[0]}"


def walked(start: date, count: int, unit: DayUnit, named: Mapping[date, bool]) -> tuple[date, bool]:
    """Walk from day to day, and note whether a year was passed that names no 1 January."""
    calendar = {Day(day.year, day.month, day.day): is_open for day, is_open in named.items()}
    at, passed = Day(start.year, start.month, start.day), 0
    unknown = Day(at.year, 1, 1) not in calendar
    while passed < count:
        at = at.next()
        unknown = unknown or Day(at.year, 1, 1) not in calendar
        passed += unit is DayUnit.DAYS or (calendar[at] if at in calendar else not at.is_weekend())
    return date(*at), unknown and unit is DayUnit.WORKING_DAYS


def far_days(world: World) -> Iterator[tuple[date, str]]:
    """Yield each look at the day about midnights, with and without summer time, and what it got wrong."""
    for zone, ahead in AHEAD.items():
        for day in (*FAR, *(start.date() for start, _ in SUMMERS), *(end.date() for _, end in SUMMERS)):
            for minutes in MINUTES:
                instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes - ahead)
                summer = zone == ST_JOHNS and any(start <= instant < end for start, end in SUMMERS)
                expected = (instant + timedelta(minutes=ahead + 60 * summer)).date()
                database = Database(world.url, clock=lambda now=instant: now, zone=ZoneInfo(zone))  # type: ignore[misc]
                with database.transaction(HOST) as session:
                    got = today(session)
                database.engine.dispose()
                yield day, "" if got == expected else f"{instant} in {zone}: {got} instead of {expected}"


def far_cures(world: World) -> Iterator[tuple[date, str]]:
    """Confirm findings on far days, through the product, and yield where a cure is due otherwise than in three days."""
    for day in FAR:
        world.on(day)
        finding = world.file("N-1", on=day)
        world.confirm(finding)
        due, expected = world.read("auditor", finding_by_id, finding).last.due_on, walked(day, 3, DayUnit.DAYS, {})[0]
        yield day, "" if due == expected else f"confirmed on {day}: due {due} instead of {expected}"


def settled(trial: Trial, zone: str) -> str:
    """Return the hash of settled months, worked by a computer that stands in a zone."""
    told = sha256()
    with standing_in(zone), fresh_park(trial, f"year-in-{zone.replace('/', '-')}") as world:
        for month in range(1, 12 if trial.full else 4):
            world.on(date(2013, month, 28))
            finding = world.file("N-1", quantity=str(month))
            world.confirm(finding)
            told.update(str(world.read("auditor", finding_by_id, finding).last.due_on).encode())
            world.on(date(2013, month + 1, 1))
            for contract in ("C1", "C2"):
                world.settle(contract, month)
                with world.session("auditor") as session:
                    for line in lines(session, statement_by_code(session, f"{contract}-2013-{month:02}").statement):
                        told.update(f"{line.number} {line.amount_minor} {line.explanation}\n".encode())
    return told.hexdigest()


@contextmanager
def standing_in(zone: str) -> Iterator[None]:
    """Put the computer into a zone."""
    with patch.dict(os.environ, TZ=zone):
        time.tzset()
        yield
    time.tzset()


def tested(zone: str) -> str:
    """Return how many of the tests of days and money pass in a zone."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", *SUITE]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=False)
    return done.stdout.strip().splitlines()[-1].split(" in ")[0].strip("= ")


CHECK = Check(
    name="M8",
    claim="Deadlines over holidays, moved working days, month ends and leap days are a day-by-day walker's; "
    "midnights of summer time and of 2038 fall on their days; money is the same wherever the computer stands",
    target="0 of 5,000 differ; equal in every zone",
    control="working days without the calendar: weekends alone",
    run=run,
)
