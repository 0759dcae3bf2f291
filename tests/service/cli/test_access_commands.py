"""greenkeep user and greenkeep token: passwords, roles, scopes."""

import io
import re

import pytest

from service.access import passwords
from service.access.queries import kept_password, user_by_code
from service.audit_log.queries import events
from tests.service.cli.conftest import Run
from tests.service.cli.test_commands import database, lines
from tests.service.exchange.files import HOST

GOOD = "four green benches"
ADD = ("user", "add", "zhou", "--name", "周敏", "--role", "viewer", "--organisation", "JNSP")


@pytest.fixture
def staffed(founded: Run) -> Run:
    """Return the same, with an account."""
    assert founded(*ADD).code == 0
    return founded


def kept() -> str | None:
    with database() as opened, opened.transaction(HOST, write=False) as session:
        return kept_password(session, user_by_code(session, "zhou"))


def test_a_password_is_read_and_kept(staffed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
    done = staffed("user", "password", "zhou")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert passwords.fits(kept(), GOOD)
    with database() as opened, opened.transaction(HOST, write=False) as session:
        documents = [content.document for _, content in events(session, after=0, limit=1000) if content]
    assert not any(GOOD in document or "argon2" in document for document in documents)


@pytest.mark.parametrize(
    ("typed", "told"),
    [("short\n", "at least 12 characters"), ("zhou周敏zhou周敏zhou\n", "easy to guess"), ("", "at least 12")],
)
def test_a_weak_one_is_refused(staffed: Run, monkeypatch: pytest.MonkeyPatch, typed: str, told: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    done = staffed("user", "password", "zhou")
    assert done.code == 1
    assert told in done.err
    assert kept() is None


def test_typed_at_a_terminal_it_is_asked_for_twice(staffed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([GOOD, "four green bench", GOOD, GOOD])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("service.cli.user_command.getpass", lambda _prompt: next(answers))
    assert "not the same" in staffed("user", "password", "zhou").err
    assert kept() is None
    assert staffed("user", "password", "zhou").code == 0
    assert passwords.fits(kept(), GOOD)


def test_the_operator_gives_any_role_alone(staffed: Run) -> None:
    assert staffed("user", "role", "zhou", "admin").code == 0
    assert "zhou\tadmin" in staffed("user", "list").out
    assert "has this role already" in staffed("user", "role", "zhou", "admin").err
    assert "Only people of a contractor" in staffed("user", "role", "zhou", "contractor").err


def test_tokens_read_unless_said_otherwise_are_listed_and_revoked(staffed: Run) -> None:
    secrets = [staffed("token", "issue", "zhou", "--name", "nightly\nexport").out.strip()]
    secrets.append(staffed("token", "issue", "zhou", "--scope", "write", "--days", "7").out.strip())
    assert all(re.fullmatch(r"gk_[\w-]{43}", secret) for secret in secrets)
    first, second = lines(staffed("token", "list").out)
    assert re.fullmatch(r"[0-9a-f-]{36} zhou read until \d{4}-\d\d-\d\d unused nightly\ufffdexport", first)
    assert " zhou write until " in second
    assert not any(secret in first + second for secret in secrets)
    assert staffed("token", "revoke", first.split()[0]).code == 0
    assert " zhou read revoked " in lines(staffed("token", "list", "zhou").out)[0]
    assert "Not found" in staffed("token", "revoke", "0190163d-8694-739b-aea5-966c26f8ad91").err


@pytest.mark.parametrize("more", [("--scope", "all"), ("--days", "0"), ("--days", "366")])
def test_a_token_of_another_kind_is_refused(staffed: Run, more: tuple[str, ...]) -> None:
    assert staffed("token", "issue", "zhou", *more).code == 2
    assert staffed("token", "list").out == ""
