"""What a measurement was made on."""

import os
import platform
from pathlib import Path


def describe_machine() -> str:
    """Return the processor, the number of cores, the system and the Python, in one phrase."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    processor = names[0].partition(":")[2].strip() if names else platform.machine()
    return f"{os.cpu_count()} cores of {processor}, {platform.system()}, Python {platform.python_version()}"
