"""G3: an archive that wants to get out, to grow or to lie is refused, and a good one is read."""

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from gis.archive import ArchiveLimits
from service.core.sandbox import WEB
from tests.proof.apart import apart
from tests.proof.archives import ESCAPE, good, hostile
from tests.proof.at_hand import summary
from tests.proof.check import Check, Outcome, Trial
from tests.proof.reading import plots, unpacked, unpacked_blindly

FIRST = 20  # of them are enough to see the control fail
LIES = ("says it", "other names", "another sum", "cut off", "no archive")  # seen while unpacking; others before it


def run(trial: Trial) -> Outcome:
    """Unpack every archive in a child process; as a control, without looking into it first."""
    strangers = islice(hostile(trial.full), FIRST if trial.control else None)
    files = {name: ("a.zip", content) for name, content in strangers}
    refused = apart(unpacked_blindly if trial.control else unpacked, files)
    read = apart(plots, {name: ("a.zip", content) for name, content in good()})
    wrong = [f"{name}: refused, {one.codes}" for name, one in read.items() if one.codes]
    wrong += [f"{name}: unpacked" for name, one in refused.items() if not one.codes]
    slow = [name for name, one in refused.items() if one.cpu_s > WEB.cpu_s]
    written = {name: one.made for name, one in refused.items() if isinstance(one.made, int)}
    early = [name for name, size in written.items() if size and not name.startswith(LIES)]
    wrong += [f"{name}: slow" for name in slow] + [f"{name}: written before it was refused" for name in early]
    most = max(written.values(), default=0)
    wrong += [f"{path} got out" for path in _escaped()]
    if most > ArchiveLimits().size:
        wrong.append(f"{most} bytes written")
    return Outcome(
        not wrong,
        summary(wrong, f"{len(refused)} refused, {len(read)} read, at most {most} bytes written of a refused one"),
    )


def _escaped() -> Iterator[Path]:
    for folder in (Path("/"), Path(tempfile.gettempdir()), Path.cwd(), Path.home()):
        yield from folder.glob(f"*{ESCAPE}*")


CHECK = Check(
    name="G3",
    claim="Archives that leave their folder, link, overlap, grow without measure, hold too many files or lie about "
    "them are refused, and good ones are read",
    target="100 % refused, before unpacking but for lies; 0 bytes outside; at most 200 MB written",
    control="unpacked without looking at the directory first",
    run=run,
)
