"""Archives as strangers make them: good ones, and those that want to get out, to grow, or to lie."""

import io
import stat
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import geopandas
import shapely

SQUARE = shapely.box(118.85, 31.92, 118.852, 31.922)
ESCAPE = "greenkeep-escaped"  # what gets out would have this in its name
OUTSIDE = (
    f"../{ESCAPE}.shp",
    f"../../../{ESCAPE}.shp",
    f"/{ESCAPE}.shp",
    f"//{ESCAPE}.shp",
    f"C:\\{ESCAPE}.shp",
    f"..\\{ESCAPE}.shp",
    f"C:{ESCAPE}/x.shp",
    f"a/../../{ESCAPE}.shp",
    f"./{ESCAPE}.shp",
    f"folder/{ESCAPE}.shp",
    f"~/{ESCAPE}.shp",
    f"\\\\host\\{ESCAPE}.shp",
)
STRANGE = (
    "plots.php",
    "plots.shp\x00.php",
    "plots",
    ".shp/",
    "plots.dbt",
    "plots.cfg",
    "plots.vrt",
    "plots.shp ",
    "plots.ini",
    "plots.shp:stream",
    "CON.kml",
    "plots.zip",
    "plots\n.py",
    "plots.shp.exe",
)


@cache
def parts() -> dict[str, bytes]:
    """Return the files of a good Shapefile by their suffix."""
    row = {"code": "J2-008", "name_zh": "lawn", "zone": "Z2"}
    with tempfile.TemporaryDirectory() as folder:
        geopandas.GeoDataFrame([row], geometry=[SQUARE], crs="EPSG:4326").to_file(Path(folder) / "a.shp")
        return {path.suffix: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def packed(members: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED, more: Sequence[str] = ()) -> bytes:
    """Return an archive of these files, and of some more by the names in `more`, whatever they are."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", how) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of names that come twice
        for name, content in members.items():
            archive.writestr(name, content)
        for name in more:
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: the constructor would clean it
            archive.writestr(info, b"<?php")
    return out.getvalue()


def whole(how: int = zipfile.ZIP_DEFLATED, stem: str = "a", more: Sequence[str] = ()) -> bytes:
    """Return an archive of a good Shapefile, with more in it."""
    return packed({stem + suffix: content for suffix, content in parts().items()}, how, more)


def good() -> Iterator[tuple[str, bytes]]:
    """Yield archives that must be read."""
    yield "deflated", whole()
    yield "stored", whole(zipfile.ZIP_STORED)
    yield "bzip2", whole(zipfile.ZIP_BZIP2)
    yield "lzma", whole(zipfile.ZIP_LZMA)
    yield "a Chinese name", whole(stem="区块")
    yield "a GBK name without its flag", whole(stem="plotplot").replace(b"plotplot", "区块图层".encode("gbk"))
    yield "capital letters", packed({f"A{suffix.upper()}": content for suffix, content in parts().items()})
    yield "a comment", _commented(whole())


def hostile(full: bool) -> Iterator[tuple[str, bytes]]:
    """Yield archives that must be refused."""
    yield from ((f"named {name!r}", whole(more=[name])) for name in OUTSIDE + STRANGE)
    yield "a link", _marked(whole(), stat.S_IFLNK | 0o777)
    yield "an archive in an archive", packed({"a.zip": whole()})
    yield (
        "an archive as a part",
        packed({f"a{s}": whole() if s == ".shp" else c for s, c in parts().items()} | {"b": b""}),
    )
    yield "two Shapefiles", packed({f"{n}{s}": c for n in "ab" for s, c in parts().items()})
    yield "a part twice", whole(more=["a.shp"])
    yield "a part missing", packed({"a.shp": parts()[".shp"]})
    yield "nothing in it", packed({})
    yield (
        "grows 1000 times",
        packed({f"a{s}": c for s, c in parts().items() if s != ".prj"} | {"a.prj": bytes(5_000_000)}),
    )
    yield "members on top of each other", _shared(5)
    yield "members in each other", _nested()
    yield "a member in the directory", _patched(whole(), 42, struct.pack("<I", 1 << 30))
    yield "encrypted", _patched(whole(), 8, b"\x01\x00")
    yield "a method that nobody knows", _patched(whole(), 10, b"\x63\x00")
    yield "deflate64", _patched(whole(), 10, b"\x09\x00")
    yield "says it is smaller", _patched(whole(zipfile.ZIP_STORED), 24, struct.pack("<I", 4))
    yield "says it is larger", _patched(whole(), 24, struct.pack("<I", 90_000))
    yield "other names in the directory", whole().replace(b"a.cpg", b"b.cpg", 1)
    yield "another sum", _patched(whole(), 16, b"\xff\xff\xff\xff")
    yield "cut off", whole()[:-30]
    yield "cut off early", whole()[:100]
    yield "no archive", b"PK\x03\x04" + bytes(3000)
    yield "lengths of 64 bits", _patched(whole(), 20, b"\xff" * 8)
    yield "100,000 members", _shared(100_000)
    if full:
        yield "grows to 250 MB", _heavy()
        yield "900,000 members", _shared(900_000)


def _commented(archive: bytes) -> bytes:
    return archive[:-2] + struct.pack("<H", 60_000) + bytes(60_000)


def _marked(archive: bytes, mode: int) -> bytes:
    return _patched(archive, 38, struct.pack("<I", mode << 16), also=((5, b"\x03"),))  # made on Unix


def _patched(archive: bytes, at: int, value: bytes, also: Sequence[tuple[int, bytes]] = ()) -> bytes:
    """Change bytes of the first entry of the directory."""
    begin = archive.index(b"PK\x01\x02")
    changed = bytearray(archive)
    for offset, put in ((at, value), *also):
        changed[begin + offset : begin + offset + len(put)] = put
    return bytes(changed)


def _heavy() -> bytes:
    """Return an archive whose parts each grow 60 times, to more than 200 MB in all."""
    block = bytes(range(256)) * 4 + bytes(60_000)
    members = {f"a{suffix}": content for suffix, content in parts().items() if suffix != ".shp"}
    return packed(members | {"a.shp": parts()[".shp"] + block * 4200})


def _shared(count: int) -> bytes:
    """Return an archive of many members with one content, which is there once."""
    local, entry, end = _split(packed({"a.shp": b"x" * 3000}, zipfile.ZIP_STORED))
    return _joined(local, entry * count, end, min(count, 65_535))


def _nested() -> bytes:
    """Return an archive whose second member is in the first one, with its own local header."""
    inner, entry, end = _split(packed({"a.dbf": b"y" * 3000}, zipfile.ZIP_STORED))
    outer, first, _ = _split(packed({"a.shp": inner}, zipfile.ZIP_STORED))
    second = entry[:42] + struct.pack("<I", len(outer) - len(inner)) + entry[46:]
    return _joined(outer, first + second, end, 2)


def _split(archive: bytes) -> tuple[bytes, bytes, bytes]:
    directory, end = archive.index(b"PK\x01\x02"), archive.rindex(b"PK\x05\x06")
    return archive[:directory], archive[directory:end], archive[end:]


def _joined(local: bytes, directory: bytes, end: bytes, count: int) -> bytes:
    return local + directory + end[:8] + struct.pack("<HHII", count, count, len(directory), len(local)) + end[20:]
