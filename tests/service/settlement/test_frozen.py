"""A statement is frozen: whatever changes around it, its bytes stay, and its inputs give the same amounts again."""

import json
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from service.assessment.rules import replay
from service.contracts.queries import contract_by_code
from service.inspections.actions import enter_scores
from service.inspections.models import Score
from service.schemes.language import read_scheme
from service.settlement.models import Statement
from service.settlement.queries import StatementRecord, lines, statement_by_code
from service.settlement.rules import LineKind
from tests.conftest import World
from tests.park import SCHEME
from tests.service.settlement.upheaval import replayed, stored, upheave

CODE = "C1-2013-01"


@pytest.fixture
def settled(world: World) -> World:
    """The park after a January with findings on both plots of C1."""
    world.on(date(2013, 1, 10))
    world.confirm(world.file("N-1", quantity="2"))
    world.confirm(world.file("N-2", quantity="0.37", type_="weeds"))
    world.on(date(2013, 2, 1))
    world.settle("C1", 1)
    return world


def frozen(world: World) -> dict[str, Any]:
    """Return everything that a statement is, byte for byte."""
    with world.session("auditor") as session:
        record = statement_by_code(session, CODE)
        rows = [row.model_dump() for row in lines(session, record.statement)]
        return {"statement": record.statement.model_dump(), "lines": rows, "decision": record.decision}


def test_whatever_changes_the_statement_stays_byte_for_byte(settled: World) -> None:
    before = frozen(settled)
    upheave(settled)
    assert frozen(settled) == before


def test_a_replay_of_the_inputs_gives_the_same_amounts_and_explanations(settled: World) -> None:
    assert replayed(settled, CODE) == stored(settled, CODE)
    upheave(settled)
    assert replayed(settled, CODE) == stored(settled, CODE)
    assert [amount for _, _, amount, _ in replayed(settled, CODE)] == [38195, -2190]


def test_the_hash_is_that_of_the_inputs(settled: World) -> None:
    statement = settled.read("auditor", statement_by_code, CODE).statement
    assert sha256(statement.inputs.encode()).hexdigest() == statement.sha256
    facts = json.loads(statement.inputs)
    assert [row["finding"] for row in facts["findings"]] == ["F-2013-0001", "F-2013-0002"]
    assert [row["points"] for row in facts["findings"]] == ["1.000000", "0.500000"]
    assert [row["amount"] for row in facts["lines"]] == ["295.84", "86.11"]


def test_a_replay_notices_another_fact(settled: World) -> None:
    """The control: with one quantity changed the replay must not give the same."""
    record: StatementRecord = settled.read("auditor", statement_by_code, CODE)
    other = record.statement.inputs.replace('"quantity":"2.00"', '"quantity":"3.00"')
    assert other != record.statement.inputs
    results = replay(read_scheme(SCHEME), other, "C1", "2013-01")
    assert [result.amount_minor for result in results] == [38195, -3190]


def test_what_is_learnt_later_goes_into_the_next_statement_instead(settled: World) -> None:
    """What changed past the door, in the catalogue, moves the amounts too, and every difference is a correction."""
    upheave(settled)
    settled.on(date(2013, 3, 1))
    code = settled.prepare("C1", 2)
    with settled.session("auditor") as session:
        rows = lines(session, statement_by_code(session, code).statement)
    corrected = {row.rule: json.loads(row.explanation) for row in rows if row.kind is LineKind.CORRECTION}
    assert set(corrected) == {"month_fee", "deduction"}
    assert corrected["month_fee"]["changed"]["lines"] == ["C1-1"]
    assert "F-2013-0003" in corrected["deduction"]["changed"]["findings"]


def test_recorded_scores_are_frozen_too(world: World) -> None:
    with world.session("manager", write=True) as session:
        contract, _ = contract_by_code(session, "C1")
        score = Score(
            plot_id=world.plots["N-1"],
            contract_id=contract.id,
            valid_from=date(2013, 1, 5),
            valid_to=date(2013, 1, 6),
            channel="patrol",
            score=Decimal("88.5"),
            recorded_at=world.instant,
            recorded_by="manager",
        )
        enter_scores(session, world.actors["manager"], [score], source=contract)
    world.on(date(2013, 2, 1))
    statement = world.read("auditor", statement_by_code, world.prepare("C1", 1)).statement
    [row] = json.loads(statement.inputs)["scores"]
    assert (row["plot"], row["on"], row["score"]) == ("N-1", "2013-01-05", "88.500000")
    assert replayed(world, CODE) == stored(world, CODE)


def test_two_statements_of_the_same_facts_have_the_same_bytes(settled: World) -> None:
    settled.on(date(2013, 3, 1))
    first = settled.prepare("C1", 2)
    settled.send_back(first)
    again = settled.prepare("C1", 2)
    one, other = (settled.read("auditor", statement_by_code, code).statement for code in (first, again))
    assert isinstance(one, Statement)
    assert (one.inputs, one.sha256) == (other.inputs, other.sha256)
    assert stored(settled, first) == stored(settled, again)
