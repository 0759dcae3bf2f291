"""Run one function on one untrusted file in a fresh, limited interpreter.

Spawned, never forked: forking a threaded server with GDAL and numpy loaded can deadlock. The child has an own empty
folder, no secrets in its environment, no network where the system lets it leave it, and limits on time, memory and
what it writes.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

from service.core.errors import Invalid
from service.core.i18n import N_

CHILD = """
import ctypes, importlib, os, pickle, resource, sys
answer = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)  # whatever a library prints is no answer
system, network, user = ctypes.CDLL(None), 0x40000000, 0x10000000
system.unshare(network) and system.unshare(user | network)  # an ordinary user may leave by way of a space of its own
cpu_s, memory_bytes, written_bytes, module, name, arguments = pickle.load(sys.stdin.buffer)
resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
resource.setrlimit(resource.RLIMIT_FSIZE, (written_bytes, written_bytes))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
result = getattr(importlib.import_module(module), name)(**arguments)
pickle.dump(result, answer, protocol=5)
answer.close()
"""


@dataclass(frozen=True)
class Limits:
    """What a child may use: CPU seconds, bytes of address space, bytes of any one file, its answer among them."""

    cpu_s: int
    memory_bytes: int
    written_bytes: int = 250_000_000


WEB = Limits(cpu_s=10, memory_bytes=1_500_000_000)
COMMAND_LINE = Limits(cpu_s=600, memory_bytes=8_000_000_000, written_bytes=8_000_000_000)
NETWORK = "/proc/self/ns/net"  # a link that names the network in which a process is


class CannotRead(Invalid):
    """The file crashed its reader, or took too long or too much."""

    code, message = "cannot_read_file", N_("The file could not be read within the limits. Is it damaged?")


def run_apart(function: Callable[..., Any], *, limits: Limits = COMMAND_LINE, **arguments: Any) -> Any:
    """Return what a module-level function returns for these arguments, run in a child process.

    Everything that crosses is pickled. The child's answer is trusted only as far as its code is ours.
    """
    asked = (*astuple(limits), function.__module__, function.__qualname__, arguments)
    with TemporaryDirectory(prefix="greenkeep-") as folder, TemporaryFile() as answer, TemporaryFile() as said:
        try:
            done = subprocess.run(
                [sys.executable, "-c", CHILD],
                input=pickle.dumps(asked),
                stdout=answer,  # files, not pipes: they end where its limit is, a pipe would fill our memory
                stderr=said,
                cwd=folder,
                env=_environment(folder),
                timeout=limits.cpu_s * 6,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotRead from None
        if done.returncode != 0:
            raise CannotRead from RuntimeError(_end_of(said))
        try:
            answer.seek(0)
            return pickle.load(answer)
        except (pickle.UnpicklingError, EOFError):
            raise CannotRead from None


def is_cut_off() -> bool:
    """Tell whether a child is out of the network here. Containers and some kernels do not let an account leave it."""
    return bool(run_apart(os.readlink, limits=WEB, path=NETWORK) != os.readlink(NETWORK))


def _end_of(said: IO[bytes]) -> str:
    said.seek(max(said.seek(0, os.SEEK_END) - 2000, 0))
    return said.read().decode(errors="replace")


def _environment(folder: str) -> dict[str, str]:
    """Nothing of ours but where the code is; GDAL may open no network file."""
    keep = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE") if name in os.environ}
    home = str(Path(__file__).resolve().parents[2])
    gdal = {"CPL_VSIL_CURL_ALLOWED_FILENAME": "/none", "GDAL_VRT_ENABLE_PYTHON": "NO", "OGR_SKIP": "OGR_VRT"}
    return keep | gdal | {"HOME": folder, "TMPDIR": folder, "PYTHONPATH": home, "OPENBLAS_NUM_THREADS": "1"}
