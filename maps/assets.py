"""The one file where the foreign addresses of folium may stand: each maps to a local file, an unknown one raises."""

import base64
import mimetypes
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

LEAFLET_JS = "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js"
LEAFLET_CSS = "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css"
LOCAL = {
    LEAFLET_JS: "vendor/leaflet/leaflet.js",
    LEAFLET_CSS: "vendor/leaflet/leaflet.css",
    "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js": (
        "vendor/bootstrap/bootstrap.bundle.min.js"
    ),
    "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/css/bootstrap.min.css": "vendor/bootstrap/bootstrap.min.css",
}
# Of our own, after Leaflet, in this order.
SCRIPTS = (
    "static/shapes.js",
    "static/symbols.js",
    "static/room.js",
    "static/context.js",
    "static/points.js",
    "static/lettering.js",
    "static/canvas.js",
    "static/tiles.js",
    "static/panels.js",
    "static/hands.js",
    "static/register.js",
)
STYLES = ("static/map.css",)
CSS_URL = re.compile(rb"url\((?P<quote>[\"']?)(?P<name>(?!data:|#)[^\"')]+)(?P=quote)\)")


class UnknownAsset(LookupError):
    """A map names a script or style that has no local copy."""


class MissingAssets(FileNotFoundError):
    """The folder of foreign scripts and styles was never made, or holds too little."""


def local(address: str) -> str:
    """Return the local file of an address that folium emits, as a path below the package.

    >>> local(LEAFLET_JS)
    'vendor/leaflet/leaflet.js'
    """
    try:
        return LOCAL[address]
    except KeyError:
        raise UnknownAsset(f"no local copy is known for {address}") from None


def vendor_folder() -> Path:
    """Return the folder of foreign scripts and styles, to be served as `vendor/`; raises when it was never made."""
    folder = Path(str(files("maps"))) / "vendor"
    if not (folder / "stamp").is_file():
        raise MissingAssets(f"{folder} is not complete; run: python hatch_build.py")
    return folder


def static_folder() -> Path:
    """Return the folder of our own scripts and styles of maps, to be served as `static/`."""
    return Path(str(files("maps"))) / "static"


@cache
def content(name: str) -> bytes:
    """Return a local file; styles have their images built in, so that they can stand inside a page."""
    folder, _, rest = name.partition("/")
    path = (vendor_folder() if folder == "vendor" else static_folder()) / rest
    # A browser normalises line ends before it compares a hash of the Content-Security-Policy.
    raw = path.read_bytes().replace(b"\r\n", b"\n")
    if path.suffix == ".css":
        return CSS_URL.sub(lambda found: _built_in(path.parent / found["name"].decode()), raw)
    return raw


def _built_in(path: Path) -> bytes:
    # Leaflet's css has `behavior: url(#default#VML)` for a browser of 2009; the pattern leaves it alone.
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return b"url(data:" + kind.encode() + b";base64," + base64.b64encode(path.read_bytes()) + b")"
