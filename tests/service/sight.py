"""Z2: in a random world, every list and every record against an oracle that knows only what was put in."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlmodel import Session, select

from service.access.queries import organisation_by_code
from service.contracts.actions import sign_contract
from service.contracts.described import NewLine
from service.contracts.models import Contract
from service.core.actor import Actor
from service.core.dates import Span, half_open
from service.core.db import now
from service.core.ids import new_id
from service.findings.actions import NewFinding, act_on_finding, file_finding
from service.findings.rules import Act, Severity
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.plots.actions import enter_plots
from service.plots.models import Plot, Zone
from service.schemes.models import SchemeVersion
from service.workplan.actions import enter_tasks
from service.workplan.models import Task
from tests.conftest import World
from tests.park import ALWAYS, new_contract, new_line, square
from tests.service.matrix import everything_of, rows_of_sheet
from tests.service.policy import PREFIX

ZONES = {"N": "/N/", "N1": "/N/N1/", "S": "/S/"}
NEW_YEAR, TODAY = date(2013, 1, 1), date(2013, 3, 2)
OWNERS = {"G1": "green", "G2": "green", "R1": "river"}
POSTED = {"inspector": "/N/", "inspector-s": "/S/"}
CONTRACTORS = {"green-1": "green", "river-1": "river"}
WATCHERS = ("viewer", "manager", "auditor", "admin", *POSTED, *CONTRACTORS)
Pair = tuple[str, str]


@dataclass
class Truth:
    """What was put in: plots by zone path, who covers which plot when, and (plot, contract) of what lies on them."""

    plots: dict[str, str] = field(default_factory=dict)
    covers: list[tuple[str, str, Span]] = field(default_factory=list)  # contract, plot, days
    findings: dict[str, tuple[str, str, bool]] = field(default_factory=dict)  # plot, contract, ever confirmed
    tasks: list[Pair] = field(default_factory=list)
    scores: list[Pair] = field(default_factory=list)
    statements: list[Pair] = field(default_factory=list)  # code, contract

    def contract_on(self, plot: str, day: date) -> str:
        """Return the contract that covers a plot on a day; empty when none does."""
        return next((c for c, p, span in self.covers if p == plot and span.holds(day)), "")

    def plots_of(self, who: str, day: date) -> list[str]:
        """Return the plots that somebody may see, as they are on a day."""
        if who in CONTRACTORS:
            return sorted(p for p in self.plots if self._owns(who, self.contract_on(p, day)))
        return sorted(p for p in self.plots if self._posted(who, p))

    def findings_of(self, who: str) -> list[str]:
        """Return the findings that somebody may see: a contractor those of its contracts that it was told of."""
        rows = self.findings.items()
        if who in CONTRACTORS:
            return sorted(i for i, (_, contract, told) in rows if told and self._owns(who, contract))
        return sorted(i for i, (plot, *_) in rows if who != "admin" and self._posted(who, plot))

    def placed(self, who: str, rows: list[Pair], *, admin: bool) -> list[str]:
        """Return the plots of the tasks or scores that somebody may see."""
        if who in CONTRACTORS:
            return sorted(plot for plot, contract in rows if self._owns(who, contract))
        return sorted(plot for plot, _ in rows if (admin or who != "admin") and self._posted(who, plot))

    def money(self, who: str, rows: list[Pair]) -> list[str]:
        """Return the codes of the statements that somebody may see."""
        return sorted(code for code, c in rows if who in ("manager", "auditor") or self._owns(who, c))

    def lines_of(self, who: str, contract: str, day: date) -> list[str]:
        """Return the plots of a contract's lines on a day that somebody may see."""
        if who in CONTRACTORS and not self._owns(who, contract):
            return []
        return sorted(p for c, p, span in self.covers if c == contract and span.holds(day) and self._posted(who, p))

    def _owns(self, who: str, contract: str) -> bool:
        return contract != "" and OWNERS[contract] == CONTRACTORS.get(who)

    def _posted(self, who: str, plot: str) -> bool:
        return self.plots[plot].startswith(POSTED.get(who, "/"))


def make(world: World, seed: int, *, plots: int = 8, findings: int = 14) -> Truth:
    """Put a random world into the park, whose own plots and contracts stay as they are; tell what was put in."""
    chance, truth = random.Random(seed), Truth()
    world.act("host", _ground, chance, truth, plots)
    world.on(TODAY - timedelta(days=20))
    world.act("host", _lying, chance, truth)
    world.act("manager", _problems, chance, truth, findings)
    world.act("supervisor", _confirmations, chance, truth)
    for contract in OWNERS:
        if any(contract == c for c, _, _ in truth.covers) and chance.random() < 0.7:
            world.settle(contract, 1)
            truth.statements.append((f"{contract}-2013-01", contract))
    world.on(TODAY)
    return truth


def _ground(session: Session, actor: Actor, chance: random.Random, truth: Truth, count: int) -> None:
    zones = {zone.code: zone.id for zone in session.exec(select(Zone))}
    facts = []
    for n in range(count):
        code, zone = f"Z-{n:02}", chance.choice(list(ZONES))
        truth.plots[code] = ZONES[zone]
        facts.append(square(code, 118.81 + n / 500, 31.9, zones[zone]))
    enter_plots(session, actor, facts, valid_from=ALWAYS, source=organisation_by_code(session, "park"))
    ids = {plot.code: plot.id for plot in session.exec(select(Plot))}
    lines: dict[str, list[NewLine]] = {contract: [] for contract in OWNERS}
    for code in truth.plots:
        for first, until in _spans(chance):
            contract, span = chance.choice(list(OWNERS)), half_open(first, until)
            if any((contract, code) == (c, p) for c, p, _ in truth.covers):
                continue
            truth.covers.append((contract, code, span))
            lines[contract].append(new_line(ids[code], code, "100.00", "2", span))
    scheme = session.exec(select(SchemeVersion)).one()
    for contract, own in lines.items():
        contractor = organisation_by_code(session, OWNERS[contract])
        sign_contract(session, actor, new_contract(contract, contractor.id, scheme.id), own)


def _spans(chance: random.Random) -> list[tuple[date, date]]:
    """Return no days, the year, or the year cut in two."""
    end = date(2013, 12, 31)
    cut = NEW_YEAR + timedelta(days=chance.randrange(5, 59))
    return chance.choice([[], [(NEW_YEAR, end)], [(NEW_YEAR, cut), (cut + timedelta(days=1), end)]])


def _lying(session: Session, actor: Actor, chance: random.Random, truth: Truth) -> None:
    ids = {plot.code: plot.id for plot in session.exec(select(Plot))}
    contracts = {contract.code: contract for contract in session.exec(select(Contract))}
    tasks, scores = [], []
    for plot in truth.plots:
        for day in {NEW_YEAR + timedelta(days=chance.randrange(40)) for _ in range(2)}:
            code = truth.contract_on(plot, day)
            place: dict[str, Any] = {"plot_id": ids[plot], "contract_id": contracts[code].id if code else None}
            tasks.append(Task(operation="mowing", due_from=day, due_until=day + timedelta(days=9), **place))
            truth.tasks.append((plot, code))
            known: dict[str, Any] = {"recorded_at": now(session), "recorded_by": actor.code, "channel": "visit"}
            days: dict[str, Any] = {"valid_from": day, "valid_to": day + timedelta(days=1)}
            scores.append(Score(score=Decimal(chance.randrange(60, 101)), **days, **known, **place))
            truth.scores.append((plot, code))
    enter_tasks(session, actor, tasks, source=contracts["C1"])
    enter_scores(session, actor, scores, source=contracts["C1"])


def _problems(session: Session, actor: Actor, chance: random.Random, truth: Truth, count: int) -> None:
    for _ in range(count):
        plot, day = chance.choice(list(truth.plots)), NEW_YEAR + timedelta(days=chance.randrange(40))
        new = NewFinding(plot, "litter", Severity.MINOR, Decimal(1), "", None, day)
        record, _new = file_finding(session, actor, new_id(), new)
        truth.findings[str(record.finding.id)] = (plot, truth.contract_on(plot, day), False)


def _confirmations(session: Session, actor: Actor, chance: random.Random, truth: Truth) -> None:
    for finding, (plot, contract, _) in list(truth.findings.items()):
        act = chance.choice([None, Act.CONFIRM, Act.CONFIRM, Act.WITHDRAW])
        if act:
            act_on_finding(session, actor, UUID(finding), act)
        if act is Act.CONFIRM:
            truth.findings[finding] = (plot, contract, True)
            if chance.random() < 0.3:
                act_on_finding(session, actor, UUID(finding), Act.WITHDRAW)


def differences(world: World, truth: Truth, seed: int) -> Iterator[str]:
    """Yield where somebody is shown more than the truth allows, or less."""
    chance = random.Random(seed)
    days = [TODAY, *(NEW_YEAR + timedelta(days=chance.randrange(60)) for _ in range(2))]
    for who in WATCHERS:
        client = world.client(who)
        for day in days:
            shown = _ours(truth, everything_of(client, f"{PREFIX}/plots", as_of=str(day)), "code")
            yield from _compare(f"{who} plots {day}", shown, truth.plots_of(who, day))
            yield from _drawn(client, who, day, truth)
        rows = [row for row in everything_of(client, f"{PREFIX}/findings") if row["plot"] in truth.plots]
        yield from _compare(f"{who} findings", sorted(row["id"] for row in rows), truth.findings_of(who))
        for path, facts, admin in (("tasks", truth.tasks, True), ("scores", truth.scores, False)):
            shown = _ours(truth, everything_of(client, f"{PREFIX}/{path}"), "plot")
            yield from _compare(f"{who} {path}", shown, truth.placed(who, facts, admin=admin))
        yield from _sheets(client, who, truth)
        shown = sorted(row["code"] for row in everything_of(client, f"{PREFIX}/statements"))
        yield from _compare(f"{who} statements", shown, truth.money(who, truth.statements))
        charged = {row["contract"] for row in everything_of(client, f"{PREFIX}/charges")}
        allowed = {c for code, c in truth.statements if code in truth.money(who, truth.statements)}
        yield from _compare(f"{who} charges", sorted(charged - allowed), [])
        yield from _records(client, who, truth)


def _sheets(client: TestClient, who: str, truth: Truth) -> Iterator[str]:
    """Compare the sheets: the same plots, tasks, scores and findings, and no other contract's lines."""
    allowed = {
        "plots": truth.plots_of(who, TODAY),
        "tasks": truth.placed(who, truth.tasks, admin=True),
        "scores": truth.placed(who, truth.scores, admin=False),
        "findings": sorted(truth.findings[finding][0] for finding in truth.findings_of(who)),
    }
    for name, plots in allowed.items():
        rows = rows_of_sheet(client.get(f"{PREFIX}/{name}.csv"))
        yield from _compare(f"{who} sheet of {name}", _ours(truth, rows, "Plot"), plots)
    answers = {code: client.get(f"{PREFIX}/statements/{code}/lines.csv").status_code for code, _ in truth.statements}
    shown = sorted(code for code, status in answers.items() if status == 200)
    yield from _compare(f"{who} sheets of statements", shown, truth.money(who, truth.statements))


def _ours(truth: Truth, rows: list[dict[str, Any]], key: str) -> list[str]:
    return sorted(row[key] for row in rows if row[key] in truth.plots)


def _drawn(client: TestClient, who: str, day: date, truth: Truth) -> Iterator[str]:
    """Compare what a map is given: the features, and how many they are said to be."""
    everywhere = {"format": "geojson", "bbox": "118.805,31.8,119,32", "as_of": str(day), "limit": "1000"}
    body = client.get(f"{PREFIX}/plots", params=everywhere).json()
    shown = sorted(feature["id"] for feature in body["features"])
    yield from _compare(f"{who} map {day}", shown, truth.plots_of(who, day))
    yield from _compare(f"{who} count {day}", [str(body["numberReturned"])], [str(len(shown))])


def _records(client: TestClient, who: str, truth: Truth) -> Iterator[str]:
    """Ask for each record, and for the lists of each plot and contract: absent and denied are the same."""
    status: Callable[[str], int] = lambda path: client.get(PREFIX + path).status_code  # noqa: E731
    shown = sorted(finding for finding in truth.findings if status(f"/findings/{finding}") == 200)
    yield from _compare(f"{who} each finding", shown, truth.findings_of(who))
    for contract in OWNERS:
        lines = client.get(f"{PREFIX}/contracts/{contract}/lines", params={"as_of": str(TODAY), "limit": "1000"}).json()
        shown = sorted(row["plot"] for row in lines.get("items", ()))
        yield from _compare(f"{who} lines of {contract}", shown, truth.lines_of(who, contract, TODAY))
    shown = sorted(plot for plot in truth.plots if status(f"/plots/{plot}") == 200)
    yield from _compare(f"{who} each plot", shown, truth.plots_of(who, TODAY))
    if who in CONTRACTORS:
        ever = {plot for contract, plot, _ in truth.covers if OWNERS[contract] == CONTRACTORS[who]}
        shown = sorted(plot for plot in truth.plots if status(f"/tasks?plot={plot}") == 200)
        yield from _compare(f"{who} plots by filter", shown, sorted(ever))
        shown = sorted(contract for contract in OWNERS if status(f"/charges?contract={contract}") == 200)
        yield from _compare(f"{who} contracts", shown, sorted(c for c in OWNERS if OWNERS[c] == CONTRACTORS[who]))


def _compare(place: str, shown: list[str], allowed: list[str]) -> Iterator[str]:
    if more := [row for row in shown if row not in allowed]:
        yield f"{place}: leaks {more}"
    elif shown != allowed:
        yield f"{place}: {shown}, not {allowed}"
