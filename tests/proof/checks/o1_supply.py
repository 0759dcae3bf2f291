"""O1: what is installed is pinned by hash, and no file says from where."""

import json
import re
import tomllib
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.proof.check import Check, Outcome, Trial
from tests.support.sources import ROOT

PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(\[[\w,-]+\])?==(?P<version>[^\s;]+)(\s*;[^\\]+?)?(\s+--hash=sha256:[0-9a-f]{64})+"
)
ADDRESS = re.compile(r"://|\s@\s|^\s*(-i|-e|-f|--index-url|--extra-index-url|--find-links|--editable)\b", re.MULTILINE)


def run(trial: Trial) -> Outcome:
    """Read the locks; as a control, first take the hashes from one requirement and let another name an address."""
    python, npm = (ROOT / "requirements.lock").read_text(), (ROOT / "package-lock.json").read_text()
    if trial.control:
        python, npm = _spoilt(python), npm.replace('"integrity"', '"was"', 1)
    faults = [*python_faults(python, _declared()), *npm_faults(npm)]
    counted = f"{len(_lines(python))} Python and {len(_packages(npm))} npm packages"
    return Outcome(not faults, f"{counted}, {len(faults)} faults" + "".join(f"; {fault}" for fault in faults[:4]))


def python_faults(lock: str, declared: Iterable[Requirement]) -> list[str]:
    """Return what is not pinned by hash or names an address, and what is declared but not locked as it is declared.

    >>> python_faults("evil @ https://example.org/evil.whl", [Requirement("good>=2")])
    ['evil @ https://example.org/evil.whl names an address', 'good is not locked']
    """
    lines = _lines(lock)
    faults = [f"{line[:60]} names an address" for line in lines if ADDRESS.search(line)]
    pins = {line: PINNED.fullmatch(line) for line in lines if not ADDRESS.search(line)}
    faults += [f"{line[:60]} has no hash" for line, pin in pins.items() if pin is None]
    locked = {canonicalize_name(pin["name"]): pin["version"] for pin in pins.values() if pin}
    for requirement in declared:
        version = locked.get(canonicalize_name(requirement.name))
        if version is None:
            faults.append(f"{requirement.name} is not locked")
        elif not requirement.specifier.contains(version):
            faults.append(f"{requirement.name} is locked at {version}, outside {requirement.specifier}")
    return faults


def npm_faults(lock: str) -> list[str]:
    """Return the packages without an integrity hash, and those that say where they came from."""
    packages = _packages(lock)
    faults = [f"{name} has no hash" for name, package in packages.items() if "integrity" not in package]
    return faults + [f"{name} names an address" for name, package in packages.items() if "resolved" in package]


def _lines(lock: str) -> list[str]:
    """Return one line for each requirement: options and hashes joined, comments gone."""
    bare = re.sub(r"(?m)(^|\s)#.*$", "", lock).replace("\\\n", " ")
    return [" ".join(line.split()) for line in bare.splitlines() if line.strip()]


def _packages(lock: str) -> dict[str, dict[str, object]]:
    return {name: package for name, package in json.loads(lock)["packages"].items() if name}


def _declared() -> list[Requirement]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = declared["project"]
    extras = [line for extra in project.get("optional-dependencies", {}).values() for line in extra]
    return [Requirement(line) for line in (*declared["build-system"]["requires"], *project["dependencies"], *extras)]


def _spoilt(lock: str) -> str:
    first, *others = re.split(r"(?m)^(?=[a-z])", lock)[1:]
    return (
        first.split(" \\")[0] + "\n" + "".join(others[:-1]) + "evil @ https://example.org/evil-1.0-py3-none-any.whl\n"
    )


CHECK = Check(
    name="O1",
    claim="What is installed is pinned by hash, and no lock says from where it comes",
    target="0 faults",
    control="one requirement without hashes, one by address, one npm package without",
    run=run,
)
