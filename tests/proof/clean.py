"""What a clean picture may consist of."""

import io
from collections.abc import Iterator

from PIL import Image

from service.evidence import pictures
from tests.service.evidence.pictures import CANARY

MARKERS = {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDA, 0xD9}  # what a plain JPEG consists of, and nothing else


def faults_of(made: bytes) -> Iterator[str]:
    """Yield what is in a clean picture beside the picture."""
    if CANARY in made or b"<script" in made or b"PK\x03\x04" in made:
        yield "the canary is in it"
    at, marker = 2, 0xD8
    while made[at] == 0xFF and (marker := made[at + 1]) in MARKERS and marker != 0xDA:
        at += 2 + int.from_bytes(made[at + 2 : at + 4], "big")
    if made[:2] != b"\xff\xd8" or marker != 0xDA:
        yield f"it has a segment {marker:x}"
    if made.find(b"\xff\xd9") != len(made) - 2:
        yield "something follows it"
    with Image.open(io.BytesIO(made)) as opened:
        if opened.format != "JPEG" or max(opened.size) > pictures.LONG_SIDE or opened.getexif():
            yield "it is no small JPEG"
