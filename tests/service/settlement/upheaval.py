"""Everything around a settled January of C1 changes; what was stored, and what a replay of it gives."""

import json
from datetime import date

from sqlalchemy import create_engine, text
from sqlmodel import Session, select

from service.access.models import Organisation
from service.assessment.rules import replay
from service.core.actor import Actor
from service.core.dates import period_name
from service.plots.actions import enter_plots
from service.plots.models import Zone
from service.schemes.actions import enter_scheme
from service.schemes.explanation import canonical
from service.schemes.language import read_scheme
from service.schemes.models import SchemeVersion
from service.settlement.queries import lines, statement_by_code
from service.settlement.rules import LineKind
from tests.conftest import World
from tests.park import SCHEME, YEAR, amend, changed, square

Replayed = list[tuple[str, str, int, bytes]]  # rule, key, amount, explanation


def replayed(world: World, code: str) -> Replayed:
    """Work the stored scheme text over the stored inputs."""
    with world.session("auditor") as session:
        record = statement_by_code(session, code)
        scheme = read_scheme(session.get_one(SchemeVersion, record.statement.scheme_id).text)
    period = period_name(record.statement.valid_from, record.contract.settled)
    results = replay(scheme, record.statement.inputs, record.contract.code, period)
    return [(r.rule.name, " ".join(r.key), r.amount_minor, canonical(r.node)) for r in results]


def stored(world: World, code: str) -> Replayed:
    """Return the statement's own lines; how the contract's fee came about stands beside the scheme's explanation."""
    with world.session("auditor") as session:
        rows = lines(session, statement_by_code(session, code).statement)
    own = [row for row in rows if row.kind in (LineKind.EARNED, LineKind.DEDUCTED)]
    nodes = [json.loads(row.explanation) for row in own]
    for node in nodes:
        node.pop("fee", None)
    return [(row.rule, row.key, row.amount_minor, canonical(n)) for row, n in zip(own, nodes, strict=True)]


def upheave(world: World) -> None:
    """Change the plot, the line, the findings, the scheme's next version and, past the door, the catalogue."""
    world.act("manager", _change_plot_and_line)
    world.confirm(world.file("N-1", quantity="9", on=date(2013, 1, 11), by="manager"))
    world.act("manager", enter_scheme, SCHEME.replace("version: 1", "version: 2").replace("10 CNY", "99 CNY"))
    engine = create_engine(world.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE finding_type SET points = points * 7, cure_days = 99, name_en = 'other'"))
        connection.execute(text("UPDATE grade SET name_en = 'other'"))
        connection.execute(text("UPDATE organisation SET name_en = 'other' WHERE code = 'green'"))
    engine.dispose()


def _change_plot_and_line(session: Session, actor: Actor, /) -> None:
    zone = session.exec(select(Zone).where(Zone.code == "S")).one()
    park = session.exec(select(Organisation).where(Organisation.code == "park")).one()
    moved = square("N-1", 118.9, 31.95, zone.id)
    enter_plots(session, actor, [moved], valid_from=date(2013, 1, 1), source=park)
    amend(session, actor, "C1", changed("N-1", YEAR, "1.00", "999"))
