"""G8: building, serving, every page and map, imports and jobs: nobody else is ever connected to."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

from tests.proof.at_hand import START, fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.service.full_world import fill
from tests.support.sources import ROOT

CONNECT = re.compile(r'(connect|sendto|sendmsg|sendmmsg)\(.*?(inet_addr\("|inet_pton\(AF_INET6, ")(?P<host>[^"]+)"')
ALONE = ("unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")  # a network with nobody in it
TESTS = (
    "tests/stories/test_contract_year.py",
    "tests/service/exchange/test_uploads.py",
    "tests/service/jobs/test_worker.py",
    "tests/service/web/test_sign_in.py",
    "tests/service/cli/test_tls.py",
    "tests/maps/test_register.py",
)


@cache
def lacking() -> str | None:
    """Return what this machine lacks for looking at connections."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian: strace)."
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "strace may not trace here."


@cache
def alone() -> tuple[str, ...]:
    """Return what starts a program where there is no other host; nothing where this is not allowed."""
    tried = subprocess.run([*ALONE, "true"], capture_output=True, check=False)
    return ALONE if tried.returncode == 0 else ()


def run(trial: Trial) -> Outcome:
    """Trace the work of a day; as a control, pages that ask another host for something."""
    full = trial.full and not trial.control
    wrong: list[str] = []
    loopback = 0
    for n, command in enumerate(_full(trial) if full else _short(trial)):
        trace = trial.folder / f"trace-{n}"
        strace = ("strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(trace))
        ran = subprocess.run(
            [*alone(), *strace, sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        hosts = [
            found["host"] for found in map(CONNECT.search, trace.read_text("utf-8", "replace").splitlines()) if found
        ]
        loopback += sum(map(_is_loopback, hosts))
        wrong += [f"{command[1]} connects to {host}" for host in hosts if not _is_loopback(host)]
        if ran.returncode:
            wrong.append(f"{command[1]}: {(ran.stdout + ran.stderr)[-300:]}")
    if not loopback:
        wrong.append("no connection was traced at all")
    where = "with no network" if alone() else "with the network there"
    return Outcome(not wrong, summary(wrong, f"{where}, {loopback} connections to this machine traced"))


def _short(trial: Trial) -> Iterator[list[str]]:
    """Yield a walk over a small park."""
    with fresh_park(trial) as world:
        fill(world)
        folder = world.folder
    yield ["-m", "tests.proof.walking", str(folder), "12", *(["curious"] if trial.control else [])]


def _full(trial: Trial) -> Iterator[list[str]]:
    """Yield the building of the demo, a walk over all its pages and maps, and tests of what else is done."""
    folder = trial.folder / "demo"
    yield ["-c", START, "demo", "--build-only", "--folder", str(folder)]
    yield ["-m", "tests.proof.walking", str(folder), "150"]
    yield ["-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *TESTS]


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host == "::1"


CHECK = Check(
    name="G8",
    claim="Nobody else is asked for anything: not by the demo's building, by pages, maps, sheets, imports or jobs",
    target="0 connections but to this machine",
    control="pages that ask another host for something",
    run=run,
    lacking=lacking,
)
