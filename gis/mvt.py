"""The bytes of a Mapbox vector tile, version 2.1: one layer of polygons with texts as properties."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gis.tiles import EXTENT, Tile, cut

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# Keys of protocol buffers: the number of a field, and whether a number (0) or a length and bytes (2) follow.
LAYER, NAME, FEATURE, KEY, VALUE, LAYER_EXTENT, VERSION = b"\x1a", b"\x0a", b"\x12", b"\x1a", b"\x22", b"\x28", b"\x78"
TAGS, POLYGON, GEOMETRY, TEXT = b"\x12", b"\x18\x03", b"\x22", b"\x0a"


def encode_tile(
    tile: Tile, layer: str, shapes: NDArray[np.object_], properties: Mapping[str, Sequence[str | None]]
) -> bytes:
    """Return a tile of the plots that it shows; nothing when it shows none. A property without a text is left out.

    `shapes` are Polygons or MultiPolygons in EPSG:4326, `properties` have a text for each.

    >>> from shapely import box
    >>> encode_tile(Tile(3, 7, 7), "plots", np.array([box(0, 0, 1, 1)]), {"code": ["A"]})
    b''
    """
    shown, commands = cut(tile, shapes)
    if not len(shown):
        return b""
    texts: dict[str, int] = {}
    features = []
    for number, drawing in zip(shown.tolist(), commands, strict=True):
        tags = b"".join(
            _varint(key) + _varint(texts.setdefault(column[number] or "", len(texts)))
            for key, column in enumerate(properties.values())
            if column[number]
        )
        features.append(_field(FEATURE, _field(TAGS, tags) + POLYGON + _field(GEOMETRY, drawing)))
    head = VERSION + _varint(2) + _field(NAME, layer.encode()) + LAYER_EXTENT + _varint(EXTENT)
    keys = [_field(KEY, key.encode()) for key in properties]
    values = [_field(VALUE, _field(TEXT, text.encode())) for text in texts]
    return _field(LAYER, b"".join([head, *features, *keys, *values]))


def _field(key: bytes, content: bytes) -> bytes:
    return key + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first.

    >>> _varint(300).hex()
    'ac02'
    """
    rest = bytearray()
    while number > 127:
        rest.append(number & 127 | 128)
        number >>= 7
    rest.append(number)
    return bytes(rest)
