"""A contract from its YAML file and the CSV of its lines."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from sqlmodel import Session, select

from service.contracts.models import Contract, ContractLine, ContractLineVersion
from service.core.actor import Actor
from service.core.errors import CodeTaken, HasIssues
from service.exchange.contract_in import ContractFile, import_contract
from service.exchange.report import Report
from service.exchange.texts import File, open_file, read_document
from tests.conftest import World
from tests.service.exchange.files import numbers, problems, state

HEAD = {
    "contract": "C9",
    "title": {"zh": "新合同", "en": "New contract"},
    "contractor": "green",
    "parties": {"consultant": "eye"},
    "from": "2014-01-01",
    "until": "2014-12-31",
    "currency": "CNY",
    "day_count": "actual/365",
    "rounding": "per_line",
    "settled": "month",
    "vat_percent": "6",
    "scheme": {"code": "park", "version": "1"},
    "lines": "lines.csv",
}
HEADER = ["plot", "quantity", "unit", "basis", "unit_price", "grade", "from", "until"]
GOOD = ["N-1", "1000.01", "m2", "projected", "3.55", "1", "", ""]


def act(session: Session, actor: Actor, file: File) -> Report:
    return import_contract(session, actor, file, read_document(file, ContractFile))


def written(folder: Path, lines: Sequence[Sequence[str]], /, **changes: object) -> File:
    """Write both files; return the first, read."""
    text = "\n".join(",".join(cells) for cells in [HEADER, *lines])
    (folder / "lines.csv").write_text(f"{text}\n", encoding="utf-8")
    path = folder / "contract.yaml"
    path.write_text(yaml.safe_dump({**HEAD, **changes}, allow_unicode=True), encoding="utf-8")
    return open_file(path)


def test_a_good_contract_is_signed_with_its_lines(world: World, tmp_path: Path) -> None:
    lines = [GOOD, ["S-2", "12", "piece", "", "0.000001", "", "2014-03-01", "2014-03-31"]]
    report = world.act("manager", act, written(tmp_path, lines))
    assert (report.batch.rows, report.batch.written) == (2, 2)
    with world.session("auditor") as session:
        contract = session.exec(select(Contract).where(Contract.code == "C9")).one()
        own = select(ContractLine, ContractLineVersion).join(ContractLineVersion)
        found = {line.number: v for line, v in session.exec(own.where(ContractLine.contract_id == contract.id))}
    assert (contract.valid_from, contract.valid_to) == (date(2014, 1, 1), date(2015, 1, 1))
    assert contract.vat_percent == Decimal(6)
    assert (found[1].quantity, found[1].unit_price) == (Decimal("1000.01"), Decimal("3.55"))
    assert (found[2].valid_from, found[2].valid_to) == (date(2014, 3, 1), date(2014, 4, 1)), "until is included"
    assert found[2].basis == "projected"


def test_everything_that_is_wrong_with_the_lines_is_told_at_once(world: World, tmp_path: Path) -> None:
    before = state(world.database)
    lines = [
        ["X-9", "-1", "acre", "squinted", "1e3", "9", "2014-13-01", ""],
        ["", "", "", "", "", "", "", ""],
        ["N-1", "1.001", "m2", "", "1.0000001", "", "2013-12-31", ""],
        ["N-1", "NaN", "m2", "", "Infinity", "", "2014-05-02", "2014-05-01"],
        ["N-2", "9223372036854775808", "m2", "", "１", "", "", "2015-01-01"],
        ["S-1", "1", "m2", "", "1", "", "", "2014-06-30"],
        ["S-1", "1", "m2", "", "1", "", "2014-06-30", ""],
        ["S-2", "1", "m2", "", "1", "", "", "2014-06-30"],
        ["S-2", "1", "m2", "", "1", "", "2014-07-01", ""],
    ]
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, written(tmp_path, lines))
    assert sorted(numbers(problems(refused), "lines.csv")) == [
        (1, "basis", "unknown_basis"),
        (1, "from", "bad_cell"),
        (1, "grade", "unknown_grade"),
        (1, "plot", "unknown_plot"),
        (1, "quantity", "bad_cell"),
        (1, "unit", "unknown_unit"),
        (1, "unit_price", "bad_cell"),
        (2, "plot", "missing"),
        (2, "quantity", "missing"),
        (2, "unit", "unknown_unit"),
        (2, "unit_price", "missing"),
        (3, "from", "line_outside"),
        (3, "quantity", "bad_cell"),
        (3, "unit_price", "bad_cell"),
        (4, "quantity", "bad_cell"),
        (4, "unit_price", "bad_cell"),
        (4, "until", "until_before_from"),
        (5, "quantity", "bad_cell"),
        (5, "unit_price", "bad_cell"),
        (5, "until", "line_outside"),
        (7, "plot", "line_twice"),
    ]
    assert state(world.database) == before


def test_codes_that_name_nobody_are_told_with_the_lines(world: World, tmp_path: Path) -> None:
    before = state(world.database)
    other = {"contractor": "nobody", "parties": {"builder": "none"}, "scheme": {"code": "park", "version": "7"}}
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, written(tmp_path, [["X-9", *GOOD[1:]]], **other))
    assert problems(refused) == [
        ("contract.yaml, contractor", "unknown_organisation"),
        ("contract.yaml, parties › builder", "unknown_organisation"),
        ("contract.yaml, scheme", "unknown_scheme"),
        ("lines.csv, row 1, plot", "unknown_plot"),
    ]
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, written(tmp_path, [GOOD], contractor="park", currency="USD", settled="quarter"))
    assert problems(refused) == [
        ("contract.yaml, contractor", "not_a_contractor"),
        ("contract.yaml, scheme", "other_currency"),
        ("contract.yaml, scheme", "other_period"),
    ]
    with pytest.raises(HasIssues) as refused:
        world.act("manager", act, written(tmp_path, [GOOD], lines="none.csv"))
    assert [code for _, code in problems(refused)] == ["no_file"]
    assert state(world.database) == before


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"vat_percent": "１３"}, "vat_percent", "plain_number"),
        ({"vat_percent": "NaN"}, "vat_percent", "plain_number"),
        ({"vat_percent": "101"}, "vat_percent", "less_than_equal"),
        ({"scheme": {"code": "park", "version": "9223372036854775808"}}, "scheme › version", "less_than_equal"),
        ({"scheme": {"code": "park", "version": "１"}}, "scheme › version", "plain_number"),
        ({"from": "2014-W01-1"}, "from", "not_a_day"),
        ({"until": "9999-12-31"}, "until", "less_than_equal"),
        ({"day_count": "thirties"}, "day_count", "enum"),
        ({"settled": "week"}, "settled", "literal_error"),
        ({"contract": "C\x1b9"}, "contract", "unreadable_text"),
        ({"contract": "C" * 81}, "contract", "string_too_long"),
        ({"penalty": "5"}, "penalty", "extra_forbidden"),
        ({"lines": {"plots": "all", "quantity": "declared_area", "unit_price": "1e3"}}, "lines", "plain_number"),
    ],
)
def test_a_bad_head_is_told_with_its_place(tmp_path: Path, changes: dict[str, object], place: str, code: str) -> None:
    file = written(tmp_path, [GOOD], **changes)
    with pytest.raises(HasIssues) as refused:
        read_document(file, ContractFile)
    assert any(place in where and code == what for where, what in problems(refused)), problems(refused)


def test_one_line_for_each_plot_of_the_register(world: World, tmp_path: Path) -> None:
    lines = {"plots": "all", "quantity": "declared_area", "unit_price": "2.10"}
    report = world.act("manager", act, written(tmp_path, [], lines=lines))
    assert report.batch.written == len(world.plots)


def test_the_same_contract_again_is_refused(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, [GOOD], **{"from": "2015-01-01", "until": "2015-12-31"})
    world.act("manager", act, file)
    before = state(world.database)
    again = written(tmp_path, [GOOD], **{"from": "2016-01-01", "until": "2016-12-31"})
    with pytest.raises(CodeTaken):
        world.act("manager", act, again)
    assert state(world.database) == before
