"""Certificates of one's own, and https with them: what is trusted, for which names, and what is refused."""

import os
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from service.cli import certificates
from service.cli.certificates import AUTHORITY, SERVER, BadName, OpenKey, RanOut, Unfit, make, read, refuse_unfit, renew
from tests.service.cli.conftest import Run
from tests.service.cli.test_commands import lines

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
NAMES = ("greenkeep.park.example", "192.0.2.7")
START = "import sys; from service.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with certificates for two names."""
    make(tmp_path / "tls", NAMES, NOW)
    return tmp_path / "tls"


def verify(folder: Path, name: str, leaf: x509.Certificate | None = None, at: datetime = NOW) -> None:
    store = Store([x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())])
    subject = certificates.general_name(name)
    verifier = PolicyBuilder().store(store).time(at).build_server_verifier(subject)  # type: ignore[arg-type]
    verifier.verify(leaf or read(folder, SERVER)[0], [])


def test_a_browser_that_trusts_the_authority_trusts_the_server_for_its_names(folder: Path) -> None:
    for name in (*NAMES, "localhost", "127.0.0.1"):
        verify(folder, name)
    for name in ("elsewhere.example", "192.0.2.8"):
        with pytest.raises(VerificationError):
            verify(folder, name)
    with pytest.raises(VerificationError):
        verify(folder, NAMES[0], at=NOW + certificates.SERVER_LIVES)


def test_the_authority_signs_for_no_other_host(folder: Path) -> None:
    other = [certificates.general_name("bank.example")]
    forged, _key = certificates._server(read(folder, AUTHORITY), other, NOW)
    with pytest.raises(VerificationError):
        verify(folder, "bank.example", forged)


def test_keys_are_private_from_the_start_and_nothing_is_written_over(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.glob("*.key")} == {
        "authority.key": 0o600,
        "server.key": 0o600,
    }
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(certificates.AlreadyMade):
        make(folder, NAMES, NOW)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["tls"]


def test_the_server_is_renewed_and_nobody_has_to_trust_again(folder: Path) -> None:
    old, authority = read(folder, SERVER)[0], (folder / "authority.crt").read_bytes()
    later = NOW + timedelta(days=370)
    assert refuse_unfit(folder, NOW) is None
    assert refuse_unfit(folder, later) == old.not_valid_after_utc, "soon"
    with pytest.raises(RanOut):
        refuse_unfit(folder, old.not_valid_after_utc)
    renew(folder, later)
    assert (folder / "authority.crt").read_bytes() == authority
    assert read(folder, SERVER)[0].serial_number != old.serial_number
    verify(folder, NAMES[0], at=later)
    assert sorted(path.name for path in folder.iterdir()) == [
        "authority.crt",
        "authority.key",
        "server.crt",
        "server.key",
    ]


def test_what_cannot_serve_is_refused(folder: Path) -> None:
    key = folder / "server.key"
    key.chmod(0o640)
    with pytest.raises(OpenKey):
        refuse_unfit(folder, NOW)
    key.write_bytes((folder / "authority.key").read_bytes())
    key.chmod(0o600)
    with pytest.raises(Unfit):
        refuse_unfit(folder, NOW)
    key.write_text("no key")
    with pytest.raises(Unfit):
        refuse_unfit(folder, NOW)


@pytest.mark.parametrize(
    "name", ["", "*.park.example", "park example", "-x", "192.0.2.999", "http://x", "a" * 64, "绿"]
)
def test_names_are_those_of_hosts(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName):
        make(tmp_path / "tls", [name], NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_command_explains_how_to_trust(run: Run, installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("tls", "init", *NAMES)
    assert done.code == 0, done.err
    for device in ("Windows", "Android", "iPhone", "Debian", "SHA-256 "):
        assert device in done.out
    assert run("tls", "trust").out == done.out
    again = run("tls", "init", *NAMES)
    assert (again.code, again.out) == (1, "")
    assert "holds certificates already" in again.err
    assert run("tls", "renew").code == 0
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    chinese = lines(run("tls", "trust").out)
    assert len(chinese) == len(lines(done.out))
    assert sum(line.isascii() for line in chinese) == 1, "the fingerprint"


@contextmanager
def serving(installation: Path, *arguments: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-c", START, "serve", "--port", str(port), *arguments]
    with subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            assert f":{port}" in server.stdout.readline()
            yield port
        finally:
            server.terminate()
            server.wait(60)


def opened(address: str, trust: Path | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Return the status and the body that an address answers, past any proxy of this machine."""
    context = ssl.create_default_context(cafile=str(trust)) if trust else ssl.create_default_context()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(urllib.request.Request(address, headers=headers or {}), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


@pytest.mark.usefixtures("on_sqlite")
def test_https_is_served_to_whoever_trusts(founded: Run, installation: Path) -> None:
    assert "server.crt is missing" in founded("serve", "--tls").err
    assert founded("tls", "init", *NAMES).code == 0
    with serving(installation, "--tls") as port:
        trust = installation / "tls" / "authority.crt"
        assert opened(f"https://localhost:{port}/sign-in", trust)[0] == 200
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            opened(f"https://localhost:{port}/sign-in")


@pytest.mark.usefixtures("on_sqlite")
def test_only_the_proxy_is_let_in_and_believed(founded: Run, installation: Path) -> None:
    with serving(installation, "--proxy", "192.0.2.1") as port:
        assert opened(f"http://127.0.0.1:{port}/sign-in") == (403, "Only by way of the proxy.\n")
    forwarded = {"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "https"}
    with serving(installation, "--proxy", "127.0.0.1") as port:
        assert opened(f"http://127.0.0.1:{port}/sign-in", headers=forwarded)[0] == 200
