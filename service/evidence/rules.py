"""What may be kept as evidence. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from service.core.errors import Conflict, Invalid
from service.core.i18n import N_

MEGABYTE = 1_000_000
PHOTO_BYTES = 15 * MEGABYTE
MAGIC = {"image/jpeg": (b"\xff\xd8\xff",), "image/png": (b"\x89PNG\r\n\x1a\n",), "image/webp": (b"RIFF",)}
PAPERS = {"application/pdf": (b"%PDF-",)}  # what a document may be besides a picture


class RenditionState(StrEnum):
    """Where the making of a clean picture stands."""

    PENDING = "pending"
    READY = "ready"
    REFUSED = "refused"  # the original is kept, but no picture could be made of it


class NotAPhoto(Invalid):
    """The bytes do not begin as a picture we show."""

    code, message = "not_a_photo", N_("Only JPEG, PNG and WebP pictures of at most {limit} MB.")


class FileNotAPhoto(NotAPhoto):
    """The same of a file with a name, of several perhaps."""

    message = N_("{name} ({size} MB) cannot be taken: only JPEG, PNG and WebP pictures of at most {limit} MB.")


class NotADocument(Invalid):
    """The bytes do not begin as a paper or a picture that we keep."""

    code, message = "not_a_document", N_("Only PDF files and JPEG, PNG and WebP pictures of at most {limit} MB.")


class OtherHash(Invalid):
    """The bytes are not those that the caller announced."""

    code, message = "other_hash", N_("The bytes that arrived are not the ones announced; send them again.")


class NotReady(Conflict):
    """The clean picture is still being made, or could not be made."""

    code, message = "rendition_not_ready", N_("The picture is not ready yet.")


def media_type_of(content: bytes, name: str = "") -> str:
    """Tell the type of a photo by its first bytes, never by its name, which only a refusal repeats.

    >>> media_type_of(bytes([255, 216, 255, 224]))
    'image/jpeg'
    """
    if found := _type_among(MAGIC, content):
        return found
    limit = f"{PHOTO_BYTES / MEGABYTE:g}"
    if name:
        raise FileNotAPhoto(name=name, size=f"{len(content) / MEGABYTE:.1f}", limit=limit)
    raise NotAPhoto(limit=limit)


def document_type_of(content: bytes) -> str:
    """Tell the type of a document by its first bytes.

    >>> document_type_of(b"%PDF-1.7")
    'application/pdf'
    """
    if found := _type_among(PAPERS | MAGIC, content):
        return found
    raise NotADocument(limit=f"{PHOTO_BYTES / MEGABYTE:g}")


def _type_among(known: Mapping[str, tuple[bytes, ...]], content: bytes) -> str | None:
    if len(content) > PHOTO_BYTES:
        return None
    for media_type, starts in known.items():
        webp = media_type != "image/webp" or content[8:12] == b"WEBP"
        if content.startswith(starts) and webp:
            return media_type
    return None
