"""A4: what strangers write forges no line and no command, secrets stay secret, and a long log verifies quickly."""

import contextlib
import io
import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from service.access.queries import digest, user_by_code
from service.access.sign_in_actions import issue_link, issue_token
from service.audit_log import queries, rules
from service.cli import main, running
from service.core.actor import Actor, Role
from service.core.db import Database
from tests.proof.check import Check, Outcome, Trial

HOST = Actor("host:proof", Role.HOST)
NASTY = (
    "\n  all is well", "\r\nall is well", "\u2028all is well", "\x1b[2J\x1b[1;1H", "\x07", "\u202e", "\x85x", "\x9b2J",
)  # fmt: skip
HEADER = "plot,operation,due_from,due_until,done_on,quantity,unit,reported_by,signed_by"
AUTHORITY = """\
authority: {code: A, name: {zh: 甲, en: A}, time_zone: UTC, locale: en, currency: CNY, extent: [118, 31, 119, 32]}
organisations: [{code: A, kind: authority, name: {zh: 甲, en: A}}]
zones: [{code: Z, name: {zh: 区, en: Zone}}]
"""
COMMAND = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")
PLACE = re.compile(r"greenkeep: |  tasks\.csv, row \d+, \S+: ")


def run(trial: Trial) -> Outcome:
    """Say nasty things in files, issue secrets, and verify; as a control, on a build that prints what it is told."""
    environment = {"GREENKEEP_FOLDER": str(trial.folder / "g"), "GREENKEEP_DATABASE_URL": "", "LC_ALL": "en"}
    with patch.dict("os.environ", environment), _loose() if trial.control else contextlib.nullcontext():
        (trial.folder / "authority.yaml").write_text(AUTHORITY, encoding="utf-8")
        _said("init", trial.folder / "authority.yaml")
        forged = _forged(trial)
        leaked = _leaked(trial.folder / "g")
    count = 1_000_000 if trial.full else 20_000
    seconds = _verify_s(count)
    limit = 10 * count / 1_000_000 if trial.full else 5
    figure = f"{forged} forged lines, {leaked} secrets told, {count:,} events verified in {seconds:.1f} s"
    return Outcome(not forged and not leaked and seconds < limit, figure)


@contextlib.contextmanager
def _loose() -> Iterator[None]:
    with patch.object(running, "one_line", lambda text: text):
        yield


def _said(*arguments: object) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main([str(argument) for argument in arguments])
    return out.getvalue()


def _forged(trial: Trial) -> int:
    """Return how many lines, of what the import says of hostile cells, were not made by us."""
    chance = random.Random(trial.seed)
    rows = [HEADER]
    for _ in range(400 if trial.full else 40):
        cells = [chance.choice(NASTY) + "x" * chance.choice((1, 30, 3000)) for _ in range(9)]
        rows.append(",".join(f'"{cell}"' for cell in cells))
    path = trial.folder / "tasks.csv"
    path.write_bytes("\n".join(rows).encode())
    told = _said("import", "tasks", path)
    assert len(told) > 1000, "the file was not refused"
    lines = told.removesuffix("\n").split("\n")
    return sum(1 for line in lines if not PLACE.match(line) or COMMAND.search(line))


def _leaked(folder: Path) -> int:
    """Return how many secrets, or their digests, stand in the audit log or were said twice."""
    add = ("user", "add", "u", "--name", "U", "--role", "manager", "--organisation", "A")
    secrets = [_said(*add).strip().rpartition("/")[2], _said("token", "issue", "u").strip()]
    database = Database(f"sqlite:///{folder}/greenkeep.db")
    with database.transaction(HOST) as session:
        user = user_by_code(session, "u")
        secrets += [issue_link(session, HOST, user), issue_token(session, HOST, user, name="proof")]
    with database.transaction(HOST, write=False) as session:
        log = "\n".join(
            " ".join((*event.fields, event.digest, content.document if content else ""))
            for event, content in queries.events(session, after=0, limit=10_000)
        )
    database.engine.dispose()
    log += _said("user", "list") + _said("status") + _said("doctor")
    assert "token.issue" in log
    return sum(secret in log or digest(secret) in log for secret in secrets)


def _verify_s(count: int) -> float:
    """Return how long the verifier's walk over so many events takes."""
    entries, previous = [], rules.START
    salt, at = "00" * 16, datetime(2013, 1, 1, tzinfo=UTC)
    document = '{"after": [{"code": "J1-001", "name": "Lawn"}], "before": []}'
    content = rules.digest_of(salt, document)
    for seq in range(1, count + 1):
        fields = rules.fields_of(at, "somebody", "thing.do", "Thing 0190163d-8694-739b-aea5-966c26f8ad91")
        previous = rules.hash_of(previous, seq, fields, content)
        entries.append(rules.Entry(seq, fields, content, previous, salt, document))
    started = time.perf_counter()
    assert rules.broken(entries, (count, previous)) == []
    return time.perf_counter() - started


CHECK = Check(
    name="A4",
    claim="Hostile text forges no line, secrets stand in no log, and a log of a million events verifies in 10 s",
    target="0 forged, 0 told, < 10 s",
    control="a command line that prints what a file says",
    run=run,
)
