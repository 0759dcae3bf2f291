"""The authority's own file."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import Session, select

from service.access.actions import AlreadyInitialised
from service.access.models import Authority
from service.core.actor import Actor
from service.core.db import Database
from service.core.errors import HasIssues
from service.exchange.authority_in import AuthorityFile, initialise
from service.exchange.texts import File, open_file, read_document
from service.plots.models import Zone
from service.standards.models import FindingType, Grade, Workday
from tests.service.exchange.files import HOST, problems, state

CONTENT: dict[str, Any] = {
    "authority": {
        "code": "A",
        "name": {"zh": "管理处", "en": "Administration"},
        "time_zone": "Asia/Shanghai",
        "locale": "zh_CN",
        "currency": "CNY",
        "extent": ["118", "31", "119", "32"],
        "last_numbers": {"finding 2013": "735"},
    },
    "indicators": {"green": {"zh": "绿地", "en": "Green", "value": "18,580,000", "unit": "m2"}},
    "organisations": [
        {"code": "A", "kind": "authority", "name": {"zh": "甲", "en": "A"}},
        {"code": "B", "kind": "contractor", "name": {"zh": "乙", "en": "B"}},
    ],
    "zones": [
        {"code": "J1", "name": {"zh": "一", "en": "1"}},
        {"code": "J1-1", "parent": "J1", "name": {"zh": "一一", "en": "1-1"}},
    ],
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.engine.dispose()


def act(session: Session, actor: Actor, file: File) -> Authority:
    return initialise(session, actor, file, read_document(file, AuthorityFile))


def written(folder: Path, content: dict[str, Any]) -> File:
    path = folder / "authority.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return open_file(path)


def changed(**sections: Any) -> dict[str, Any]:
    """Return the good content with some of it replaced; a dictionary is laid over the one that is there."""
    content = deepcopy(CONTENT)
    for name, value in sections.items():
        content[name] = {**content.get(name, {}), **value} if isinstance(value, dict) else value
    return content


def test_a_good_file_founds_the_authority(database: Database, tmp_path: Path) -> None:
    with database.transaction(HOST) as session:
        authority = act(session, HOST, written(tmp_path, CONTENT))
    with database.transaction(HOST, write=False) as session:
        assert [zone.path for zone in session.exec(select(Zone))] == ["/J1/", "/J1/J1-1/"]
        assert session.exec(select(FindingType)).first() is not None, "without its own, the packaged catalogues"
        assert session.exec(select(Workday).where(Workday.open)).first() is not None
    assert authority.indicators["green"]["value"] == "18,580,000"
    before = state(database)
    with pytest.raises(AlreadyInitialised), database.transaction(HOST) as session:
        act(session, HOST, written(tmp_path, CONTENT))
    assert state(database) == before


def test_an_own_catalogue_is_read_beside_the_file(database: Database, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("code,zh,en,source,from,until\n9,九,Nine,test,2000-01-01,2199-12-31\n")
    with database.transaction(HOST) as session:
        act(session, HOST, written(tmp_path, changed(catalogues={"grades": "g.csv"})))
    with database.transaction(HOST, write=False) as session:
        assert [grade.code for grade in session.exec(select(Grade))] == ["9"]


def test_every_catalogue_and_part_that_is_wrong_is_told_at_once(database: Database, tmp_path: Path) -> None:
    before = state(database)
    (tmp_path / "g.csv").write_text(
        "code,zh,en,source,from,until\n1,一,One,t,2000-01-01,1999-12-31\n1,,One,t,x,\n"
        + "9" * 81
        + ",九,N,t,2000-01-01,\n"
    )
    (tmp_path / "w.csv").write_text("day,open,source\n2013-01-01,ja,t\n2013-02-30,no,\n")
    (tmp_path / "f.csv").write_text(
        "code,zh,en,unit,group,cure_days,cure_unit,points,source,from,until\nx,一,One,m2,lawn,1.5,weeks,1e3,t,2000-01-01,\n"
        "y,二,Two,m2,lawn,2147483648,days,-1,t,2000-01-01,\n"
    )
    organisations = [CONTENT["organisations"][1]] * 2
    zones = [{"code": "J1-1", "parent": "J1", "name": {"zh": "一", "en": "1"}}]
    own = {"grades": "g.csv", "workdays": "w.csv", "finding_types": "f.csv", "operations": "none.csv"}
    content = changed(authority={"currency": "XXX"}, organisations=organisations, zones=zones, catalogues=own)
    with pytest.raises(HasIssues) as refused, database.transaction(HOST) as session:
        act(session, HOST, written(tmp_path, content))
    assert sorted(problems(refused)) == sorted(
        [
            ("authority.yaml, organisations", "no_authority"),
            ("authority.yaml, currency", "unknown_currency"),
            ("authority.yaml, organisations", "code_twice"),
            ("authority.yaml, zones", "unknown_parent"),
            ("f.csv, row 1, cure_days", "bad_cell"),
            ("f.csv, row 1, cure_unit", "bad_cell"),
            ("f.csv, row 1, points", "bad_cell"),
            ("f.csv, row 2, cure_days", "bad_cell"),
            ("f.csv, row 2, points", "bad_cell"),
            (f"{tmp_path}/none.csv", "no_file"),
            ("g.csv, row 1, until", "until_before_from"),
            ("g.csv, row 2, zh", "missing"),
            ("g.csv, row 2, from", "bad_cell"),
            ("g.csv, row 2, code", "code_twice"),
            ("g.csv, row 3, code", "string_too_long"),
            ("w.csv, row 1, open", "bad_cell"),
            ("w.csv, row 2, day", "bad_cell"),
            ("w.csv, row 2, source", "missing"),
        ]
    )
    assert state(database) == before


@pytest.mark.parametrize(
    ("sections", "place", "code"),
    [
        ({"authority": {"time_zone": "Asia/Atlantis"}}, "authority › time_zone", "unknown_time_zone"),
        ({"authority": {"time_zone": "../../etc/passwd"}}, "authority › time_zone", "unknown_time_zone"),
        ({"authority": {"extent": ["119", "31", "118", "32"]}}, "authority", "extent"),
        ({"authority": {"extent": ["-181", "31", "118", "32"]}}, "authority", "extent"),
        ({"authority": {"extent": ["nan", "31", "118", "32"]}}, "authority › extent › 0", "finite_number"),
        ({"authority": {"extent": ["1e999", "31", "118", "32"]}}, "authority › extent › 0", "finite_number"),
        ({"authority": {"last_numbers": {"finding 2013": "9223372036854775808"}}}, "authority", "less_than_equal"),
        ({"authority": {"code": ""}}, "authority › code", "string_too_short"),
        ({"zones": [{"code": "J/1", "name": {"zh": "a", "en": "a"}}]}, "zones › 0 › code", "string_pattern_mismatch"),
        ({"zones": [{"code": "J%", "name": {"zh": "a", "en": "a"}}]}, "zones › 0 › code", "string_pattern_mismatch"),
        ({"organisations": [{"code": "A", "kind": "friend", "name": {"zh": "a", "en": "a"}}]}, "kind", "enum"),
        ({"catalogues": {"grade": "g.csv"}}, "catalogues › grade", "literal_error"),
        ({"colour": {"a": "b"}}, "colour", "extra_forbidden"),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path: Path, sections: dict[str, Any], place: str, code: str) -> None:
    with pytest.raises(HasIssues) as refused:
        read_document(written(tmp_path, changed(**sections)), AuthorityFile)
    assert any(place in where and code == what for where, what in problems(refused)), problems(refused)
