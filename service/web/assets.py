"""Static files: under an address that changes with their content, so that browsers may keep them for a year."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from maps.assets import static_folder, vendor_folder

YEAR, HOUR = "public, max-age=31536000, immutable", "public, max-age=3600"


class Kept(StaticFiles):
    """A folder whose files browsers may keep."""

    def __init__(self, folder: Path, keep: str) -> None:
        super().__init__(directory=folder)
        self.keep = keep

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, and say how long it may be kept."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = self.keep
        return response


def own_folder() -> Path:
    """Return the folder of the pages' own style and scripts."""
    return Path(str(files("service.web"))) / "static"


@cache
def version() -> str:
    """Name the content of all static files in twelve hexadecimal digits."""
    digest = hashlib.sha256()
    for path in _contents():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """Return where a static file is served."""
    return f"/static/{version()}/{name}"


def add_static(app: FastAPI) -> None:
    """Serve our own files, the maps' and those of others."""
    root = f"/static/{version()}"
    for place, folder in (("maps/vendor", vendor_folder()), ("maps/static", static_folder()), ("own", own_folder())):
        app.mount(f"{root}/{place}", Kept(folder, YEAR))
    app.mount("/static/vendor", Kept(vendor_folder(), HOUR))


def _contents() -> Iterator[Path]:
    yield vendor_folder() / "stamp"
    for folder in (static_folder(), own_folder()):
        yield from sorted(path for path in folder.rglob("*") if path.is_file())
