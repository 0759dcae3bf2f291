"""A park in which every text that anybody may enter is hostile: one round of records for each payload."""

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from sqlmodel import Session, select

from service.access.actions import add_organisation, add_user
from service.access.models import Organisation
from service.access.queries import actor_of, organisation_by_code, user_by_code
from service.access.sign_in_actions import issue_token
from service.contracts.actions import NewAmendment, amend_contract, sign_contract
from service.contracts.models import Contract
from service.core.actor import Actor, Kind, Role
from service.core.db import now
from service.core.ids import new_id
from service.exchange.actions import NewUpload, Stored, receive_upload
from service.exchange.quarantine import Quarantine
from service.exchange.rules import UploadKind
from service.findings.actions import NewFinding, act_on_finding, file_finding
from service.findings.rules import Act, Severity
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.jobs.uploads import check_uploads
from service.plots.actions import add_zone, enter_plots
from service.plots.facts import PlotFacts
from service.plots.models import Plot, Zone
from service.schemes.actions import enter_scheme
from service.settlement.actions import decide_statement, prepare_statement
from service.settlement.rules import Decision
from service.standards.actions import enter_catalogue
from service.standards.models import FindingType, Grade, Operation
from service.workplan.actions import enter_tasks
from service.workplan.models import Task
from tests.conftest import World
from tests.park import ALWAYS, SCHEME, YEAR, changed, month_of, new_contract, new_line

FILED_ON, TODAY = date(2013, 1, 20), date(2013, 3, 2)
DUE: dict[str, Any] = {"due_from": date(2013, 1, 1), "due_until": date(2013, 1, 31)}
DAYS: dict[str, Any] = {"valid_from": date(2013, 1, 1), "valid_to": date(2013, 2, 1)}
PERIOD = month_of(1)


def code_of(payload: str) -> str:
    """Return a payload as it stands in a code, which a file may hold up to 80 characters of: its begin and its end."""
    return payload if len(payload) <= 80 else payload[:72] + payload[-8:]


def enter(world: World, payloads: Sequence[str]) -> None:
    """Put each payload into every text: codes, names, titles, notes, reasons. It is 2 March 2013 afterwards."""
    world.act("host", _grounds, payloads)
    people = [world.act("host", _people, n, payload) for n, payload in enumerate(payloads)]
    world.act("host", _contracts, payloads)
    world.act("host", _work, payloads)
    world.on(FILED_ON)
    found = [_finding(world, n, payload, *own) for n, (payload, own) in enumerate(zip(payloads, people, strict=True))]
    world.on(date(2013, 2, 2))
    for n, (payload, (filer, decider)) in enumerate(zip(payloads, people, strict=True)):
        _amended(world, n, payload, filer)
        with world.database.transaction(filer) as session:
            code = prepare_statement(session, filer, _contract_code(n, payload), PERIOD).statement.code
        with world.database.transaction(decider) as session:
            decide_statement(session, decider, code, Decision.SENT_BACK, reason=payload)
    assert len(found) == len(payloads)
    world.on(TODAY)


def _contract_code(n: int, payload: str) -> str:
    """Return a code without slashes, which would lead to another page."""
    return f"K{n}-{payload.replace('/', '∕')}"[:60]


def _grounds(session: Session, actor: Actor, payloads: Sequence[str]) -> None:
    park = organisation_by_code(session, "park")
    names: list[dict[str, Any]] = [
        {"name_zh": text, "name_en": text, "source": text, "valid_from": ALWAYS} for text in payloads
    ]
    kinds: dict[str, Any] = {"grouping": "lawn", "cure_days": 3, "points": Decimal(1)}
    types = [FindingType(code=f"t{n}", unit=row["source"], **row, **kinds) for n, row in enumerate(names)]
    works = [Operation(code=f"o{n}", unit=row["source"], **row) for n, row in enumerate(names)]
    enter_catalogue(session, actor, park, "finding_types", types)
    enter_catalogue(session, actor, park, "operations", works)
    enter_catalogue(session, actor, park, "grades", [Grade(code=f"g{n}", **row) for n, row in enumerate(names)])
    for n, payload in enumerate(payloads):
        add_zone(session, actor, code=f"H{n}", parent=None, name_zh=payload, name_en=payload)
    zones = {zone.code: zone.id for zone in session.exec(select(Zone))}
    facts = [_plot(n, payload, zones[f"H{n}"]) for n, payload in enumerate(payloads)]
    enter_plots(session, actor, facts, valid_from=ALWAYS, source=park)


def _plot(n: int, payload: str, zone: UUID) -> PlotFacts:
    west, south = 118.81 + 0.002 * (n % 20), 31.85 + 0.002 * (n // 20)
    shape = shapely.MultiPolygon([shapely.box(west, south, west + 0.001, south + 0.001)])
    figures: tuple[Any, ...] = (Decimal("100.00"), 10000.0, "geod", "EPSG:4326", shape)
    return PlotFacts(code_of(payload), zone, payload, payload, "lawn", f"g{n}", *figures)


def _people(session: Session, actor: Actor, n: int, payload: str) -> tuple[Actor, Actor]:
    """Open accounts whose names are hostile, one with a token: of a manager, and of another who decides."""
    park = organisation_by_code(session, "park")
    made = []
    for code in (f"h{n}a", f"h{n}b"):
        user = add_user(session, actor, code=code, name=payload, role=Role.MANAGER, organisation=park, language="en")
        made.append(actor_of(user))
    issue_token(session, actor, user_by_code(session, f"h{n}a"), name=payload)
    return made[0], made[1]


def _contracts(session: Session, actor: Actor, payloads: Sequence[str]) -> None:
    plots = {plot.code: plot.id for plot in session.exec(select(Plot))}
    for n, payload in enumerate(payloads):
        names = {"name_zh": payload, "name_en": payload}
        party = add_organisation(session, actor, code=f"h{n}", kind=Kind.CONTRACTOR, **names)
        scheme, _new = enter_scheme(session, actor, _scheme(n, payload))
        code = code_of(payload)
        contract = new_contract(_contract_code(n, payload), party.id, scheme.id)
        contract.title_zh = contract.title_en = payload
        eye = session.get_one(Organisation, organisation_by_code(session, "eye").id)
        line = new_line(plots[code], code, "100.00", "2", YEAR)
        sign_contract(session, actor, contract, [line], [("consultant", eye)])


def _scheme(n: int, payload: str) -> str:
    """Return the park's scheme with hostile titles; a text in JSON is one in YAML, too."""
    title = json.dumps({"zh": payload, "en": payload})
    named = SCHEME.replace("scheme: park", f"scheme: hostile-{n}")
    text = re.sub(r"title: {zh.*}", lambda _: f"title: {title}", named)
    return text.replace('clause: "1"', f"clause: {json.dumps(payload)}")


def _work(session: Session, actor: Actor, payloads: Sequence[str]) -> None:
    plots = {plot.code: plot.id for plot in session.exec(select(Plot))}
    contracts = {contract.code: contract.id for contract in session.exec(select(Contract))}
    places: list[dict[str, Any]] = [
        {"plot_id": plots[code_of(text)], "contract_id": contracts[_contract_code(n, text)]}
        for n, text in enumerate(payloads)
    ]
    source = organisation_by_code(session, "park")
    rows = [
        Task(operation=f"o{n}", quantity=Decimal(1), unit=text, reported_by=text, signed_by=text, **DUE, **place)
        for n, (text, place) in enumerate(zip(payloads, places, strict=True))
    ]
    enter_tasks(session, actor, rows, source=source)
    scores = [
        Score(channel=text, score=Decimal(90), recorded_at=now(session), recorded_by=text, **DAYS, **place)
        for text, place in zip(payloads, places, strict=True)
    ]
    enter_scores(session, actor, scores, source=source)


def _finding(world: World, n: int, payload: str, filer: Actor, decider: Actor) -> UUID:
    west, south = 118.81 + 0.002 * (n % 20), 31.85 + 0.002 * (n // 20)
    point = shapely.Point(west + 0.0005, south + 0.0005)
    new = NewFinding(code_of(payload), f"t{n}", Severity.MINOR, Decimal(1), payload, point, FILED_ON)
    with world.database.transaction(filer) as session:
        record, _new = file_finding(session, filer, new_id(), new)
    with world.database.transaction(decider) as session:
        act_on_finding(session, decider, record.finding.id, Act.CONFIRM, note=payload)
    return record.finding.id


def _amended(world: World, n: int, payload: str, by: Actor) -> None:
    change = changed(code_of(payload), month_of(12), price="2.1")
    with world.database.transaction(by) as session:
        new = NewAmendment(FILED_ON, payload, payload, (change,))
        amend_contract(session, by, _contract_code(n, payload), new_id(), new)


def upload(world: World, payload: str) -> UUID:
    """Send a file with a hostile name and hostile cells, and let it be read; return the upload's id."""
    quarantine: Quarantine = world.app.state.quarantine
    cell = '"' + payload.replace('"', '""') + '"'
    shape = '"POLYGON((118.80 31.80, 118.81 31.80, 118.80 31.81, 118.81 31.81, 118.80 31.80))"'
    content = f"code,name_zh,name_en,zone,kind,grade,geometry\n{cell},{cell},{cell},{cell},{cell},{cell},{shape}\n"
    with quarantine.incoming() as coming:
        coming.write(content.encode())
        coming.finish()
    name = f"{code_of(payload)[:70].replace('/', '∕')}.csv"
    new = NewUpload(UploadKind.PLOTS, name, {}, date(2013, 1, 1), ())
    kept, _new = world.act("manager", receive_upload, new_id(), new, Stored(coming.name, coming.sha256, coming.bytes))
    check_uploads(world.database, quarantine)
    return kept.id
