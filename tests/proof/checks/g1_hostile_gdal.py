"""G1: files of plots from strangers read no other file, reach no other host, and end nothing but their reader."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice

from service.core.ids import new_id
from service.core.sandbox import WEB
from service.jobs.uploads import check_uploads
from tests.conftest import World
from tests.proof.apart import DEATH, Reading, apart
from tests.proof.archives import packed, parts
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.proof.checks.d2_sync_order import lacking
from tests.proof.packages import good
from tests.proof.reading import plots, plots_by_any_driver
from tests.proof.strangers import CANARY, SECRET, File, crafted, geojson, lay_canary
from tests.proof.tracing import faults_of, traced
from tests.service.policy import PREFIX

BATCH = 500
HEAVY = ("without end", "calls much")  # ended by the limits of a child of its own, as an upload has
MUTANTS, SHORT_MUTANTS = 5000, 100
EVERY = 6  # of the crafted files: read in the short form, and sent as uploads in the full one
NAMES = (
    "http://127.0.0.1:9/x.geojson",
    "/vsicurl/http://127.0.0.1:9/x.gpkg",
    "WFS:http://127.0.0.1:9/x.json",
    "../../x.csv",
    "/etc/passwd.csv",
    "/vsizip/a.zip",
    "GPKG:/etc/passwd.gpkg",
    "a.vrt",
    "a.kml",
    "a.geojson\n",
    "a",
    ".gpkg",
)


def run(trial: Trial) -> Outcome:
    """Read crafted files and mutants under strace; as a control, let GDAL open whatever it takes a file for."""
    canary, wrong = lay_canary(trial.folder), list[str]()
    cases, mutants = dict(crafted(canary)), 0 if trial.control else MUTANTS if trial.full else SHORT_MUTANTS
    if trial.control:
        cases = dict(islice(cases.items(), 10 if trial.full else 3))
    elif not trial.full:
        cases = {name: case for name, case in islice(cases.items(), 0, None, EVERY) if not name.endswith(HEAVY)}
    seen: Counter[str] = Counter()
    with traced(trial.folder / "traces"):
        together = {name: case for name, case in cases.items() if not name.endswith(HEAVY)}
        for name, one in apart(plots_by_any_driver if trial.control else plots, together).items():
            _judge(name, one, wrong, seen)
        for name in cases.keys() - together.keys():
            _judge(name, apart(plots, {name: cases[name]}, WEB)[name], wrong, seen)
        if not trial.control:
            with fresh_park(trial) as world:
                sent = _uploads(cases) if trial.full else {"a name": (NAMES[0], geojson("EPSG:4326"))}
                wrong += _by_http(world, sent)
                seen["sent"] = len(sent)
        for begin in range(0, mutants, BATCH):
            numbered = dict(_mutants(trial.seed, begin, min(BATCH, mutants - begin)))
            for name, one in apart(plots, numbered).items():
                _judge(name, one, wrong, seen)
    asked = Counter(faults_of(trial.folder / "traces", CANARY))
    wrong += [f"asked for: {call}" for call in asked]
    tried = f"{len(cases)} crafted files, {mutants} mutants: {seen['read']} read, {seen['refused']} refused, "
    tried += f"{seen['ended']} ended their reader, {seen['MB']} MB at most; {seen['sent']} sent as uploads"
    return Outcome(not wrong, summary(wrong, tried))


def _judge(name: str, one: Reading, wrong: list[str], seen: Counter[str]) -> None:
    seen["ended" if one.codes == [DEATH] else "refused" if one.codes else "read"] += 1
    seen["MB"] = max(seen["MB"], one.peak_bytes // 1_000_000)
    if one.cpu_s > WEB.cpu_s:
        wrong.append(f"{name}: {one.cpu_s:.0f} s")
    if one.codes != [DEATH] and SECRET in str(one.made):
        wrong.append(f"{name}: tells the canary")


def _uploads(cases: dict[str, File]) -> dict[str, File]:
    """Return a good file by strange names, and some of the crafted ones."""
    named = {f"named {name!r}": (name, geojson("EPSG:4326")) for name in NAMES}
    return named | dict(islice(cases.items(), 0, None, EVERY))


def _by_http(world: World, cases: dict[str, File]) -> Iterator[str]:
    """Send each as an upload; yield what is neither refused nor a clean preview."""
    world.on(date(2013, 3, 4))
    client, quarantine = world.client("manager"), world.app.state.quarantine
    for name, (file, content) in cases.items():
        asked = {"kind": "plots", "file": file, "from": "2013-03-01"}
        answer = client.put(f"{PREFIX}/uploads/{new_id()}", params=asked, content=content)
        if answer.status_code == 422:
            continue
        if answer.status_code != 201:
            yield f"{name}: {answer.status_code}"
            continue
        check_uploads(world.database, quarantine)
        path = f"{PREFIX}/uploads/{answer.json()['id']}"
        shown = client.get(path)
        told = shown.text + client.get(f"{path}/issues").text
        if shown.json()["state"] not in ("refused", "checked") or SECRET in told:
            yield f"{name}: {told[:300]}"
        client.post(f"{path}/cancel", headers={"If-Match": shown.headers["etag"]})


@cache
def _seeds() -> list[File]:
    wkt = "POLYGON ((118.1 31.5, 118.2 31.5, 118.2 31.6, 118.1 31.5))"
    return [
        ("a.geojson", geojson("urn:ogc:def:crs:OGC:1.3:CRS84")),
        ("a.gpkg", good()),
        ("a.csv", f'code,name_zh,zone,geometry\nJ2-008,x,Z2,"{wkt}"\n'.encode()),
        ("a.zip", packed({f"a{suffix}": content for suffix, content in parts().items()})),
    ]


def _mutants(seed: int, begin: int, count: int) -> Iterator[tuple[str, File]]:
    """Yield files with some bytes changed, cut out or doubled; of a Shapefile mostly within its parts."""
    for number in range(begin, begin + count):
        chance = random.Random(f"{seed} {number}")
        name, content = _seeds()[number % len(_seeds())]
        if name == "a.zip" and chance.random() < 0.8:
            members = {f"a{suffix}": part for suffix, part in parts().items()}
            part = chance.choice(sorted(members))
            changed = packed(members | {part: _mutant(chance, members[part])})
        else:
            changed = _mutant(chance, content)
        yield f"mutant {number}", (name, changed)


def _mutant(chance: random.Random, content: bytes) -> bytes:
    mutant = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(mutant))
        match chance.randrange(4):
            case 0 | 1:
                mutant[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 2:
                del mutant[at : at + chance.randint(1, 40)]
            case 3:
                mutant[at:at] = mutant[at : at + chance.randint(1, 40)]
        if not mutant:
            return b""
    return bytes(mutant)


CHECK = Check(
    name="G1",
    claim="Files of plots that strangers made read no file but themselves, reach no host, and are refused or read; "
    "what ends their reader ends nothing else",
    target="0 connect(), 0 reads of the canary, at most 10 s and 1.5 GB each, refused with 422 or a clean preview",
    control="GDAL opens whatever it takes a file for",
    run=run,
    lacking=lacking,
)
