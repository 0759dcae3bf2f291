"""Make a clean picture of an untrusted photo. Runs in a child process of its own (core.sandbox)."""

import io
import struct
import warnings
from typing import Any

from PIL import Image, ImageOps
from PIL.ExifTags import GPS, IFD, Base

LARGEST = 40_000_000  # pixels
LARGEST_WEBP = 20_000_000  # its decoder holds four copies
LONG_SIDE = 1600  # of the rendition
SCALABLE = ("RGB", "CMYK", "L")  # a palette has to be converted before it is made smaller, transparency needs a copy
LONGEST_CLAIM = 80  # characters
FORMATS = ("JPEG", "PNG", "WEBP")


def clean(content: bytes) -> dict[str, Any]:
    """Return `jpeg`, `width`, `height` of the picture made anew, and what the device claimed of time and place.

    Pasted into a new image, so that EXIF, comments, XMP, profiles and whatever follows the picture are gone.
    """
    Image.MAX_IMAGE_PIXELS = LARGEST
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(content), formats=FORMATS) as original:
        width, height = original.size
        if original.format == "WEBP" and width * height > LARGEST_WEBP:
            raise Image.DecompressionBombError(f"{width} x {height} pixels")
        claims = _claims(original)
        spare = max(1, max(width, height) // (2 * LONG_SIDE))
        original.draft("RGB", (width // spare, height // spare))  # a JPEG is decoded no larger than that
        small: Image.Image = original
        if original.mode not in SCALABLE:
            small = original.convert("RGB")
            original.close()  # frees its pixels
        small.thumbnail((LONG_SIDE, LONG_SIDE))  # before it is converted and turned: each large copy is 160 MB
        turned = ImageOps.exif_transpose(small).convert("RGB")
        fresh = Image.new("RGB", turned.size)
        fresh.paste(turned)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=85)
    return {"jpeg": out.getvalue(), "width": fresh.width, "height": fresh.height, "claims": claims}


def _claims(picture: Image.Image) -> dict[str, Any]:
    """The device's word for time and place: shown as a claim, never used for a deadline or an amount."""
    try:
        exif = picture.getexif()
        more, gps = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
    except (SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return {}  # claims that cannot be read are none; the picture is still one
    texts = {"taken_at": more.get(Base.DateTimeOriginal), "camera": exif.get(Base.Model)}
    claims: dict[str, Any] = {name: _text(value) for name, value in texts.items() if isinstance(value, str)}
    claims["latitude"] = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef) == "S", 90)
    claims["longitude"] = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef) == "W", 180)
    return {name: value for name, value in claims.items() if value not in (None, "")}


def _text(value: str) -> str:
    """Keep what can be read of a stranger's text."""
    return "".join(character for character in value[:LONGEST_CLAIM] if character.isprintable()).strip()


def _degrees(parts: Any, negative: bool, most: int) -> float | None:
    """Return degrees; None unless the parts are three numbers that make a place on the globe."""
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if negative else value, 6) if 0 <= value <= most else None
