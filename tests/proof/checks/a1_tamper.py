"""A1: whoever changes the audit log past the program is found, and the first bad event is named."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from service import models
from service.audit_log import queries, rules
from service.audit_log.actions import record
from service.core.actor import Actor, Role
from service.core.db import Database
from service.core.ids import new_id
from service.migrations import upgrade
from tests.proof.check import Check, Outcome, Trial

COMPLETE = models  # imported so that the metadata is complete
HOST = Actor("host:proof", Role.HOST)
EVENTS = 40
TRIGGERS = [f"{table}_{verb}" for table in ("audit_event", "audit_content") for verb in ("update", "delete", "insert")]
Attack = Callable[[sqlite3.Connection, random.Random], int]


class Thing:
    """Anything with an id."""

    def __init__(self) -> None:
        self.id = new_id()


def _edit(raw: sqlite3.Connection, chance: random.Random) -> int:
    at = chance.randint(1, EVENTS)
    column = chance.choice(("actor", "verb", "target", "digest", "hash"))
    raw.execute(f"UPDATE audit_event SET {column} = 'x' || substr({column}, 2) || 'z' WHERE seq = ?", (at,))
    return at


def _edit_content(raw: sqlite3.Connection, chance: random.Random) -> int:
    at = chance.randint(1, EVENTS)
    raw.execute("UPDATE audit_content SET document = document || ' ' WHERE seq = ?", (at,))
    return at


def _swap_contents(raw: sqlite3.Connection, chance: random.Random) -> int:
    at = chance.randint(1, EVENTS - 1)
    rows = raw.execute("SELECT salt, document FROM audit_content WHERE seq IN (?, ?) ORDER BY seq", (at, at + 1))
    for seq, row in zip((at + 1, at), rows.fetchall(), strict=True):
        raw.execute("UPDATE audit_content SET salt = ?, document = ? WHERE seq = ?", (*row, seq))
    return at


def _delete(raw: sqlite3.Connection, chance: random.Random) -> int:
    at = chance.randint(1, EVENTS - 1)
    raw.execute("DELETE FROM audit_content WHERE seq = ?", (at,))
    raw.execute("DELETE FROM audit_event WHERE seq = ?", (at,))
    return at + 1


def _delete_and_renumber(raw: sqlite3.Connection, chance: random.Random) -> int:
    at = _delete(raw, chance) - 1
    for table in ("audit_event", "audit_content"):
        for seq in range(at + 1, EVENTS + 1):
            raw.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (seq - 1, seq))
    return at


def _reorder(raw: sqlite3.Connection, chance: random.Random) -> int:
    at = chance.randint(1, EVENTS - 1)
    for table in ("audit_event", "audit_content"):
        for was, becomes in ((at, -1), (at + 1, at), (-1, at + 1)):
            raw.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (becomes, was))
    return at


def _insert(raw: sqlite3.Connection, chance: random.Random) -> int:
    at = chance.randint(1, EVENTS)
    columns = "at, actor, verb, target, digest, hash"
    raw.execute(f"INSERT INTO audit_event SELECT ?, {columns} FROM audit_event WHERE seq = ?", (EVENTS + 1, at))
    return EVENTS + 1


def _truncate(raw: sqlite3.Connection, chance: random.Random) -> int:
    """Cut the end off and move the head, so that nothing inside looks wrong."""
    left = chance.randint(1, EVENTS - 1)
    raw.execute("DELETE FROM audit_content WHERE seq > ?", (left,))
    raw.execute("DELETE FROM audit_event WHERE seq > ?", (left,))
    raw.execute("UPDATE audit_head SET seq = ?, hash = (SELECT hash FROM audit_event WHERE seq = ?)", (left, left))
    return EVENTS


def _rewrite(raw: sqlite3.Connection, chance: random.Random) -> int:
    """Change one event and every hash behind it, and the head."""
    at = chance.randint(1, EVENTS)
    raw.execute("UPDATE audit_event SET actor = 'nobody' WHERE seq = ?", (at,))
    rows = raw.execute("SELECT seq, at, actor, verb, target, digest FROM audit_event ORDER BY seq").fetchall()
    previous = rules.START
    for seq, instant, actor, verb, target, digest in rows:
        fields = (f"{instant.replace(' ', 'T')}+00:00", actor, verb, target)
        previous = rules.hash_of(previous, seq, fields, digest)
        raw.execute("UPDATE audit_event SET hash = ? WHERE seq = ?", (previous, seq))
    raw.execute("UPDATE audit_head SET hash = ?", (previous,))
    return EVENTS


ATTACKS: tuple[Attack, ...] = (
    _edit, _edit_content, _swap_contents, _delete, _delete_and_renumber, _reorder, _insert, _truncate, _rewrite
)  # fmt: skip


def run(trial: Trial) -> Outcome:
    """Attack many times, each a fresh copy, and ask the verifier; as a control, without the head noted outside."""
    good, noted = _good(trial.folder / "good.db")
    chance = random.Random(trial.seed)
    rounds, missed, misnamed = (1000 if trial.full else 90), [], []
    for number in range(rounds):
        attack = ATTACKS[number % len(ATTACKS)]
        path = trial.folder / "attacked.db"
        path.write_bytes(good)
        with closing(sqlite3.connect(path)) as raw:
            for trigger in TRIGGERS:
                raw.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            first = attack(raw, chance)
            raw.commit()
        places = _verify(path, None if trial.control else noted)
        if not places:
            missed.append(attack.__name__)
        elif places[0] != f"event {first}":
            misnamed.append(f"{attack.__name__}: {places[0]} for event {first}")
        for leftover in trial.folder.glob("attacked.db*"):
            leftover.unlink()
    return Outcome(not missed and not misnamed, _figure(rounds, missed, misnamed))


def _figure(rounds: int, missed: list[str], misnamed: list[str]) -> str:
    figure = f"{rounds - len(missed)} of {rounds} found, {rounds - len(missed) - len(misnamed)} named exactly"
    if missed:
        figure += f"; missed: {', '.join(sorted({name.lstrip('_') for name in missed}))}"
    return figure + "".join(f"; {name}" for name in misnamed[:3])


def _good(path: Path) -> tuple[bytes, tuple[int, str]]:
    """Return the bytes of a database with events in it, and the end of its log as somebody outside noted it."""
    url = f"sqlite:///{path}"
    upgrade(url)
    database = Database(url)
    for number in range(EVENTS):
        with database.transaction(HOST) as session:
            record(session, HOST, f"thing.{number}", Thing(), before=[{"n": number}], after=[{"n": number + 1}])
    with database.transaction(HOST, write=False) as session:
        head = queries.head(session)
        noted = head.seq, head.hash
    database.engine.dispose()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes(), noted


def _verify(path: Path, noted: tuple[int, str] | None) -> list[str]:
    database = Database(f"sqlite:///{path}")
    with database.transaction(HOST, write=False) as session:
        places = [issue.place for issue in queries.verify(session, noted)]
    database.engine.dispose()
    return places


CHECK = Check(
    name="A1",
    claim="A change of the audit log past the program is found from one noted head, and the first bad event is named",
    target="100 % found and named",
    control="nobody noted the head: a cut end and a whole rewrite go unnoticed",
    run=run,
)
