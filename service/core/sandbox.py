"""Run one function on one untrusted file in a fresh, limited interpreter.

Spawned, never forked: forking a threaded server with GDAL and numpy loaded can deadlock. The child has an own empty
folder, no secrets in its environment, and limits on time and memory.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.core.errors import Invalid
from service.core.i18n import N_

CHILD = """
import importlib, os, pickle, resource, sys
answer = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)  # whatever a library prints is no answer
cpu_s, memory_bytes, module, name, arguments = pickle.load(sys.stdin.buffer)
resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
result = getattr(importlib.import_module(module), name)(**arguments)
pickle.dump(result, answer, protocol=5)
answer.close()
"""


@dataclass(frozen=True)
class Limits:
    """What a child may use: CPU seconds and bytes of address space."""

    cpu_s: int
    memory_bytes: int


WEB = Limits(cpu_s=10, memory_bytes=1_500_000_000)
COMMAND_LINE = Limits(cpu_s=600, memory_bytes=8_000_000_000)


class CannotRead(Invalid):
    """The file crashed its reader, or took too long or too much."""

    code, message = "cannot_read_file", N_("The file could not be read within the limits. Is it damaged?")


def run_apart(function: Callable[..., Any], *, limits: Limits = COMMAND_LINE, **arguments: Any) -> Any:
    """Return what a module-level function returns for these arguments, run in a child process.

    Everything that crosses is pickled. The child's answer is trusted only as far as its code is ours.
    """
    asked = (limits.cpu_s, limits.memory_bytes, function.__module__, function.__qualname__, arguments)
    with tempfile.TemporaryDirectory(prefix="greenkeep-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-c", CHILD],
                input=pickle.dumps(asked),
                capture_output=True,
                cwd=folder,
                env=_environment(folder),
                timeout=limits.cpu_s * 6,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotRead from None
    if done.returncode != 0:
        raise CannotRead from RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    try:
        return pickle.loads(done.stdout)
    except (pickle.UnpicklingError, EOFError):
        raise CannotRead from None


def _environment(folder: str) -> dict[str, str]:
    """Nothing of ours but where the code is; GDAL may open no network file."""
    keep = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE") if name in os.environ}
    home = str(Path(__file__).resolve().parents[2])
    gdal = {"CPL_VSIL_CURL_ALLOWED_FILENAME": "/none", "GDAL_VRT_ENABLE_PYTHON": "NO", "OGR_SKIP": "OGR_VRT"}
    return keep | gdal | {"HOME": folder, "TMPDIR": folder, "PYTHONPATH": home, "OPENBLAS_NUM_THREADS": "1"}
