"""Pictures as phones, programs and strangers send them."""

import io
import struct
import zlib

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

CANARY = b"CANARY-7f3a"


def photo(size: tuple[int, int] = (80, 40), mode: str = "RGB", kind: str = "JPEG", **options: object) -> bytes:
    """Return a picture whose left half is red, the right one blue."""
    picture = Image.new("RGB", size, "blue")
    picture.paste(Image.new("RGB", (size[0] // 2, size[1]), "red"), (0, 0))
    out = io.BytesIO()
    picture.convert(mode).save(out, kind, **options)
    return out.getvalue()


def exif(**tags: object) -> bytes:
    """Return EXIF with a place, a time, an owner and a serial number; `tags` are laid over it by their names."""
    made = Image.Exif()
    made[Base.Model] = tags.get("Model", "Phone 9")
    made[Base.Artist] = CANARY.decode()
    made[Base.Orientation] = tags.get("Orientation", 1)
    made.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = tags.get("DateTimeOriginal", "2013:08:05 10:11:12")
    made.get_ifd(IFD.Exif)[Base.BodySerialNumber] = CANARY.decode()
    place = made.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLongitudeRef] = tags.get("lat", "N"), tags.get("lon", "E")
    place[GPS.GPSLatitude] = tags.get("GPSLatitude", (31.0, 54.0, 36.0))
    place[GPS.GPSLongitude] = tags.get("GPSLongitude", (118.0, 49.0, 12.0))
    return made.tobytes()


def laden() -> bytes:
    """Return a JPEG that carries the canary in every place where metadata hides: EXIF, XMP, IPTC, comment, tail."""
    plain = photo(exif=exif())
    segments = [
        (0xFE, CANARY + b" comment"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x>" + CANARY + b"</x>"),
        (0xED, b"Photoshop 3.0\x00" + CANARY),
        (0xEE, b"Adobe-like " + CANARY),
    ]
    extra = b"".join(bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body for kind, body in segments)
    return plain[:2] + extra + plain[2:] + b"PK\x03\x04" + CANARY + b"<script>alert(1)</script>"


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kilobytes that claims to be this large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(width // 8 + 2)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_png() -> bytes:
    """Return a PNG with the canary in a text chunk."""
    body = b"Comment\x00" + CANARY
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))
    plain = photo(kind="PNG")
    return plain[:33] + chunk + plain[33:]
