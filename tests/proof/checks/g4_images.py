"""G4: whatever is sent as a photo, a picture comes of it, made anew and small, or nothing."""

import io
import random
import zlib
from collections.abc import Iterator

from PIL import Image

from service.core.errors import Invalid
from service.core.sandbox import WEB
from service.evidence.rules import PHOTO_BYTES, media_type_of
from tests.proof.apart import DEATH, Reading, apart
from tests.proof.at_hand import summary
from tests.proof.check import Check, Outcome, Trial
from tests.proof.clean import faults_of
from tests.proof.decoding import picture, picture_kept
from tests.service.evidence.pictures import CANARY, bomb, exif, laden, photo, text_png

MOST_BYTES = 400_000_000  # of the child's memory
SCRIPT = b"<script>" + CANARY + b"</script>"


def foreign() -> Iterator[tuple[str, bytes]]:
    """Yield what is no photo by its first bytes."""
    for kind in ("TIFF", "GIF", "BMP", "PPM", "ICO", "TGA", "PCX", "SGI", "DDS", "JPEG2000"):
        yield kind, photo(kind=kind, mode="P" if kind == "GIF" else "RGB")
    yield "EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "FITS", b"SIMPLE  =                    T" + bytes(2850)
    yield "PDF", b"%PDF-1.7\n" + photo()
    yield "HTML before a JPEG", b"<html>" + photo()
    yield "ZIP before a JPEG", b"PK\x03\x04" + photo()
    yield "WebP that is AVI", b"RIFF\x00\x00\x00\x00AVI " + bytes(99)
    yield "too long", photo() + bytes(PHOTO_BYTES)
    yield "nothing", b""


def bombs(full: bool) -> Iterator[tuple[str, bytes]]:
    """Yield pictures that are larger than they look, and such as are as large as they may be."""
    yield "81 megapixels", bomb(9000, 9000)
    yield "169 megapixels", bomb(13_000, 13_000)
    yield "2500 megapixels", bomb(50_000, 50_000)[:5000]
    yield "wide", bomb(40_000_001, 1)
    yield "a JPEG of 65535 pixels squared", _resized(photo())
    yield (
        "a long text",
        text_png()[:33] + _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(90_000_000), 9)) + photo(kind="PNG")[33:],
    )
    if full:
        yield "20 megapixels, WEBP", photo((5000, 4000), kind="WEBP", exif=exif(Orientation=6))
        for kind, mode in (("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")):
            yield f"40 megapixels, {kind} {mode}", photo((8000, 5000), mode, kind, exif=exif(Orientation=6))
        yield (
            "40 megapixels, progressive",
            photo((8000, 5000), progressive=True, subsampling=0, exif=exif(Orientation=6)),
        )


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Yield photos that are something else besides, and that carry what nobody may see."""
    yield "laden", laden()
    yield "text", text_png()
    yield "HTML behind a JPEG", photo() + SCRIPT
    yield "HTML in a JPEG", photo(comment=SCRIPT)
    yield "ZIP behind a PNG", photo(kind="PNG") + b"PK\x03\x04" + CANARY
    yield (
        "JavaScript in a JPEG",
        photo()[:2] + b"\xff\xfe\x2f\x2a" + b"\0" * 0x2F28 + b"*/alert(1)/*" + CANARY + photo()[2:],
    )
    yield "EXIF in a WebP", photo(kind="WEBP", exif=exif())
    yield "XMP in a WebP", photo(kind="WEBP", xmp=CANARY)
    yield "EXIF in a PNG", photo(kind="PNG", exif=exif())
    yield "a profile", photo(icc_profile=CANARY * 20)
    frames = [Image.new("RGB", (8, 8), (n, 0, 0)) for n in range(200)]
    for kind in ("PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:] * 50)
        yield f"10,000 frames, {kind}", out.getvalue()
    yield "cut off", laden()[:400]
    yield "cut off late", photo()[:-20]


def run(trial: Trial) -> Outcome:
    """Decode all of them and mutants of them; as a control, save pictures again as they were read."""
    wrong = [f"{name} is taken for a photo" for name, content in foreign() if _is_photo(content)]
    cases = dict(polyglots()) if trial.control else dict(bombs(trial.full)) | dict(polyglots())
    mutants = dict(_mutants(trial, 2000 if trial.full else 200))
    most = 0
    for group in ({name: content} for name, content in cases.items()) if trial.full else (cases,):
        most = max(most, _look(group, trial.control, wrong))
    for begin in range(0, len(mutants), 500):
        group = dict(list(mutants.items())[begin : begin + 500])
        most = max(most, _look(group, trial.control, wrong))
    tried = f"{len(cases)} pictures, {len(mutants)} mutants, {len(dict(foreign()))} other files, {most // 1_000_000} MB"
    return Outcome(not wrong, summary(wrong, tried))


def _look(group: dict[str, bytes], control: bool, wrong: list[str]) -> int:
    """Note what is wrong; return the most memory of the child."""
    read = apart(picture_kept if control else picture, {name: ("", content) for name, content in group.items()})
    wrong += [f"{name}: {fault}" for name, one in read.items() for fault in _faults(one)]
    return max(one.peak_bytes for one in read.values())


def _faults(read: Reading) -> Iterator[str]:
    if read.cpu_s > WEB.cpu_s or read.codes == [DEATH]:
        yield f"slow, or dead: {read.made}"
    if read.peak_bytes > MOST_BYTES:
        yield f"{read.peak_bytes} bytes of memory"
    if not read.codes:
        yield from faults_of(read.made)


def _mutants(trial: Trial, count: int) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(trial.seed)
    seeds = [laden(), text_png(), photo(kind="WEBP", exif=exif()), photo(kind="PNG", mode="P"), photo(progressive=True)]
    for number in range(count):
        mutant = bytearray(seeds[number % len(seeds)])
        for _ in range(chance.randint(1, 8)):
            mutant[chance.randrange(12, len(mutant))] = chance.randrange(256)
        yield f"mutant {number}", bytes(mutant)


def _is_photo(content: bytes) -> bool:
    try:
        return bool(media_type_of(content))
    except Invalid:
        return False


def _resized(jpeg: bytes) -> bytes:
    begin = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:begin] + b"\xff\xff\xff\xff" + jpeg[begin + 4 :]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


CHECK = Check(
    name="G4",
    claim="Only JPEG, PNG and WebP are taken, of at most 40 megapixels (WebP 20) and 15 MB; the clean picture is "
    "nothing but a picture, whatever came with it",
    target="0 canaries, 0 segments but a picture's, at most 400 MB and 10 s for each",
    control="the picture saved again as it was read, which keeps comments",
    run=run,
)
