"""Register as of a day.

As an auditor and as an inspector of half of it ask. The peer is what is written first: all versions fetched as
objects, the truth about the day chosen in Python, with the same result.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlmodel import Session, col, select

from service.contracts.models import ContractLine, ContractLineVersion
from service.contracts.queries import totals
from service.plots.models import Plot, PlotVersion, Zone
from service.plots.queries import listed
from tests.benchmarks.land import DAY, PLOTS, VERSIONS, land
from tests.benchmarks.row import Row, seconds

PAGE, AFTER, ZONE = 100, "J050000", "L04"
SIZE = f"{PLOTS:,} plots, {PLOTS * len(VERSIONS):,} versions"


def standing(session: Session, day: date) -> dict[UUID, PlotVersion]:
    """Return what is true of every plot on a day, as a short script finds it."""
    truth: dict[UUID, PlotVersion] = {}
    query = select(PlotVersion).order_by(col(PlotVersion.recorded_at), col(PlotVersion.id))
    for version in session.exec(query):
        if version.span.holds(day):
            truth[version.subject_id] = version
    return truth


def page_plain(session: Session, day: date, zone: str = "") -> list[str]:
    """Return the codes of a page."""
    truth = standing(session, day)
    zones = {row.id: row.code for row in session.exec(select(Zone))}
    plots = session.exec(select(Plot).where(col(Plot.code) > AFTER).order_by(col(Plot.code)))
    return [p.code for p in plots if p.id in truth and (not zone or zones[truth[p.id].zone_id] == zone)][:PAGE]


def page(session: Session, day: date, zone: str = "") -> list[str]:
    """Return the same by the query of the pages and of the API."""
    return [row.code for row in listed(session, as_of=day, after=AFTER, zone=zone, limit=PAGE)]


def totals_plain(session: Session, day: date) -> tuple[int, Decimal]:
    """Return how many plots and square metres are contracted on a day."""
    lines = {line.id: line for line in session.exec(select(ContractLine))}
    query = select(ContractLineVersion).order_by(col(ContractLineVersion.recorded_at), col(ContractLineVersion.id))
    truth = {version.subject_id: version for version in session.exec(query) if version.span.holds(day)}
    plots = {lines[version.subject_id].plot_id for version in truth.values()}
    return len(plots), sum((version.quantity for version in truth.values()), Decimal(0))


def totals_of_the_day(session: Session, day: date) -> tuple[int, Decimal]:
    """Return the same as `greenkeep status` does, which also prices them."""
    sums = totals(session, as_of=day)
    return sums.plots, sums.area_m2


def beside(
    what: str, ours: Callable[[], object], peer: str, plain: Callable[[], object], at_least: float | None
) -> Row:
    """Measure both, which have to say the same."""
    told: list[object] = []
    plain_s = seconds(lambda: told.append(plain()), runs=1)
    assert told == [ours()]
    return Row(what, SIZE, seconds(ours, runs=3), "s", peer, plain_s, at_least)


def main() -> list[Row]:
    """Measure all in one run."""
    world = land()
    rows: list[Row] = []
    for who, what, zone in (("auditor", "a page of 100", ""), ("inspector", "a page of 100 of a zone", ZONE)):
        ours, plain = (partial(world.read, who, read, DAY, zone) for read in (page, page_plain))
        rows.append(beside(f"{what}, as {who}", ours, "all versions, chosen in Python", plain, 20))
    sums, plain_sums = (partial(world.read, "auditor", read, DAY) for read in (totals_of_the_day, totals_plain))
    rows.append(beside("what is contracted", sums, "all versions, summed in Python", plain_sums, None))
    return rows


if __name__ == "__main__":
    for row in main():
        print(json.dumps(asdict(row) | {"ratio": row.ratio}))
