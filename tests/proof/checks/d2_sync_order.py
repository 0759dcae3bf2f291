"""D2: an upload is acknowledged after its bytes, its name and its row are on the disk, in this order."""

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from service.core.dates import system_clock
from tests.proof.at_hand import fresh_park, noise, served, summary, token_of
from tests.proof.check import Check, Outcome, Trial
from tests.service.policy import PREFIX

CALLS = "fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg,write,writev"
LINE = re.compile(r"(?:(?P<pid>\d+) +)?(?P<text>.*)")
UNFINISHED, RESUMED = " <unfinished ...>", re.compile(r"<\.\.\. \w+ resumed>(?P<rest>.*)")
PHOTO_BYTES = 20_000


class Call(NamedTuple):
    """One call of the system, in the order in which they ended; an answer counts from its begin."""

    name: str
    text: str


@cache
def lacking() -> str | None:
    """Return what this machine lacks for looking at calls."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian: strace)."
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "strace may not trace here."


def run(trial: Trial) -> Outcome:
    """Trace a server while photos come one after another; as a control, one that does not sync the folder."""
    count = 100 if trial.full and not trial.control else 5
    chance, trace, wrong = random.Random(trial.seed), trial.folder / "trace", []
    strace = ("strace", "-D", "-f", "-y", "-s", "48", "-e", f"trace={CALLS}", "-o", str(trace))
    faults = ("without_worker", "without_folder_sync") if trial.control else ("without_worker",)
    with fresh_park(trial) as world:
        world.instant = max(world.instant, system_clock())
        finding = world.file("N-1")
        hashes = []
        headers = token_of(world, "inspector") | {"Content-Type": "image/jpeg"}
        with served(world.folder, *faults, within=strace) as server, server.client(headers) as client:
            for _ in range(count):
                photo = noise(chance, PHOTO_BYTES)
                hashes.append(sha256(photo).hexdigest())
                answer = client.put(f"{PREFIX}/findings/{finding}/photos/{hashes[-1]}", content=photo)
                assert answer.status_code == 201, answer.text
    calls = list(read(trace.read_text("utf-8", "replace").splitlines()))
    for digest in hashes:
        wrong += [f"{digest[:8]}: {fault}" for fault in faults_of(calls, digest)]
    return Outcome(not wrong, summary(wrong, f"{count} uploads traced"))


def read(lines: list[str]) -> Iterator[Call]:
    """Yield the calls of a trace. One that was interrupted by another thread counts where it ended."""
    begun: dict[str, str] = {}
    for line in lines:
        found = LINE.fullmatch(line)
        assert found
        pid, text = found["pid"] or "", found["text"]
        if text.endswith(UNFINISHED):
            begun[pid] = text.removesuffix(UNFINISHED)
            if begun[pid].startswith(("send", "write")):
                yield Call(begun[pid].partition("(")[0], begun[pid])
            continue
        if resumed := RESUMED.match(text):
            text = begun.pop(pid, "") + resumed["rest"]
            if text.startswith(("send", "write")):
                continue
        yield Call(text.partition("(")[0], text)


def faults_of(calls: list[Call], digest: str) -> Iterator[str]:
    """Yield what is out of order for one photo: its bytes, its name, the folder of the name, the row, the answer."""
    renamed = _find(calls, 0, lambda call: call.name.startswith("rename") and f'/{digest}"' in call.text)
    if renamed is None:
        yield "never renamed"
        return
    draft, place = (Path(path) for path in re.findall(r'"([^"]+)"', calls[renamed].text))
    if _find(calls[:renamed], 0, lambda call: _syncs(call, str(draft))) is None:
        yield "its bytes were not synced before it got its name"
    named = _find(calls, renamed, lambda call: _syncs(call, str(place.parent)))
    answered = _find(calls, renamed, lambda call: "HTTP/1.1 201" in call.text)
    if named is None or answered is None or named > answered:
        yield "the folder of its name was not synced before the answer"
        return
    row = _find(calls, named, lambda call: _syncs(call, "greenkeep.db-wal"))
    if row is None or row > answered:
        yield "its row was not synced after its name and before the answer"


def _syncs(call: Call, path: str) -> bool:
    return call.name in ("fsync", "fdatasync") and f"{path}>" in call.text and call.text.rstrip().endswith("= 0")


def _find(calls: list[Call], begin: int, fits: Callable[[Call], bool]) -> int | None:
    return next((n for n in range(begin, len(calls)) if fits(calls[n])), None)


CHECK = Check(
    name="D2",
    claim="An upload is acknowledged after its bytes, its name and its row were made durable, in this order",
    target="100 %: fsync of the file, rename, fsync of the folder, sync of the WAL, then 201",
    control="the folder not synced",
    run=run,
    lacking=lacking,
)
