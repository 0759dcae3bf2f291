"""A small reader of vector tiles, written from the specification and sharing nothing with the writer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely

Ring = list[tuple[int, int]]


@dataclass(frozen=True)
class Read:
    """A feature: its properties and its rings, each with twice its signed area."""

    properties: dict[str, str]
    rings: list[tuple[Ring, int]]

    @property
    def shape(self) -> shapely.Geometry:
        """The polygons: an outline has a positive area and is followed by its holes."""
        parts: list[tuple[Ring, list[Ring]]] = []
        for ring, area in self.rings:
            if area > 0:
                parts.append((ring, []))
            else:
                parts[-1][1].append(ring)
        return shapely.MultiPolygon(parts)


def read_tile(content: bytes) -> dict[str, list[Read]]:
    """Return the features of each layer of a tile."""
    layers = {}
    for field, raw in _fields(content):
        assert field == 3
        layer = list(_fields(raw))
        values = [next(text for kind, text in _fields(value) if kind == 1).decode() for f, value in layer if f == 4]
        keys = [key.decode() for f, key in layer if f == 3]
        assert [number for f, number in layer if f in (15, 5)] == [2, 4096]
        name = next(text for f, text in layer if f == 1).decode()
        layers[name] = [_feature(raw, keys, values) for f, raw in layer if f == 2]
    return layers


def _feature(raw: bytes, keys: list[str], values: list[str]) -> Read:
    parts = dict(_fields(raw))
    tags = list(_numbers(parts[2]))
    assert parts[3] == 3
    return Read({keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}, list(_rings(parts[4])))


def _rings(raw: bytes) -> Iterator[tuple[Ring, int]]:
    stream, x, y = _numbers(raw), 0, 0
    ring: Ring = []
    for command in stream:
        what, times = command & 7, command >> 3
        if what == 7:
            assert times == 1
            assert len(ring) > 2
            pairs = zip(ring, ring[1:] + ring[:1], strict=True)
            yield ring, sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)
            ring = []
            continue
        assert (what, times) == (1, 1) if not ring else what == 2
        for _ in range(times):
            east, north = next(stream), next(stream)
            x, y = (
                x + (east // 2 if east % 2 == 0 else -(east + 1) // 2),
                y + (north // 2 if north % 2 == 0 else -(north + 1) // 2),
            )
            ring.append((x, y))
    assert not ring


def _signed(number: int) -> int:
    return number // 2 if number % 2 == 0 else -(number + 1) // 2


def _fields(raw: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(raw):
        key, at = _number(raw, at)
        number, at = _number(raw, at)
        assert key & 7 in (0, 2)
        if key & 7 == 0:
            yield key >> 3, number
        else:
            yield key >> 3, raw[at : at + number]
            at += number


def _numbers(raw: bytes) -> Iterator[int]:
    at = 0
    while at < len(raw):
        value, at = _number(raw, at)
        yield value


def _number(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at
