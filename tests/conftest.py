"""The world that tests meet: a small park with two contracts in 2013, made by the very actions that people use.

    world.act("manager", prepare_statement, "C1", period)    run an action as somebody, in one transaction
    world.read("viewer", findings, plot=plot_id)             run a query as somebody
    with world.session("auditor") as session: ...            a session that sees with somebody's eyes
    world.on(date(2013, 8, 5))                               move the clock on to 09:00 of a day; it never goes back
    world.file("N-1") -> id; world.confirm(id)               a finding of `litter`, 1 point a place
    world.prepare("C1", 8) -> code; world.approve(code); world.settle("C1", 8)    a month's statement
    world.actors["manager"]; world.client("manager")         an actor; an HTTP client of the app with that user's token
    world.browser("manager")                                 an HTTP client in which that user has just signed in

People: host, admin, auditor, viewer, manager, manager-2, supervisor (all zones), inspector (zone N), inspector-s
(zone S), green-1 and river-1 of the contractors `green` and `river`. Zones N > N1, S. Plots are squares of about
100 m: N-1 and N-2 in N1, S-1 and S-2 in S. C1 of `green`: N-1 and N-2, twelfths, rounded per contract. C2 of
`river`: S-1, actual/365, rounded per line. S-2 has no contract. Both contracts: 2013, CNY, settled by month after the
scheme `park` (tests/park.py): 100 points less the points of the findings; each point less than 100 costs 10.00.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar
from uuid import UUID

import pytest
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import settings
from sqlmodel import Session

import gis  # GDAL reads its environment when it starts: a test that loads pyogrio first would meet all its drivers
from service import models
from service.access.queries import user_by_code
from service.access.sign_in_actions import issue_link, issue_token, sign_in
from service.core.actor import GATE, Actor
from service.core.db import Database
from service.core.ids import new_id
from service.core.settings import Settings
from service.findings.actions import NewFinding, act_on_finding, file_finding
from service.findings.rules import Act, Severity
from service.settlement.actions import decide_statement, prepare_statement
from service.settlement.rules import Decision
from tests.park import HOST, ZONE, build, month_of
from tests.support.masters import Masters, migrated

pytest_plugins = ("pytester", "tests.support.strict", "tests.support.databases", "tests.support.browser")

# a busy machine is no failure of a law; examples are derived from the test, so that every run tries the same
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

P = ParamSpec("P")
R = TypeVar("R")
COMPLETE = (gis, models)  # imported for what they set up


class Stand(NamedTuple):
    """The time of a world, its people and its plots."""

    instant: datetime
    actors: dict[str, Actor]
    plots: dict[str, UUID]


class World:
    """A database with the park in it, and a clock that moves on a second at every look."""

    def __init__(self, url: str, folder: Path, stand: Stand | None = None) -> None:
        self.url, self.folder = url, folder
        stand = stand or Stand(datetime(2012, 12, 20, 9, tzinfo=ZONE), {"host": HOST}, {})
        self.instant, actors, plots = stand
        self.actors, self.plots = dict(actors), dict(plots)  # the stand is every test's: what one adds is its own
        self.database = Database(url, clock=self.clock, zone=ZONE)
        self._clients: dict[str, TestClient] = {}

    @property
    def stand(self) -> Stand:
        """What of the world is not in its database, for a copy of it."""
        return Stand(self.instant, self.actors, self.plots)

    def clock(self) -> datetime:
        """Return a later instant than before."""
        self.instant += timedelta(seconds=1)
        return self.instant

    def on(self, day: date) -> None:
        """Move the clock on to nine in the morning of a day."""
        instant = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
        assert instant > self.instant, f"the clock stands at {self.instant} already"
        self.instant = instant

    def session(self, who: str, *, write: bool = False) -> AbstractContextManager[Session]:
        """Return a transaction with somebody's eyes."""
        return self.database.transaction(self.actors[who], write=write)

    def act(
        self, who: str, action: Callable[Concatenate[Session, Actor, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run an action as somebody, in a transaction of its own."""
        with self.session(who, write=True) as session:
            return action(session, self.actors[who], *args, **kwargs)

    def read(self, who: str, query: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a query as somebody."""
        with self.session(who) as session:
            return query(session, *args, **kwargs)

    def file(
        self,
        plot: str,
        *,
        quantity: str = "1",
        on: date | None = None,
        by: str = "inspector",
        type_: str = "litter",
        point: shapely.Point | None = None,
        finding_id: UUID | None = None,
    ) -> UUID:
        """File a finding, of today if not said otherwise."""
        day = on or self.instant.date()
        new = NewFinding(plot, type_, Severity.MINOR, Decimal(quantity), "见照片", point, day)
        record, _new = self.act(by, file_finding, finding_id or new_id(), new)
        return record.finding.id

    def take(self, finding_id: UUID, act: Act, by: str) -> None:
        """Take a step in a finding's life."""
        self.act(by, act_on_finding, finding_id, act)

    def confirm(self, finding_id: UUID, by: str = "supervisor") -> None:
        """Confirm a finding."""
        self.take(finding_id, Act.CONFIRM, by)

    def prepare(self, contract: str, month: int, by: str = "manager") -> str:
        """Prepare a month's statement; return its code."""
        record = self.act(by, prepare_statement, contract, month_of(month))
        return record.statement.code

    def approve(self, code: str, by: str = "manager-2") -> None:
        """Approve a statement."""
        self.act(by, decide_statement, code, Decision.APPROVED)

    def send_back(self, code: str, by: str = "manager-2") -> None:
        """Send a statement back."""
        self.act(by, decide_statement, code, Decision.SENT_BACK, reason="again")

    def settle(self, contract: str, *months: int) -> None:
        """Prepare and approve months, one after another."""
        for month in months:
            self.approve(self.prepare(contract, month))

    @cached_property
    def app(self) -> FastAPI:
        """The web application over this database; loaded by those tests alone that ask for it."""
        own = Settings(folder=self.folder, database_url=self.url)
        made: FastAPI = import_module("service.app").create_app(own, clock=self.clock)
        return made

    def client(self, who: str = "") -> TestClient:
        """Return an HTTP client with somebody's token; without a name one that nobody has signed in with."""
        if who not in self._clients:
            headers = {}
            if who:
                token = self.act("host", _token, who)
                headers["Authorization"] = f"Bearer {token}"
            self._clients[who] = TestClient(self.app, headers=headers)
        return self._clients[who]

    def link(self, who: str) -> str:
        """Return the secret of a fresh sign-in link."""
        return self.act("host", _link, who)

    def browser(self, who: str) -> TestClient:
        """Return an HTTP client in which somebody has just signed in by a link."""
        secret = self.link(who)
        with self.database.transaction(GATE) as session:
            _user, cookie = sign_in(session, GATE, secret)
        return TestClient(self.app, cookies={"greenkeep": cookie})

    def close(self) -> None:
        """Give back every connection."""
        self.database.engine.dispose()
        if "app" in vars(self):
            self.app.state.database.engine.dispose()


def _link(session: Session, actor: Actor, who: str) -> str:
    return issue_link(session, actor, user_by_code(session, who))


def _token(session: Session, actor: Actor, who: str) -> str:
    return issue_token(session, actor, user_by_code(session, who), name="tests")


@contextmanager
def park(url: str, folder: Path) -> Iterator[World]:
    """Make the park in a fresh, migrated database."""
    made = World(url, folder)
    with made.session("host", write=True) as session:
        people, made.plots = build(session)
    made.actors |= people
    try:
        yield made
    finally:
        made.close()


def in_park(url: str, folder: Path, _before: object) -> Stand:
    """Step: make the park in a migrated database."""
    with park(url, folder) as made:
        return made.stand


@pytest.fixture
def world(masters: Masters, tmp_path: Path) -> Iterator[World]:
    """Yield the park in a database that no other test sees."""
    with masters.copied(tmp_path, migrated, in_park) as (url, stand):
        made = World(url, tmp_path, stand)
        try:
            yield made
        finally:
            made.close()
