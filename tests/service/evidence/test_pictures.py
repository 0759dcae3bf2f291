"""The clean picture: nothing of a stranger's file is in it but the picture."""

import io
import random

import pytest
from PIL import Image, UnidentifiedImageError

from service.core.errors import Invalid
from service.core.sandbox import WEB, CannotRead, run_apart
from service.evidence import pictures
from service.evidence.rules import PHOTO_BYTES, NotAPhoto, media_type_of
from tests.service.evidence.pictures import CANARY, bomb, exif, laden, photo, text_png

HOSTILE = {
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "tiff": photo(kind="TIFF"),
    "gif": photo(kind="GIF", mode="P"),
    "bmp": photo(kind="BMP"),
    "html": b"<html>\xff\xd8\xff</html>",
    "empty": b"",
    "zip": b"PK\x03\x04" + photo(),
    "webp that is none": b"RIFF\x00\x00\x00\x00AVI " + bytes(99),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_begin_as_a_photo_is_not_kept(name: str) -> None:
    with pytest.raises(NotAPhoto):
        media_type_of(HOSTILE[name])


@pytest.mark.parametrize("name", ["eps", "tiff", "gif", "bmp"])
def test_no_other_reader_is_ever_started(name: str) -> None:
    """The magic bytes are asked first, but the child must not depend on it: some readers start other programs."""
    with pytest.raises(UnidentifiedImageError):
        pictures.clean(HOSTILE[name])


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_the_type_is_told_by_the_bytes(kind: str, media_type: str) -> None:
    assert media_type_of(photo(kind=kind)) == media_type


def test_a_photo_has_a_largest_size() -> None:
    padding = bytes(PHOTO_BYTES)
    with pytest.raises(NotAPhoto):
        media_type_of(photo() + padding)
    assert media_type_of((photo() + padding)[:PHOTO_BYTES]) == "image/jpeg"


@pytest.mark.parametrize("content", [laden(), text_png()], ids=["jpeg", "png"])
def test_no_metadata_comment_or_tail_survives(content: bytes) -> None:
    assert CANARY in content
    made = pictures.clean(content)["jpeg"]
    assert CANARY not in made
    assert b"<script>" not in made
    assert b"http://" not in made
    assert made.endswith(b"\xff\xd9"), "nothing follows the end of the picture"
    with Image.open(io.BytesIO(made)) as picture:
        assert not picture.getexif()
        assert {"comment", "exif", "xmp", "photoshop", "icc_profile"}.isdisjoint(picture.info)


def test_saving_again_would_have_kept_the_comment() -> None:
    out = io.BytesIO()
    with Image.open(io.BytesIO(laden())) as picture:
        picture.save(out, "JPEG")
    assert CANARY in out.getvalue(), "if this fails, the test above proves nothing"


@pytest.mark.parametrize(
    ("turn", "size", "red"),
    [(1, (80, 40), (5, 20)), (3, (80, 40), (75, 20)), (6, (40, 80), (20, 5)), (8, (40, 80), (20, 75))],
)
def test_the_picture_stands_as_the_phone_was_held(turn: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    made = pictures.clean(photo(exif=exif(Orientation=turn)))
    assert (made["width"], made["height"]) == size
    with Image.open(io.BytesIO(made["jpeg"])) as picture:
        assert picture.size == size
        colour = picture.getpixel(red)
        assert isinstance(colour, tuple)
        assert colour[0] > 200 > 60 > colour[2]


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "I;16"])
def test_every_kind_of_colour_becomes_an_ordinary_picture(mode: str) -> None:
    content = photo(mode="L" if mode == "I;16" else mode, kind="JPEG" if mode == "CMYK" else "PNG")
    with Image.open(io.BytesIO(pictures.clean(content)["jpeg"])) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (80, 40))


def test_a_large_picture_is_made_smaller() -> None:
    made = pictures.clean(photo(size=(4000, 2000)))
    assert (made["width"], made["height"]) == (pictures.LONG_SIDE, pictures.LONG_SIDE // 2)


def test_the_claims_of_the_device_are_read_first() -> None:
    assert pictures.clean(photo(exif=exif(lat="S", lon="W")))["claims"] == {
        "taken_at": "2013:08:05 10:11:12",
        "camera": "Phone 9",
        "latitude": -31.91,
        "longitude": -118.82,
    }
    assert pictures.clean(photo())["claims"] == {}


@pytest.mark.parametrize(
    "tags",
    [
        {"GPSLatitude": (float("inf"), 0.0, 0.0)},
        {"GPSLatitude": (0.0, 0.0)},
        {"GPSLatitude": (91.0, 0.0, 0.0), "GPSLongitude": (181.0, 0.0, 0.0)},
        {"GPSLatitude": (1e300, 0.0, 0.0)},
    ],
)
def test_a_place_that_is_none_is_no_claim_and_no_fault(tags: dict[str, object]) -> None:
    claims = pictures.clean(photo(exif=exif(**tags)))["claims"]
    assert "latitude" not in claims
    assert all(isinstance(value, str) or abs(value) <= 180 for value in claims.values())


def test_a_claim_is_short_and_can_be_read() -> None:
    claims = pictures.clean(photo(exif=exif(Model="a\x1b[2J\nb" + "x" * 5000)))["claims"]
    assert claims["camera"] == "a[2Jb" + "x" * (pictures.LONGEST_CLAIM - 7)


@pytest.mark.parametrize(
    "content",
    [
        photo()[:200],
        b"\xff\xd8\xff\xe0" + bytes(500),
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        bomb(13_000, 13_000),
        bomb(50_000, 50_000)[:5000],
        photo((5100, 4000), kind="WEBP"),
        b"\xff\xd8\xff" + HOSTILE["eps"],
    ],
    ids=["cut", "no jpeg", "no png", "169 megapixels", "2500 megapixels", "WebP of 20 megapixels", "eps behind magic"],
)
def test_hostile_pictures_end_in_the_child(content: bytes) -> None:
    assert media_type_of(content)
    with pytest.raises(CannotRead) as refused:
        run_apart(pictures.clean, limits=WEB, content=content)
    assert isinstance(refused.value, Invalid)
    assert refused.value.details == {}, "what the child says of a stranger's file is not for the caller"


def test_mutants_end_as_a_picture_or_an_exception() -> None:
    """The child may raise what it likes, but must not crash the interpreter; 300 mutants show the common paths."""
    chance, whole = random.Random(20130903), laden()
    made = 0
    for _ in range(300):
        mutant = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            mutant[chance.randrange(3, len(mutant))] = chance.randrange(256)
        try:
            result = pictures.clean(bytes(mutant))
        except Exception:
            continue
        made += 1
        assert CANARY not in result["jpeg"]
    assert made > 50
