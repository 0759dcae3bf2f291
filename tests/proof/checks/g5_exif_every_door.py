"""G5: what a device wrote into a photo leaves the house by no door, and who looks at an original is noted."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from hashlib import sha256
from typing import Any
from unittest.mock import patch
from uuid import UUID

from service.audit_log.queries import events
from service.backup.making import make
from service.backup.restoring import restore
from service.core.ids import new_id
from service.core.settings import Settings
from service.jobs.uploads import check_uploads
from service.jobs.worker import work_off
from tests.conftest import World
from tests.park import HOST
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial
from tests.proof.clean import faults_of
from tests.service.evidence.pictures import CANARY, exif, laden, photo, text_png
from tests.service.policy import API, PREFIX, ROLES

VIEW = "photo.view_original"
ALLOWED = API["POST", f"{PREFIX}/photos/{{photo_id}}/original-views"]
PERSON = {role: role for role in ROLES} | {"contractor": "green-1"}
FEW = ("viewer", "manager")  # one who may see no original, and one who may
KINDS = {
    "JPEG": laden(),
    "PNG with a text": text_png(),
    "PNG with EXIF": photo(kind="PNG", exif=exif()),
    "WebP": photo(kind="WEBP", exif=exif(), xmp=CANARY),
}


def run(trial: Trial) -> Outcome:
    """Send laden photos through each door, then look through each; as a control, with originals as clean pictures."""
    wrong: list[str] = []
    looks, kinds = 0, list(KINDS.values())[: None if trial.full else 1]
    roles = ROLES if trial.full else FEW
    with fresh_park(trial) as world:
        world.folder.chmod(0o700)
        world.on(date(2013, 8, 5))
        finding = world.file("N-1")
        sent = dict(_sent(world, finding, kinds))
        with _unclean() if trial.control else nullcontext():
            work_off(world.database, world.app.state.store)
        looks += _look(world, finding, sent, roles, wrong)
        if trial.full:
            wrong += _as_files(world)
        settings = Settings(folder=world.folder, database_url=world.url)
        make(world.database, HOST, settings, trial.folder / "backup")
    again = trial.folder / "again"
    restore(trial.folder / "backup", HOST, Settings(folder=again, database_url=""))
    restored = World(f"sqlite:///{again}/greenkeep.db", again)
    restored.on(date(2013, 9, 2))
    try:
        looks += _look(restored, finding, sent, roles, [] if trial.control else wrong)
    finally:
        restored.close()
    return Outcome(
        not wrong, summary(wrong, f"{len(sent)} photos by 3 ways, before and after a restore, {looks} looks")
    )


def _sent(world: World, finding: UUID, kinds: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Send a photo of each kind by each way; yield its hash and its bytes."""
    client = world.client("inspector")
    code = client.get(f"{PREFIX}/findings/{finding}").json()["code"]
    form = {"plot": "N-1", "type": "litter", "severity": "minor", "found_on": "2013-08-05", "quantity": "1"}

    def by_api(content: bytes) -> Any:
        return client.put(f"{PREFIX}/findings/{finding}/photos/{sha256(content).hexdigest()}", content=content)

    def by_page(content: bytes) -> Any:
        files = {"photos": ("a.jpg", content)}
        return client.post(f"/findings/{code}/photos", files=files, follow_redirects=False)

    def by_form(content: bytes) -> Any:
        data, files = form | {"client_id": str(new_id())}, {"photos": ("a.jpg", content)}
        return client.post("/findings/new", data=data, files=files, follow_redirects=False)

    ways: dict[str, Callable[[bytes], Any]] = {"API": by_api, "page": by_page, "form": by_form}
    for name, send in ways.items():
        for kind in kinds:
            content = kind + name.encode()  # each its own bytes
            answer = send(content)
            assert answer.status_code in (201, 303), answer.text
            yield sha256(content).hexdigest(), content


def _look(world: World, finding: UUID, sent: dict[str, bytes], roles: Sequence[str], wrong: list[str]) -> int:
    """Look through every door with the eyes of these roles; return how often."""
    photos = [row["id"] for row in world.client("manager").get(f"{PREFIX}/photos").json()["items"]]
    assert len(photos) == len(sent)
    code, looks = world.client("manager").get(f"{PREFIX}/findings/{finding}").json()["code"], 0
    told = (
        f"{PREFIX}/photos",
        f"{PREFIX}/findings/{finding}",
        f"/findings/{code}",
        "/plots/N-1",
        f"{PREFIX}/openapi.json",
    )
    files = [f"/files/{digest[:2]}/{digest}" for digest in sent] + [f"/static/../files/{d[:2]}/{d}" for d in sent]
    for role in roles:
        client = world.client(PERSON[role])
        pictures = [f"{start}/photos/{photo}" for photo in photos for start in (PREFIX, "")]
        aside = [f"{path}{end}" for path in pictures[:4] for end in ("/original", ".original", "/original-views")]
        for path in (*told, *files, *pictures, *aside):
            answer = client.get(path)
            looks += 1
            if CANARY in answer.content or sha256(answer.content).hexdigest() in sent:
                wrong.append(f"{role} {path} tells the canary")
            if answer.status_code == 200 and path in pictures:
                wrong += [f"{role} {path}: {fault}" for fault in faults_of(answer.content)]
            if answer.status_code == 200 and path in (*files, *aside):
                wrong.append(f"{role} {path}: there is something")
        for photo_id in photos:
            looks += 1
            wrong += [f"{role} original: {fault}" for fault in _original(world, role, photo_id, sent)]
    return looks


def _original(world: World, role: str, photo_id: str, sent: dict[str, bytes]) -> Iterator[str]:
    before = _views(world)
    answer = world.client(PERSON[role]).post(f"{PREFIX}/photos/{photo_id}/original-views")
    noted = _views(world) - before
    if ALLOWED[role] == "ok":
        if answer.status_code != 200 or sha256(answer.content).hexdigest() not in sent:
            yield f"not shown, {answer.status_code}"
        if noted != 1:
            yield f"{noted} views noted"
    elif answer.status_code not in (403, 404) or noted or CANARY in answer.content:
        yield f"{answer.status_code}, {noted} views noted"


def _views(world: World) -> int:
    with world.session("host") as session:
        return sum(VIEW in event.fields for event, _ in events(session, after=0, limit=10_000))


def _as_files(world: World) -> Iterator[str]:
    """Yield what comes of photos that are sent as files to import: nothing may."""
    client, quarantine = world.client("manager"), world.app.state.quarantine
    for kind, name in (("plots", "a.geojson"), ("plots", "a.zip"), ("tasks", "a.csv")):
        asked = {"kind": kind, "file": name, **({"from": "2013-03-01"} if kind == "plots" else {})}
        answer = client.put(f"{PREFIX}/uploads/{new_id()}", params=asked, content=laden())
        if answer.status_code != 201:
            continue
        check_uploads(world.database, quarantine)
        path = f"{PREFIX}/uploads/{answer.json()['id']}"
        shown = client.get(path)
        if shown.json()["state"] != "refused":
            yield f"a photo as {name} is {shown.json()['state']}"
        if (
            CANARY
            in shown.content + client.get(f"{path}/issues").content + client.get(f"/uploads/{path[-36:]}").content
        ):
            yield f"a photo as {name} tells the canary"


def _unclean() -> Any:
    def kept(_function: object, *, limits: object, content: bytes) -> dict[str, Any]:
        return {"jpeg": content, "width": 80, "height": 40, "claims": {}}

    return patch("service.jobs.handlers.run_apart", kept)


CHECK = Check(
    name="G5",
    claim="A photo's place, serial number, owner, comments and whatever hangs on it are in no picture, page or answer, "
    "before and after a restore; the original is shown to those the policy names, and each look is noted",
    target="0 canaries; one event for each look at an original",
    control="originals in place of clean pictures",
    run=run,
)
