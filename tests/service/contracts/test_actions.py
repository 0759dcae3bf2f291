"""Contracts are signed, and their lines change, in two times; nothing is paid twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, datetime
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from service.access.models import Organisation
from service.access.rules import NotYours
from service.contracts.actions import sign_contract
from service.contracts.coverage import CoveredTwice
from service.contracts.described import NewLine
from service.contracts.models import Contract
from service.contracts.queries import (
    Cover,
    contract_by_code,
    contracts,
    covers,
    held_cover,
    lines_of,
    lock_contracts,
    pieces,
    terms_of,
    totals,
)
from service.contracts.rules import LineOutside, UnknownCurrency, fee
from service.core.actor import Actor
from service.core.dates import Span, half_open
from service.core.errors import Busy, CodeTaken, NotFound
from service.exchange.report import queue
from service.plots.queries import plot_as_of
from service.schemes.actions import enter_scheme
from service.schemes.models import SchemeVersion
from tests.conftest import World
from tests.park import SCHEME, YEAR, added, amend, changed, new_contract, new_line

HALF = half_open(date(2013, 7, 1), date(2013, 12, 31))
SPRING = half_open(date(2013, 1, 1), date(2013, 6, 30))


def sign(session: Session, actor: Actor, /, code: str, lines: Sequence[NewLine], **other: object) -> Contract:
    scheme = session.exec(select(SchemeVersion).order_by(col(SchemeVersion.code).desc())).first()
    assert scheme
    river = session.exec(select(Organisation).where(Organisation.code == "river")).one()
    return sign_contract(session, actor, new_contract(code, river.id, scheme.id, **other), lines)


def change(
    session: Session, actor: Actor, code: str, plot: str, quantity: str, span: Span, price: str = "3.55"
) -> None:
    amend(session, actor, code, changed(plot, span, quantity, price))


def held(world: World, day: date, *, known_at: datetime | None = None, who: str = "viewer") -> dict[str, str]:
    """Return which contract covers which plot, and how much of it."""
    names = {plot_id: code for code, plot_id in world.plots.items()}
    rows = world.read(who, covers, as_of=day, known_at=known_at)
    return {names[plot]: f"{cover.contract.code} {cover.version.quantity}" for plot, cover in rows.items()}


def test_a_contract_covers_its_plots_from_its_first_until_its_last_day(world: World) -> None:
    everything = {"N-1": "C1 1000.01", "N-2": "C1 333.33", "S-1": "C2 2000.00"}
    assert held(world, date(2013, 1, 1)) == held(world, date(2013, 12, 31)) == everything
    assert held(world, date(2012, 12, 31)) == held(world, date(2014, 1, 1)) == {}


def test_lines_are_numbered_in_their_order(world: World) -> None:
    with world.session("auditor") as session:
        contract, contractor = contract_by_code(session, "C1")
        rows = lines_of(session, contract)
    assert contractor.code == "green"
    assert [(line.number, plot.code) for line, plot, _ in rows] == [(1, "N-1"), (2, "N-2")]


@pytest.mark.parametrize("who", ["viewer", "inspector", "supervisor", "green-1", "river-1", "auditor", "admin"])
def test_only_managers_and_the_host_sign_and_change(world: World, who: str) -> None:
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, "C1")
    other = new_contract("C9", contract.contractor_id, contract.scheme_id)
    with pytest.raises(NotYours):
        world.act(who, sign_contract, other, [])
    with pytest.raises(NotYours):
        world.act(who, change, "C1", "N-1", "1", HALF)


def test_a_plot_that_another_contract_covers_is_refused(world: World) -> None:
    line = new_line(world.plots["N-1"], "N-1", "5", "1")
    with pytest.raises(CoveredTwice) as refused:
        world.act("manager", sign, "C9", [new_line(world.plots["S-2"], "S-2", "5", "1"), line])
    assert refused.value.details == {
        "plot": "N-1",
        "contract": "C1",
        "first": date(2013, 1, 1),
        "until": date(2013, 12, 31),
    }
    assert [contract.code for contract, _ in world.read("viewer", contracts)] == ["C1", "C2"]


def test_the_days_before_and_after_are_free(world: World) -> None:
    for code, first, until in (("C8", date(2012, 12, 1), date(2012, 12, 31)), ("C9", date(2014, 1, 1), None)):
        span = half_open(first, until or date(2014, 12, 31))
        line = new_line(world.plots["N-1"], "N-1", "5", "1", span)
        world.act("manager", sign, code, [line], valid_from=span.valid_from, valid_to=span.valid_to)
    assert held(world, date(2012, 12, 31)) == {"N-1": "C8 5.00"}
    assert held(world, date(2014, 1, 1)) == {"N-1": "C9 5.00"}


def test_one_day_in_common_is_enough(world: World) -> None:
    span = half_open(date(2012, 1, 1), date(2013, 1, 1))
    line = new_line(world.plots["N-1"], "N-1", "5", "1", span)
    with pytest.raises(CoveredTwice):
        world.act("manager", sign, "C9", [line], valid_from=span.valid_from, valid_to=span.valid_to)


def test_a_plot_twice_in_one_contract_is_refused_where_the_days_meet(world: World) -> None:
    plot = world.plots["S-2"]
    twice = [new_line(plot, "S-2", "5", "1"), new_line(plot, "S-2", "7", "1", HALF)]
    with pytest.raises(CoveredTwice):
        world.act("manager", sign, "C9", twice)
    parts = [new_line(plot, "S-2", "5", "1", SPRING), new_line(plot, "S-2", "7", "1", HALF)]
    world.act("manager", sign, "C9", parts)
    assert held(world, date(2013, 6, 30))["S-2"] == "C9 5.00"
    assert held(world, date(2013, 7, 1))["S-2"] == "C9 7.00"


def test_what_was_taken_out_of_a_contract_is_free_for_another(world: World) -> None:
    world.act("manager", change, "C1", "N-1", "0", HALF)
    assert "N-1" not in held(world, date(2013, 7, 1))
    world.act("manager", sign, "C9", [new_line(world.plots["N-1"], "N-1", "5", "1", HALF)])
    assert held(world, date(2013, 6, 30))["N-1"] == "C1 1000.01"
    assert held(world, date(2013, 7, 1))["N-1"] == "C9 5.00"


def test_what_another_contract_covers_by_now_does_not_come_back(world: World) -> None:
    world.act("manager", change, "C1", "N-1", "0", HALF)
    world.act("manager", sign, "C9", [new_line(world.plots["N-1"], "N-1", "5", "1", HALF)])
    with pytest.raises(CoveredTwice) as refused:
        world.act("manager", amend, "C1", added("N-1", HALF, "1000.01", "3.55"))
    assert refused.value.details["contract"] == "C9"
    world.act("manager", change, "C1", "N-1", "900", SPRING)


def test_two_contracts_at_once_do_not_both_get_the_plot(world: World) -> None:
    start = Barrier(2)

    def one(code: str) -> bool:
        start.wait()
        try:
            world.act("manager", sign, code, [new_line(world.plots["S-2"], "S-2", "5", "1")])
        except (CoveredTwice, Busy):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, ["C8", "C9"])) == [False, True]


def test_a_line_outside_the_contract_is_refused(world: World) -> None:
    longer = half_open(date(2013, 7, 1), date(2014, 1, 1))
    with pytest.raises(LineOutside):
        world.act("manager", sign, "C9", [new_line(world.plots["S-2"], "S-2", "5", "1", longer)])
    with pytest.raises(LineOutside):
        world.act("manager", change, "C1", "N-1", "5", longer)


def test_a_code_is_taken_once_and_a_currency_must_be_known(world: World) -> None:
    with pytest.raises(CodeTaken):
        world.act("manager", sign, "C1", [])
    with pytest.raises(UnknownCurrency):
        world.act("manager", sign, "C9", [], currency="XAU")
    assert [contract.code for contract, _ in world.read("viewer", contracts)] == ["C1", "C2"]


def test_a_change_holds_from_its_day_and_what_was_known_before_stays_known(world: World) -> None:
    world.on(date(2013, 3, 1))
    before = world.clock()
    world.act("manager", change, "C1", "N-1", "900", HALF)
    between = world.clock()
    world.act("manager", change, "C1", "N-1", "950", YEAR)
    day, earlier = date(2013, 7, 1), date(2013, 6, 30)
    assert [held(world, day, known_at=at)["N-1"] for at in (before, between, None)] == [
        "C1 1000.01",
        "C1 900.00",
        "C1 950.00",
    ]
    assert [held(world, earlier, known_at=at)["N-1"] for at in (before, between, None)] == [
        "C1 1000.01",
        "C1 1000.01",
        "C1 950.00",
    ]
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, "C1")
        known = [pieces(session, contract, known_at=at) for at in (before, between, None)]
    assert [[str(p.quantity) for p in rows if p.plot == "N-1"] for rows in known] == [
        ["1000.01"],
        ["1000.01", "900.00"],
        ["950.00", "950.00"],
    ]


def test_the_fee_of_a_changed_line_by_hand(world: World) -> None:
    """1000.01 x 3.55 + 333.33 x 3.10 a year; 900 x 3.55 from 16 July: 15 and 16 of July's 31 days.

    15/31 x 3550.0355 / 12 + 16/31 x 3195 / 12 + 1033.323 / 12 = 143.1466 + 137.4194 + 86.1103 = 366.6762... yuan;
    due at the end of June 6/12 x 4583.3585 = 2291.67925 -> 2291.68, at the end of July 2658.3555 -> 2658.36.
    """
    world.act("manager", change, "C1", "N-1", "900", half_open(date(2013, 7, 16), date(2013, 12, 31)))
    with world.session("auditor") as session:
        contract, _ = contract_by_code(session, "C1")
        july = half_open(date(2013, 7, 1), date(2013, 7, 31))
        result = fee(terms_of(contract), pieces(session, contract), july)
    assert (result.due_start_minor, result.due_end_minor, result.amount_minor) == (229168, 265836, 36668)


def test_a_contractor_sees_its_own_contracts_alone(world: World) -> None:
    assert [contract.code for contract, _ in world.read("green-1", contracts)] == ["C1"]
    assert [contract.code for contract, _ in world.read("river-1", contracts)] == ["C2"]
    with pytest.raises(NotFound):
        world.read("river-1", contract_by_code, "C1")
    assert held(world, date(2013, 5, 1), who="green-1") == {"N-1": "C1 1000.01", "N-2": "C1 333.33"}


def test_an_inspector_sees_the_lines_of_its_zones_alone(world: World) -> None:
    assert set(held(world, date(2013, 5, 1), who="inspector")) == {"N-1", "N-2"}
    assert set(held(world, date(2013, 5, 1), who="inspector-s")) == {"S-1"}


def test_totals_never_add_up_currencies(world: World) -> None:
    line = new_line(world.plots["S-2"], "S-2", "10", "2")
    world.act("host", enter_scheme, SCHEME.replace("CNY", "USD").replace("scheme: park", "scheme: park-usd"))
    world.act("manager", sign, "C9", [line], currency="USD")
    result = world.read("viewer", totals, as_of=date(2013, 5, 1))
    assert result.plots == 4
    assert result.area_m2 == Decimal("3343.34")
    assert result.yearly_minor == {"CNY": 458336 + 240000, "USD": 2000}
    assert world.read("viewer", totals, as_of=date(2014, 5, 1)).plots == 0


def test_an_amendment_and_an_import_of_scores_do_not_wait_for_each_other(world: World) -> None:
    """The import holds the authority and asks for the contract: whoever amends must not hold it meanwhile."""
    world.on(date(2013, 3, 1))
    with ThreadPoolExecutor(1) as pool:
        with world.session("manager", write=True) as session:
            queue(session)
            amending = pool.submit(world.act, "manager-2", amend, "C1", changed("N-1", YEAR, price="4"))
            wait([amending], timeout=0.5)
            lock_contracts(session, [contract_by_code(session, "C1")[0].id])
        assert amending.result().number == 1


def test_what_covers_a_plot_is_asked_again_once_its_contract_is_held(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[date] = []

    def removed_meanwhile(session: Session, *, as_of: date, plots: Sequence[UUID]) -> dict[UUID, Cover]:
        asked.append(as_of)
        return covers(session, as_of=as_of, plots=plots) if len(asked) == 1 else {}

    def held(session: Session, actor: Actor) -> tuple[Cover | None, Cover | None]:
        plot = plot_as_of(session, "N-1", as_of=world_day).plot.id
        stands = held_cover(session, plot, world_day)
        monkeypatch.setattr("service.contracts.queries.covers", removed_meanwhile)
        return stands, held_cover(session, plot, world_day)

    world_day = date(2013, 3, 1)
    stands, gone = world.act("manager", held)
    assert stands
    assert (stands.contract.code, gone, asked) == ("C1", None, [world_day] * 2)
