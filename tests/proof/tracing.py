"""What the child processes on strangers' files ask of the system, as strace tells it."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

CALLS = "connect,sendto,open,openat,openat2,creat,unlink,rename"
CONNECT = re.compile(r"\b(connect|sendto)\(\d+")


@contextmanager
def traced(folder: Path) -> Iterator[None]:
    """Start each child of the sandbox under strace; what it asks for is in a file of the folder."""
    folder.mkdir()
    wrapper = folder / "python"
    strace = f"strace -f --seccomp-bpf -qq -s 400 -e trace={CALLS} -o {folder}/trace.$$"
    wrapper.write_text(f'#!/bin/sh\nexec {strace} {sys.executable} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o700)
    with patch.object(sys, "executable", os.fspath(wrapper)):
        yield


def faults_of(folder: Path, canary: str) -> Iterator[str]:
    """Yield each call that asks for another host, or for a file that is named like the canary."""
    traces = sorted(folder.glob("trace.*"))
    assert traces, "nothing was traced"
    for trace in traces:
        with trace.open(encoding="utf-8", errors="replace") as lines:
            yield from (line.strip()[:200] for line in lines if CONNECT.search(line) or canary in line)
