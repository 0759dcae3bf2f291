"""The chain of the audit log: what it shows when somebody reaches past the program."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from service.access.models import ApiToken
from service.access.queries import actor_of, digest, organisation_by_code, user_by_code
from service.access.sign_in_actions import issue_link, issue_token, revoke_token, sign_in, sign_out
from service.audit_log import actions, queries, rules
from service.audit_log.models import AuditEvent
from service.core.actor import GATE, Actor
from service.core.ids import new_id
from tests.conftest import World
from tests.support.counting import calls_of

TABLES = ("audit_event", "audit_content")
Found = list[tuple[str, str]]


@dataclass
class Thing:
    """Anything with an id."""

    id: UUID


def chain(count: int) -> tuple[list[rules.Entry], tuple[int, str]]:
    """Return a good chain and its head."""
    entries: list[rules.Entry] = []
    previous = rules.START
    for seq in range(1, count + 1):
        salt, document = f"{seq:032x}", f'{{"n": {seq}}}'
        fields = (datetime(2013, 1, 1, tzinfo=UTC).isoformat(), "somebody", "thing.do", f"Thing {seq}")
        content = rules.digest_of(salt, document)
        previous = rules.hash_of(previous, seq, fields, content)
        entries.append(rules.Entry(seq, fields, content, previous, salt, document))
    return entries, (count, previous)


def found(entries: list[rules.Entry], head: tuple[int, str], checkpoint: tuple[int, str] | None = None) -> Found:
    return [(issue.place, issue.code) for issue in rules.broken(entries, head, checkpoint)]


def rewritten(entries: list[rules.Entry], start: int) -> tuple[list[rules.Entry], tuple[int, str]]:
    """Return the chain with every hash from a place on made to fit: what an owner of the database can do."""
    previous = entries[start - 1].hash if start else rules.START
    fitting = entries[:start]
    for entry in entries[start:]:
        previous = rules.hash_of(previous, entry.seq, entry.fields, entry.digest)
        fitting.append(entry._replace(hash=previous))
    return fitting, (len(fitting), previous)


@given(st.integers(0, 12))
def test_a_good_chain_holds_and_holds_every_event_that_was_noted(count: int) -> None:
    entries, head = chain(count)
    assert found(entries, head) == []
    for entry in entries:
        assert found(entries, head, (entry.seq, entry.hash)) == []


@given(st.integers(1, 9), st.integers(0, 4), st.integers(0, 2))
def test_every_edit_of_a_field_is_named(at: int, field: int, kind: int) -> None:
    entries, head = chain(9)
    victim = entries[at - 1]
    if field < 4:
        fields = tuple("x" if n == field else value for n, value in enumerate(victim.fields))
        changed = victim._replace(fields=fields)
    else:
        changed = (
            victim._replace(digest="0" * 64) if kind == 0
            else victim._replace(hash=["0" * 64, "x" * 64, ""][at % 3]) if kind == 1
            else victim._replace(seq=at + 1)
        )  # fmt: skip
    entries[at - 1] = changed
    assert found(entries, head)[0] == (f"event {changed.seq}", "audit_event_changed")


@given(st.integers(1, 9))
def test_an_edit_of_the_content_is_named_and_so_is_its_loss(at: int) -> None:
    entries, head = chain(9)
    entries[at - 1] = entries[at - 1]._replace(document='{"n": 99}')
    assert found(entries, head) == [(f"event {at}", "audit_content_changed")]
    entries[at - 1] = entries[at - 1]._replace(salt="no hexadecimal")
    assert found(entries, head) == [(f"event {at}", "audit_content_changed")]
    entries[at - 1] = entries[at - 1]._replace(salt=None, document=None)
    assert found(entries, head) == [(f"event {at}", "audit_content_gone")], "the chain itself holds"


@given(st.integers(1, 8))
def test_delete_insert_and_reorder_are_named_where_they_begin(at: int) -> None:
    entries, head = chain(9)
    assert found(entries[: at - 1] + entries[at:], head)[0] == (f"event {at + 1}", "audit_event_changed")
    assert found([*entries[:at], entries[at - 1], *entries[at:]], head)[0] == (f"event {at}", "audit_event_changed")
    swapped = [*entries[: at - 1], entries[at], entries[at - 1], *entries[at + 1 :]]
    assert found(swapped, head)[0] == (f"event {at + 1}", "audit_event_changed")


@given(st.integers(0, 8))
def test_a_cut_end_is_seen_by_the_head_or_by_who_noted_it(left: int) -> None:
    entries, head = chain(9)
    short, own_head = entries[:left], (left, entries[left - 1].hash if left else rules.START)
    assert ("event 9", "audit_head_differs") in found(short, head)
    assert found(short, own_head) == [], "whoever cuts the head, too, is not seen from inside"
    assert found(short, own_head, head) == [("event 9", "audit_checkpoint_differs")]


@given(st.integers(0, 8))
def test_a_whole_rewrite_is_seen_by_who_noted_the_end(start: int) -> None:
    entries, head = chain(9)
    entries[start] = entries[start]._replace(fields=("x",) * 4)
    rewrite, own_head = rewritten(entries, start)
    assert found(rewrite, own_head) == [], "from inside nothing is wrong"
    assert found(rewrite, own_head, head) == [("event 9", "audit_checkpoint_differs")]


def test_parts_cannot_flow_into_one_another() -> None:
    assert rules.hash_of(rules.START, 1, ("ab", "c"), "") != rules.hash_of(rules.START, 1, ("a", "bc"), "")
    assert rules.hash_of(rules.START, 11, ("a",), "") != rules.hash_of(rules.START, 1, ("1a",), "")
    assert rules.digest_of("00" * 16, "x") != rules.digest_of("01" * 16, "x"), "the salt keeps short content secret"


def test_verifying_is_linear() -> None:
    def work_with(count: int) -> int:
        entries, head = chain(count)
        return calls_of(lambda: rules.broken(entries, head))

    small, large = work_with(200), work_with(2_000)
    assert small > 200, "each event is looked at"
    assert large < 10.5 * small


@contextmanager
def unguarded(world: World) -> Iterator[Connection]:
    """Yield a connection that the triggers do not watch: somebody who owns the database."""
    with world.database.engine.begin() as connection:
        if world.database.is_sqlite:
            for table in TABLES:
                for verb in ("update", "delete", "insert"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{verb}"))
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        yield connection


def verified(world: World, checkpoint: tuple[int, str] | None = None) -> Found:
    with world.session("auditor") as session:
        return [(issue.place, issue.code) for issue in queries.verify(session, checkpoint)]


def end(world: World) -> tuple[int, str]:
    with world.session("auditor") as session:
        head = queries.head(session)
        return head.seq, head.hash


COPY = (
    "INSERT INTO audit_event SELECT (SELECT max(seq) + 1 FROM audit_event), at, actor, verb, target, digest, hash "
    "FROM audit_event WHERE seq = 3"
)
CHANGED, GONE, HEAD = "audit_event_changed", "audit_content_gone", "audit_head_differs"
LOSE, CUT = "DELETE FROM audit_content WHERE seq = 3", "DELETE FROM audit_content WHERE seq > 5"
INSTANT = "UPDATE audit_event SET at = '2001-01-01 00:00:00+00:00' WHERE seq = 3"
ATTACKS = {
    "edit the actor": (["UPDATE audit_event SET actor = 'nobody' WHERE seq = 3"], "event 3", CHANGED),
    "edit the instant": ([INSTANT], "event 3", CHANGED),
    "edit the content": (
        ["UPDATE audit_content SET document = '{}' WHERE seq = 3"],
        "event 3",
        "audit_content_changed",
    ),
    "lose the content": ([LOSE], "event 3", GONE),
    "delete": ([LOSE, "DELETE FROM audit_event WHERE seq = 3"], "event 4", CHANGED),
    "renumber": ([LOSE, "UPDATE audit_event SET seq = 9999 WHERE seq = 3"], "event 4", CHANGED),
    "insert": ([COPY], "event {next}", CHANGED),
    "truncate": ([CUT, "DELETE FROM audit_event WHERE seq > 5"], "event {last}", HEAD),
    "move the head": (["UPDATE audit_head SET seq = 1"], "event 1", HEAD),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_on_the_tables_is_named(world: World, name: str) -> None:
    statements, place, code = ATTACKS[name]
    last, _ = end(world)
    assert verified(world) == []
    with unguarded(world) as connection:
        for statement in statements:
            connection.execute(text(statement))
    assert verified(world)[0] == (place.format(last=last, next=last + 1), code)


def test_an_instant_that_is_none_is_told_not_fallen_over(world: World) -> None:
    if world.database.is_sqlite:  # PostgreSQL takes none
        with unguarded(world) as connection:
            connection.execute(text("UPDATE audit_event SET at = 'noon' WHERE seq = 3"))
        assert verified(world) == [("audit_event", "audit_event_unreadable")]


def test_a_truncation_that_moves_the_head_is_seen_by_who_noted_it(world: World) -> None:
    noted = end(world)
    with unguarded(world) as connection:
        for table in ("audit_content", "audit_event"):
            connection.execute(text(f"DELETE FROM {table} WHERE seq > 5"))
        connection.execute(text("UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_event WHERE seq = 5)"))
    assert verified(world) == []
    assert verified(world, noted) == [(f"event {noted[0]}", "audit_checkpoint_differs")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET verb = 'x' WHERE seq = 2",
        "DELETE FROM audit_event WHERE seq = 2",
        "UPDATE audit_content SET document = 'x' WHERE seq = 2",
        "INSERT INTO audit_event SELECT * FROM audit_event WHERE seq = 2",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(world: World, statement: str) -> None:
    with pytest.raises((IntegrityError, DBAPIError)), world.database.engine.begin() as connection:
        connection.execute(text(statement))
    assert verified(world) == []


def test_erasing_a_content_leaves_the_chain(world: World) -> None:
    with world.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_content WHERE seq = 2"))
    assert verified(world) == [("event 2", "audit_content_gone")]


def events(world: World, since: int) -> list[tuple[AuditEvent, dict[str, list[dict[str, object]]]]]:
    with world.session("auditor") as session:
        rows = queries.events(session, after=since, limit=1000)
    return [(event, json.loads(content.document)) for event, content in rows if content]


def test_each_action_leaves_one_event_with_before_and_after(world: World) -> None:
    start, _ = end(world)
    world.on(date(2013, 5, 6))
    finding = world.file("N-1")
    world.confirm(finding)
    filed, confirmed = events(world, start)
    assert [(event.verb, event.actor) for event, _ in (filed, confirmed)] == [
        (filed[0].verb, "inspector"),
        (confirmed[0].verb, "supervisor"),
    ]
    assert str(finding) in filed[0].target
    assert str(finding) in confirmed[0].target
    assert filed[1]["after"]
    assert confirmed[1]["after"]
    assert filed[0].at.utcoffset() is not None


def test_what_is_undone_leaves_no_event(world: World) -> None:
    before = end(world)

    def fail(session: Session, actor: Actor) -> None:
        organisation = organisation_by_code(session, "park")
        actions.record(session, actor, "thing.do", organisation, after=[organisation])
        raise LookupError

    with pytest.raises(LookupError):
        world.act("manager", fail)
    assert end(world) == before
    assert verified(world) == []


def test_no_secret_and_no_digest_of_one_is_in_the_log(world: World) -> None:
    with world.session("host", write=True) as session:
        manager = user_by_code(session, "manager")
        link = issue_link(session, world.actors["host"], manager)
        token = issue_token(session, world.actors["host"], manager, name="phone")
    with world.database.transaction(GATE) as session:
        user, cookie = sign_in(session, GATE, link)
    with world.session("admin", write=True) as session:
        held = session.get_one(ApiToken, _token_id(session, token))
        revoke_token(session, world.actors["admin"], held.id)
    with world.database.transaction(actor_of(user)) as session:
        sign_out(session, actor_of(user))
    assert verified(world) == []
    with world.session("auditor") as session:
        log = " ".join(
            " ".join((*event.fields, event.digest, event.hash, content.document if content else ""))
            for event, content in queries.events(session, after=0, limit=1000)
        )
    assert "token.issue" in log
    for secret in (link, token, cookie):
        assert secret not in log
        assert digest(secret) not in log


def _token_id(session: Session, token: str) -> UUID:
    connection = session.connection()
    wanted = text("SELECT id FROM api_token WHERE sha256 = :sha256").bindparams(sha256=digest(token))
    return UUID(str(connection.execute(wanted).scalar_one()))


def test_text_of_any_kind_verifies(world: World) -> None:
    nasty = "a\r\nb\x1b[2J\u202e\ud7ff\U0001f333" + "x" * 1_000_000

    def note(session: Session, actor: Actor) -> None:
        actions.record(session, actor, "thing.do", Thing(new_id()), after=[{"text": nasty}])

    world.act("manager", note)
    assert verified(world) == []
    assert events(world, end(world)[0] - 1)[0][1]["after"][0]["text"] == nasty


def test_only_readers_of_the_log_see_it(world: World) -> None:
    seen: Callable[[str], int] = lambda who: len(world.read(who, queries.events, after=0, limit=5))  # noqa: E731
    assert {who: seen(who) for who in ("auditor", "admin", "manager", "inspector", "green-1")} == {
        "auditor": 5,
        "admin": 5,
        "manager": 0,
        "inspector": 0,
        "green-1": 0,
    }
