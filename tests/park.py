"""The small park of the tests, made by the very actions that people use. tests/conftest.py says what is in it."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import shapely
from sqlmodel import Session, col, select

from service.access.actions import add_organisation, add_user, found_authority
from service.access.models import Authority, Organisation, User
from service.access.queries import actor_of
from service.contracts.actions import NewAmendment, amend_contract, sign_contract
from service.contracts.changes import Act, LineChange
from service.contracts.described import NewLine
from service.contracts.models import Amendment, Contract
from service.contracts.rules import DayCount, Rounding, Unit
from service.core.actor import Actor, Kind, Role
from service.core.dates import Span, half_open, period_of
from service.core.db import today
from service.core.ids import new_id
from service.plots.actions import add_zone, enter_plots, post_to_zones
from service.plots.facts import PlotFacts
from service.plots.models import Plot, Zone
from service.schemes.actions import enter_scheme
from service.standards.actions import enter_catalogue
from service.standards.models import FindingType, Grade, Operation

ZONE = ZoneInfo("Asia/Shanghai")
HOST = Actor("host:test", Role.HOST)
YEAR = half_open(date(2013, 1, 1), date(2013, 12, 31))
ALWAYS = date(2000, 1, 1)
PEOPLE = {  # code: role, organisation, zones
    "admin": (Role.ADMIN, "park", ()),
    "auditor": (Role.AUDITOR, "park", ()),
    "viewer": (Role.VIEWER, "park", ()),
    "manager": (Role.MANAGER, "park", ()),
    "manager-2": (Role.MANAGER, "park", ()),
    "supervisor": (Role.SUPERVISOR, "eye", ("N", "S")),
    "inspector": (Role.INSPECTOR, "park", ("N",)),
    "inspector-s": (Role.INSPECTOR, "park", ("S",)),
    "green-1": (Role.CONTRACTOR, "green", ()),
    "river-1": (Role.CONTRACTOR, "river", ()),
}
SQUARES = {"N-1": (118.800, 31.900), "N-2": (118.802, 31.900), "S-1": (118.800, 31.890), "S-2": (118.802, 31.890)}
SCHEME = """\
scheme: park
version: 1
from: 2012-01-01
title: {zh: 测试办法, en: Test scheme}
currency: CNY 2
rounding: half_up
score: month_score
pots: {earned: money +, deducted: money -}
steps:
  - all:
      - rule: month_fee
        clause: "1"
        title: {zh: 月度合同款, en: Monthly fee}
        from: lines
        per: [contract, month]
        value: sum(amount)
        gives: money
        into: earned
      - rule: lost
        from: findings
        per: [finding, contract, month]
        value: points * part(quantity)
        gives: points
        round: "2"
      - rule: month_score
        from: lost
        per: [contract, month]
        value: 100 - sum(lost)
        gives: points
        round: "2"
      - rule: deduction
        clause: "2"
        title: {zh: 考核扣款, en: Deduction}
        per: [contract, month]
        value: 10 CNY * part(100 - month_score)
        gives: money
        into: deducted
payment: {per: [contract, month], below_zero: carry}
examples:
  - example: nothing found
    period: 2013-05
    facts: {lines: [{amount: 1000, valid_from: 2013-05-01, valid_to: 2013-06-01}]}
    expect: {month_score: 100, payment: 1000}
"""


def month_of(month: int) -> Span:
    """Return a month of 2013."""
    return period_of(date(2013, month, 1), "month")


def new_line(plot_id: UUID, plot: str, quantity: str, price: str, span: Span = YEAR) -> NewLine:
    """Return a line of square metres, at a price a year."""
    return NewLine(plot_id, plot, span, Decimal(quantity), Unit.M2, "projected", Decimal(price), "1")


def changed(plot: str, span: Span, quantity: str | None = None, price: str | None = None) -> LineChange:
    """Return a change of a line; a quantity of 0 takes the plot out."""
    if quantity == "0":
        return LineChange(Act.REMOVE, plot, span)
    figures = [figure and Decimal(figure) for figure in (quantity, price)]
    return LineChange(Act.CHANGE, plot, span, figures[0] or None, unit_price=figures[1] or None)


def added(plot: str, span: Span, quantity: str, price: str) -> LineChange:
    """Return the addition of a plot by square metres."""
    return LineChange(Act.ADD, plot, span, Decimal(quantity), Unit.M2, "projected", Decimal(price), "1")


def amend(session: Session, actor: Actor, /, code: str, *changes: LineChange) -> Amendment:
    """Enter an amendment of a contract, signed today."""
    new = NewAmendment(today(session), "面积调整", "补充协议", changes)
    return amend_contract(session, actor, code, new_id(), new)[0]


def new_contract(code: str, contractor_id: UUID, scheme_id: UUID, **other: Any) -> Contract:
    """Return a contract of 2013, not yet signed."""
    facts: dict[str, Any] = {
        "valid_from": YEAR.valid_from,
        "valid_to": YEAR.valid_to,
        "currency": "CNY",
        "day_count": DayCount.TWELFTHS,
        "rounding": Rounding.PER_CONTRACT,
        "settled": "month",
        "vat_percent": Decimal(6),
    }
    facts |= {"contractor_id": contractor_id, "scheme_id": scheme_id} | other
    return Contract(code=code, title_zh=f"{code} 养护合同", title_en=f"Contract {code}", **facts)


def square(code: str, west: float, south: float, zone_id: UUID) -> PlotFacts:
    """Return a square plot of about 100 m."""
    shape = shapely.MultiPolygon([shapely.box(west, south, west + 0.00106, south + 0.0009)])
    return PlotFacts(
        code,
        zone_id,
        f"{code} 号地",
        f"Plot {code}",
        "lawn",
        "1",
        Decimal("10000.00"),
        10000.0,
        "geod",
        "EPSG:4326",
        shape,
    )


def _people(session: Session) -> dict[str, UUID]:
    kinds = {"park": Kind.AUTHORITY, "eye": Kind.CONSULTANT, "green": Kind.CONTRACTOR, "river": Kind.CONTRACTOR}
    parties = {
        code: add_organisation(session, HOST, code=code, kind=kind, name_zh=f"{code} 单位", name_en=code.title())
        for code, kind in kinds.items()
    }
    authority = Authority(
        organisation_id=parties["park"].id,
        time_zone=ZONE.key,
        locale="zh_CN",
        currency="CNY",
        indicators={},
        west=118.7,
        south=31.8,
        east=119.0,
        north=32.0,
    )
    found_authority(session, HOST, authority)
    for code, parent in {"N": None, "N1": "N", "S": None}.items():
        add_zone(session, HOST, code=code, parent=parent, name_zh=f"{code} 区", name_en=f"Zone {code}")
    for code, (role, organisation, zones) in PEOPLE.items():
        user = add_user(
            session, HOST, code=code, name=code.title(), role=role, organisation=parties[organisation], language="en"
        )
        if zones:
            post_to_zones(session, HOST, user, zones)
    _catalogues(session, parties["park"])
    return {code: party.id for code, party in parties.items()}


def names(name: str) -> dict[str, Any]:
    """Return what every catalogue's row has beside its code."""
    return {"name_zh": f"{name} 中文", "name_en": name.capitalize(), "source": "test", "valid_from": ALWAYS}


def _catalogues(session: Session, park: Organisation) -> None:
    types = [
        FindingType(code="litter", **names("litter"), unit="place", grouping="lawn", cure_days=3, points=Decimal(1)),
        FindingType(code="weeds", **names("weeds"), unit="m2", grouping="lawn", cure_days=5, points=Decimal("0.5")),
    ]
    enter_catalogue(session, HOST, park, "finding_types", types)
    grades = [Grade(code=code, **names(f"grade {code}")) for code in ("1", "2")]
    enter_catalogue(session, HOST, park, "grades", grades)
    mowing = Operation(code="mowing", **names("mowing"), unit="m2")
    enter_catalogue(session, HOST, park, "operations", [mowing])


def _register(session: Session) -> dict[str, UUID]:
    zones = {zone.code: zone.id for zone in session.exec(select(Zone))}
    facts = [square(code, *place, zones["N1" if code[0] == "N" else "S"]) for code, place in SQUARES.items()]
    park = session.exec(select(Organisation).where(col(Organisation.code) == "park")).one()
    enter_plots(session, HOST, facts, valid_from=ALWAYS, source=park)
    return {plot.code: plot.id for plot in session.exec(select(Plot))}


def _contracts(session: Session, parties: dict[str, UUID], plots: dict[str, UUID]) -> None:
    scheme, _new = enter_scheme(session, HOST, SCHEME)
    north = [new_line(plots["N-1"], "N-1", "1000.01", "3.55"), new_line(plots["N-2"], "N-2", "333.33", "3.1")]
    eye = session.get_one(Organisation, parties["eye"])
    sign_contract(session, HOST, new_contract("C1", parties["green"], scheme.id), north, [("consultant", eye)])
    terms = {"day_count": DayCount.ACTUAL_365, "rounding": Rounding.PER_LINE}
    south = [new_line(plots["S-1"], "S-1", "2000.00", "1.2")]
    sign_contract(session, HOST, new_contract("C2", parties["river"], scheme.id, **terms), south)


def build(session: Session) -> tuple[dict[str, Actor], dict[str, UUID]]:
    """Make the park as the host; return its people and its plots by code."""
    parties = _people(session)
    plots = _register(session)
    _contracts(session, parties, plots)
    return {user.code: actor_of(user) for user in session.exec(select(User))}, plots
