"""Make a clean picture of an untrusted photo. Runs in a child process of its own (core.sandbox)."""

import io
import warnings
from typing import Any

from PIL import Image, ImageOps
from PIL.ExifTags import GPS, IFD, Base

LARGEST = 40_000_000  # pixels
LONG_SIDE = 1600  # of the rendition
FORMATS = ("JPEG", "PNG", "WEBP")


def clean(content: bytes) -> dict[str, Any]:
    """Return `jpeg`, `width`, `height` of the picture made anew, and what the device claimed of time and place.

    Pasted into a new image, so that EXIF, comments, XMP, profiles and whatever follows the picture are gone.
    """
    Image.MAX_IMAGE_PIXELS = LARGEST
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(content), formats=FORMATS) as original:
        claims = _claims(original)
        turned = ImageOps.exif_transpose(original).convert("RGB")
        turned.thumbnail((LONG_SIDE, LONG_SIDE))
        fresh = Image.new("RGB", turned.size)
        fresh.paste(turned)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=85)
    return {"jpeg": out.getvalue(), "width": fresh.width, "height": fresh.height, "claims": claims}


def _claims(picture: Image.Image) -> dict[str, Any]:
    """The device's word for time and place: shown as a claim, never used for a deadline or an amount."""
    exif = picture.getexif()
    claims = {"taken_at": exif.get_ifd(IFD.Exif).get(Base.DateTimeOriginal), "camera": exif.get(Base.Model)}
    gps = exif.get_ifd(IFD.GPSInfo)
    claims["latitude"] = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef) == "S")
    claims["longitude"] = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef) == "W")
    return {name: value if isinstance(value, float) else str(value) for name, value in claims.items() if value}


def _degrees(parts: Any, negative: bool) -> float | None:
    if not parts or len(parts) != 3:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if negative else value, 6)
