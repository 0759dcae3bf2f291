"""What the check of pictures runs in the child process. It loads no more than the service's own child does."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from service.evidence import pictures


def picture(path: Path, file: str) -> tuple[list[str], Any]:
    """Make the clean picture of a photo as the service does; made: its bytes."""
    return [], pictures.clean(path.read_bytes())["jpeg"]


def picture_kept(path: Path, file: str) -> tuple[list[str], Any]:
    """Save a photo again as it was read."""
    out = io.BytesIO()
    with Image.open(path) as original:
        original.save(out, original.format)
    return [], out.getvalue()
