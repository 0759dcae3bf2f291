"""The founding case, entered through the same imports and actions that users have, under a scripted clock."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import shapely
import yaml
from sqlmodel import Session

from data import founding_case
from data.founding_case import story
from service import migrations
from service.access import actions as access
from service.access.queries import actor_of, organisation_by_code, users
from service.core.actor import Actor, Role
from service.core.dates import Span, half_open, periods_between
from service.core.db import Database
from service.core.ids import new_id
from service.core.settings import Settings
from service.evidence.store import Store
from service.exchange.authority_in import AuthorityFile, initialise
from service.exchange.contract_in import ContractFile, import_contract
from service.exchange.plots_in import PlotsLayout, import_plots
from service.exchange.tasks_in import import_tasks
from service.exchange.texts import File, open_file, read_document
from service.findings.actions import NewFinding, act_on_finding, add_photo, file_finding
from service.findings.rules import Act, Severity
from service.jobs.worker import work_off
from service.plots.actions import post_to_zones
from service.schemes.actions import enter_scheme
from service.settlement.actions import decide_statement, prepare_statement
from service.settlement.rules import Decision

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = story.NOW.astimezone(ZONE)
FOUNDED = datetime(2011, 12, 20, 9, 0, tzinfo=ZONE)
REGISTERS = {"plots-2012.geojson": date(2012, 1, 1), "plots.gpkg": date(2013, 1, 1)}  # and the day each holds from
HOST = Actor("host:demo", Role.HOST)
PREPARES, APPROVES = "zhou", "wang"
STEPS = (
    ("confirmed", Act.CONFIRM),
    ("cured", Act.REPORT_CURED),
    ("verified", Act.VERIFY),
    ("withdrawn", Act.WITHDRAW),
)


@dataclass
class ScriptedClock:
    """Shows the instant that the script has come to, a millisecond later at every look."""

    instant: datetime

    def __call__(self) -> datetime:
        """Return a later instant than before."""
        self.instant += timedelta(milliseconds=1)
        return self.instant.astimezone(UTC)


@dataclass
class Stage:
    """The database under the scripted clock, the files, and who is who."""

    database: Database
    store: Store
    files: Path
    clock: ScriptedClock
    people: dict[str, Actor] = field(default_factory=dict)
    findings: dict[str, UUID] = field(default_factory=dict)

    def at(self, instant: datetime, actor: Actor, act: Callable[[Session, Actor], T]) -> T:
        """Do something as somebody, at an instant."""
        self.clock.instant = max(instant, self.clock.instant)
        with self.database.transaction(actor) as session:
            return act(session, actor)


def build(folder: Path) -> None:
    """Build the demo's database, files and evidence store in an empty folder."""
    files = folder / "founding-case"
    founding_case.write(files)
    settings = Settings(folder=folder, database_url="")  # never a database that others use
    migrations.upgrade(settings.url)
    settings.context.mkdir()
    for name in ("streets.geojson", "water.geojson"):
        (settings.context / name).write_bytes((files / name).read_bytes())
    clock = ScriptedClock(FOUNDED)
    stage = Stage(Database(settings.url, clock, ZONE), Store(settings.store), files, clock)
    _found(stage)
    script = [*_registers(stage), *_contracts(stage), *_findings(stage), *_tasks(stage)]
    for instant, act in sorted(script, key=lambda event: event[0]):
        stage.clock.instant = max(instant, stage.clock.instant)
        act()
    work_off(stage.database, stage.store)  # clean pictures, so that the first look at the demo shows them
    stage.database.engine.dispose()


def _found(stage: Stage) -> None:
    """December 2011: authority, people and scheme."""
    file = open_file(stage.files / "authority.yaml")
    content = read_document(file, AuthorityFile)
    content.authority.demo_at = TODAY
    content.authority.last_numbers = _last_numbers(stage)
    stage.at(FOUNDED, HOST, lambda session, actor: initialise(session, actor, file, content))
    stage.at(FOUNDED, HOST, lambda session, actor: _people(session, actor, stage))
    with stage.database.transaction(HOST, write=False) as session:
        stage.people = {user.code: actor_of(user) for user in users(session)}
    scheme = open_file(stage.files / "jn-2012.yaml")
    wang = stage.people[APPROVES]
    stage.at(FOUNDED + timedelta(days=4), wang, lambda s, a: enter_scheme(s, a, scheme.text))


def _last_numbers(stage: Stage) -> dict[str, int]:
    """The findings of each year go on behind those that had numbers before."""
    firsts: dict[str, int] = {}
    for row in _all_findings(stage):
        firsts.setdefault(f"finding {_instant(row['filed_at']).year}", int(row["ref"].removeprefix("F-")))
    return {kind: first - 1 for kind, first in firsts.items()}


def _people(session: Session, actor: Actor, stage: Stage) -> None:
    for row in yaml.safe_load((stage.files / "users.yaml").read_text()):
        organisation = organisation_by_code(session, row["organisation"])
        user = access.add_user(
            session,
            actor,
            code=row["code"],
            name=row["name"],
            role=Role(row["role"]),
            organisation=organisation,
            language=row["language"],
        )
        if row["zones"]:
            post_to_zones(session, actor, user, row["zones"])


Event = tuple[datetime, Callable[[], object]]


def _registers(stage: Stage) -> Iterator[Event]:
    """Before each year the register is brought to what holds in it."""
    for name, first in REGISTERS.items():
        yield _days_before(first, 11), _registering(stage, open_file(stage.files / name), first)


def _registering(stage: Stage, file: File, first: date) -> Callable[[], None]:
    def act() -> None:
        wang, layout = stage.people[APPROVES], PlotsLayout()
        stage.at(stage.clock.instant, wang, lambda s, a: import_plots(s, a, file, layout, valid_from=first))

    return act


def _contracts(stage: Stage) -> Iterator[Event]:
    """Each contract is signed before its year; on the second of each month one settles the month before it."""
    for path in sorted(stage.files.glob("contract-*.yaml")):
        file = open_file(path)
        terms = read_document(file, ContractFile)
        yield _days_before(terms.from_, 4), _signing(stage, file, terms)
        yield from _settlements(stage, terms)


def _signing(stage: Stage, file: File, terms: ContractFile) -> Callable[[], None]:
    def act() -> None:
        stage.at(stage.clock.instant, stage.people[APPROVES], lambda s, a: import_contract(s, a, file, terms))

    return act


def _days_before(day: date, days: int) -> datetime:
    return datetime.combine(day, FOUNDED.timetz()) - timedelta(days=days)


def _findings(stage: Stage) -> Iterator[Event]:
    """Each step of each finding, as the person who took it."""
    for row in _all_findings(stage):
        yield _instant(row["filed_at"]), _filing(stage, row)
        for step, act in STEPS:
            if row[f"{step}_at"]:
                yield _instant(row[f"{step}_at"]), _stepping(stage, row, row[f"{step}_by"], act)


def _filing(stage: Stage, row: Mapping[str, str]) -> Callable[[], None]:
    def act() -> None:
        finding_id = stage.findings[row["ref"]] = new_id()
        new = NewFinding(
            plot=row["plot"],
            type=row["type"],
            severity=Severity(row["severity"]),
            quantity=Decimal(row["quantity"]),
            text=row["text"],
            point=shapely.Point(float(row["lon"]), float(row["lat"])) if row["lon"] else None,
            found_on=_instant(row["filed_at"]).date(),
        )
        filer = stage.people[row["filed_by"]]
        stage.at(stage.clock.instant, filer, lambda session, actor: file_finding(session, actor, finding_id, new))
        if row["photo"]:
            _photo(stage, filer, finding_id, stage.files / "photos" / row["photo"])

    return act


def _stepping(stage: Stage, row: Mapping[str, str], by: str, act: Act) -> Callable[[], None]:
    def step() -> None:
        finding_id, person = stage.findings[row["ref"]], stage.people[by]
        after = stage.files / "photos" / f"{row['ref']}-after.jpg"
        if act is Act.REPORT_CURED and after.exists():
            _photo(stage, person, finding_id, after)
        stage.at(stage.clock.instant, person, lambda s, a: act_on_finding(s, a, finding_id, act))

    return step


def _photo(stage: Stage, person: Actor, finding_id: UUID, path: Path) -> None:
    content = path.read_bytes()
    digest = stage.store.put(content)
    stage.at(stage.clock.instant, person, lambda s, a: add_photo(s, a, finding_id, content, digest))


def _tasks(stage: Stage) -> Iterator[Event]:
    """The work of a month comes in at its end, of the last one on the demo's day; what is done later is not in it."""
    rows = [row for name in ("tasks-2012.csv", "tasks.csv") for row in _rows(stage.files / name)]
    firsts = [span.valid_from for span in periods_between(Span(FOUNDED.date(), TODAY.date()), "month")][1:]
    ends = [datetime.combine(first, time(17), ZONE) - timedelta(days=1) for first in firsts[1:]]
    for first, end in zip(firsts, [*ends, TODAY - timedelta(minutes=20)], strict=True):
        listed = (row for row in rows if row["due_from"] <= str(end.date()))
        known = [row for row in listed if str(first) <= max(row["due_until"], row["done_on"])]
        told = [row if row["done_on"] <= str(end.date()) else row | _UNDONE for row in known]
        if told:
            yield end, _listing(stage, f"tasks-{end:%Y-%m-%d}.csv", told)


_UNDONE = {"done_on": "", "reported_by": "", "signed_by": ""}


def _listing(stage: Stage, name: str, rows: list[dict[str, Any]]) -> Callable[[], None]:
    def act() -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        file = File(stage.files / name, text.getvalue().encode())
        stage.at(stage.clock.instant, stage.people[PREPARES], lambda s, a: import_tasks(s, a, file))

    return act


def _settlements(stage: Stage, terms: ContractFile) -> Iterator[Event]:
    """On the second of each month one prepares the month before, another approves in the afternoon."""
    for period in periods_between(half_open(terms.from_, terms.until), terms.settled):
        assert period.valid_to
        day = datetime.combine(period.valid_to, time(), ZONE) + timedelta(days=1)
        if day < TODAY:
            yield day.replace(hour=9, minute=30), _preparing(stage, terms.contract, period)
            yield day.replace(hour=16, minute=30), _approving(stage, terms.contract, period)


def _preparing(stage: Stage, contract: str, period: Span) -> Callable[[], None]:
    def act() -> None:
        stage.at(stage.clock.instant, stage.people[PREPARES], lambda s, a: prepare_statement(s, a, contract, period))

    return act


def _approving(stage: Stage, contract: str, period: Span) -> Callable[[], None]:
    def act() -> None:
        code = f"{contract}-{period.valid_from:%Y-%m}"
        stage.at(
            stage.clock.instant, stage.people[APPROVES], lambda s, a: decide_statement(s, a, code, Decision.APPROVED)
        )

    return act


def _all_findings(stage: Stage) -> Iterator[dict[str, str]]:
    for name in ("findings-2012.csv", "findings.csv"):
        yield from _rows(stage.files / name)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    return iter(list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
