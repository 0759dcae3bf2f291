"""Uploads over HTTP: sent, checked, confirmed as they were shown, or dropped without a trace."""

import csv
import io
import json
import threading
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import shapely
from httpx2 import Response

from service.audit_log.queries import events
from service.core.ids import new_id
from service.exchange import quarantine as quarantine_module
from service.exchange.contents import Contents, read_apart
from service.exchange.models import Upload
from service.exchange.plans import Plan
from service.exchange.plots_in import PlotsLayout, import_plots
from service.exchange.quarantine import Quarantine
from service.exchange.queries import upload_by_id
from service.exchange.rules import UploadKind
from service.exchange.tasks_in import import_tasks
from service.exchange.texts import File
from service.exchange.uploads import rehearse
from service.jobs.uploads import check_uploads, clear_uploads
from service.plots.queries import plot_as_of, plots_by_code
from tests.conftest import World
from tests.service.exchange.files import state

PREFIX = "/api/v1/uploads"
PLOTS = {"kind": "plots", "file": "plots.geojson", "from": "2013-03-01"}
TASKS = {"kind": "tasks", "file": "tasks.csv"}
SCORES = {"kind": "scores", "file": "scores.csv"}
HEAD = ("plot", "operation", "due_from", "due_until", "done_on", "quantity", "unit", "reported_by", "signed_by")


@pytest.fixture
def march(world: World) -> World:
    world.on(date(2013, 3, 4))
    return world


def feature(code: str, west: float = 118.81, south: float = 31.91, **cells: Any) -> dict[str, Any]:
    row = {"code": code, "name_zh": "地", "name_en": "Plot", "zone": "N1", "kind": "lawn", "grade": "1"}
    shape = shapely.geometry.mapping(shapely.box(west, south, west + 0.001, south + 0.001))
    return {"type": "Feature", "properties": {**row, **cells}, "geometry": dict(shape)}


def geojson(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def table(*rows: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def task(plot: str, until: str = "2013-03-31", operation: str = "mowing") -> tuple[str, ...]:
    return (plot, operation, "2013-03-01", until, "", "", "", "", "")


def send(world: World, content: bytes, asked: dict[str, Any], *, who: str = "manager", at: UUID | None = None) -> Any:
    return world.client(who).put(f"{PREFIX}/{at or new_id()}", params=asked, content=content)


def quarantine(world: World) -> Quarantine:
    made: Quarantine = world.app.state.quarantine
    return made


def check(world: World) -> int:
    return check_uploads(world.database, quarantine(world))


def left(world: World) -> list[str]:
    folder = quarantine(world).folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def look(world: World, answer: Response, who: str = "manager") -> tuple[dict[str, Any], str]:
    """Return an upload as it stands, and its ETag."""
    now = world.client(who).get(f"{PREFIX}/{answer.json()['id']}")
    assert now.status_code == 200, now.text
    return now.json(), now.headers["etag"]


def post(world: World, answer: Response, verb: str, etag: str, who: str = "manager") -> Response:
    path = f"{PREFIX}/{answer.json()['id']}/{verb}"
    return world.client(who).post(path, headers={"If-Match": etag})


def checked(world: World, content: bytes, asked: dict[str, Any]) -> tuple[Response, dict[str, Any], str]:
    answer = send(world, content, asked)
    assert answer.status_code == 201, answer.text
    assert check(world) == 1
    return answer, *look(world, answer)


def issues(world: World, answer: Response, **asked: Any) -> list[dict[str, Any]]:
    got = world.client("manager").get(f"{PREFIX}/{answer.json()['id']}/issues", params=asked)
    assert got.status_code == 200, got.text
    rows: list[dict[str, Any]] = got.json()["items"]
    return rows


def test_plots_are_sent_checked_and_imported_as_shown(march: World) -> None:
    answer = send(march, geojson(feature("P-1"), feature("N-1", 118.82)), PLOTS)
    assert (answer.status_code, answer.json()["state"]) == (201, "received")
    assert answer.json()["progress"] == {"step": 1, "of": 3, "ahead": 0}
    before = state(march.database)
    assert check(march) == 1
    assert check(march) == 0
    shown, etag = look(march, answer)
    assert shown["state"] == "checked"
    found = {"rows": 2, "new": 1, "changed": 1, "unchanged": 0, "set_aside": 0, "remarks": 0, "errors": 0}
    assert shown["counts"] == found
    after = state(march.database)
    assert {n for n in after[0] if after[0][n] != before[0][n]} == {"audit_event", "audit_content"}, "a dry run"
    written = post(march, answer, "confirm", etag)
    assert (written.status_code, written.json()["state"]) == (200, "written")
    assert plot_as_of_name(march, "P-1") == "Plot"
    assert left(march) == []
    assert post(march, answer, "confirm", written.headers["etag"]).json()["code"] == "upload_closed"


def plot_as_of_name(world: World, code: str) -> str:
    return world.read("manager", plot_as_of, code).version.name_en


def test_the_import_is_the_command_lines(march: World, tmp_path: Any) -> None:
    """The same file gives the same counts by either way, and then nothing new by the other."""
    content = geojson(feature("P-1"), feature("P-2", 118.83))
    answer, _, etag = checked(march, content, PLOTS)
    assert post(march, answer, "confirm", etag).status_code == 200
    path = tmp_path / "plots.geojson"
    path.write_bytes(content)
    again = march.act("host", import_plots, File(path, content), PlotsLayout(), valid_from=date(2013, 3, 1))
    assert (again.batch.written, again.batch.unchanged) == (0, 2)


def test_all_issues_are_told_with_row_column_and_place(march: World) -> None:
    bow = feature("P-3")
    bow["geometry"]["coordinates"] = [
        [[118.84, 31.9], [118.85, 31.91], [118.85, 31.9], [118.84, 31.91], [118.84, 31.9]]
    ]
    content = geojson(feature("P-1", zone="X"), feature("P-1", 118.83, grade="9"), bow)
    answer, shown, etag = checked(march, content, PLOTS)
    assert (shown["state"], shown["counts"]["errors"]) == ("refused", 4)
    found = issues(march, answer)
    assert [(row["row"], row["column"], row["code"]) for row in found] == [
        (1, "zone", "unknown_zone"),
        (2, "code", "code_twice"),
        (2, "grade", "unknown_grade"),
        (3, "", "geometry_invalid"),
    ]
    assert found[0]["place"] == pytest.approx({"longitude": 118.8105, "latitude": 31.9105})
    assert found[3]["place"]["longitude"] == pytest.approx(118.845)
    assert found[0]["detail"] == "There is no zone X."
    zh = march.client("manager").get(f"{PREFIX}/{answer.json()['id']}/issues?lang=zh&limit=1").json()
    assert zh["items"][0]["detail"] == "没有片区 X。"
    assert [row["number"] for row in issues(march, answer, after=zh["next"])] == [2, 3, 4]
    assert post(march, answer, "confirm", etag).json()["code"] == "upload_not_checked"


def test_what_was_changed_meanwhile_is_not_written_over(march: World, tmp_path: Any) -> None:
    answer, _, etag = checked(march, geojson(feature("N-1", 118.82), feature("P-1")), PLOTS)
    other = geojson(feature("N-1", 118.85))
    path = tmp_path / "other.geojson"
    path.write_bytes(other)
    march.act("manager-2", import_plots, File(path, other), PlotsLayout(), valid_from=date(2013, 3, 1))
    before = state(march.database)
    refused = post(march, answer, "confirm", etag)
    assert (refused.status_code, refused.json()["code"]) == (409, "register_changed")
    assert state(march.database) == before
    again = post(march, answer, "check", etag)
    assert (again.status_code, again.json()["state"]) == (200, "received")
    assert check(march) == 1
    assert post(march, answer, "confirm", etag).status_code == 412, "the first dry run is not the one that stands"
    assert post(march, answer, "confirm", look(march, answer)[1]).status_code == 200


def test_without_the_comparison_something_else_would_be_written(
    march: World, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: it is the comparison of plans that refuses, and nothing else would."""
    answer, _shown, etag = checked(march, geojson(feature("N-1", 118.82)), PLOTS)
    other = geojson(feature("N-1", 118.85))
    path = tmp_path / "other.geojson"
    path.write_bytes(other)
    march.act("manager-2", import_plots, File(path, other), PlotsLayout(), valid_from=date(2013, 3, 1))
    monkeypatch.setattr(Plan, "refuse_other_than", lambda _plan, _shown: None)
    assert post(march, answer, "confirm", etag).status_code == 200
    assert plot_as_of_shape(march, "N-1") != pytest.approx(118.85), "the colleague's shape is gone without a word"


def plot_as_of_shape(world: World, code: str) -> float:
    return float(world.read("manager", plot_as_of, code).version.shape.bounds[0])


def test_a_dry_run_waits_for_no_writer(march: World) -> None:
    answer = send(march, geojson(feature("P-1")), PLOTS)
    upload = march.read("manager", upload_by_id, UUID(answer.json()["id"]))
    with march.session("manager-2", write=True):
        found = rehearse(march.database, quarantine(march), upload)
    assert (found.counts["new"], bool(found.digest)) == (1, True)


def test_two_confirmations_at_once_import_once(march: World) -> None:
    answer, _, etag = checked(march, geojson(feature("P-1")), PLOTS)
    codes: list[int] = []

    def confirm() -> None:
        codes.append(post(march, answer, "confirm", etag).status_code)

    both = [threading.Thread(target=confirm) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(codes) == [200, 409]
    with march.session("host") as session:
        assert [event.verb for event, _ in events(session, after=0, limit=10**6)].count("import.plots") == 1


def test_a_change_elsewhere_does_not_stand_in_the_way(march: World, tmp_path: Any) -> None:
    answer, _, etag = checked(march, geojson(feature("P-1")), PLOTS)
    other = geojson(feature("N-2", 118.85))
    path = tmp_path / "other.geojson"
    path.write_bytes(other)
    march.act("manager-2", import_plots, File(path, other), PlotsLayout(), valid_from=date(2013, 3, 1))
    assert post(march, answer, "confirm", etag).status_code == 200


def test_tasks(march: World) -> None:
    answer, shown, etag = checked(march, table(HEAD, task("N-1"), task("S-1")), TASKS)
    assert (shown["counts"]["new"], shown["counts"]["changed"]) == (2, 0)
    row = File(quarantine(march).folder / "x.csv", table(HEAD, task("N-1", until="2013-03-20")))
    march.act("manager-2", import_tasks, row)
    assert post(march, answer, "confirm", etag).json()["code"] == "register_changed"
    post(march, answer, "check", etag)
    check(march)
    shown, etag = look(march, answer)
    assert (shown["counts"]["new"], shown["counts"]["changed"]) == (1, 1)
    assert post(march, answer, "confirm", etag).status_code == 200


def test_scores_with_rows_set_aside(march: World) -> None:
    rows = table(
        ("plot", "period", "score"), ("N-1", "2013-02", "91"), ("Z-9", "2013-02", "90"), ("S-1", "2013-02", "")
    )
    answer, shown, _ = checked(march, rows, SCORES)
    assert [(i["row"], i["code"], i["weight"]) for i in issues(march, answer)] == [
        (2, "unlinked", "error"),
        (3, "missing", "error"),
    ]
    assert issues(march, answer)[1]["place"], "a row of a known plot has a place"
    assert shown["state"] == "refused"
    answer, shown, etag = checked(march, rows, SCORES | {"set_aside": ["unlinked", "missing"]})
    assert (shown["counts"]["new"], shown["counts"]["set_aside"]) == (1, 2)
    assert {i["weight"] for i in issues(march, answer)} == {"set_aside"}
    written = post(march, answer, "confirm", etag)
    assert written.status_code == 200
    client, batch = march.client("auditor"), written.json()["import_id"]
    [known] = client.get("/api/v1/imports", params={"kind": "scores", "from": "2013-03-04"}).json()["items"]
    assert (known["id"], known["rows"], known["written"], known["set_aside"]) == (batch, 3, 1, 2)
    assert client.get("/api/v1/imports", params={"until": "2013-03-03", "kind": "scores"}).json()["items"] == []
    kept = client.get("/api/v1/set-asides", params={"import": batch}).json()["items"]
    assert sorted((row["row"], row["reason"], row["name"]) for row in kept) == [
        (2, "unlinked", "Z-9"),
        (3, "missing", "S-1"),
    ]
    [first] = client.get("/api/v1/set-asides", params={"reason": "missing"}).json()["items"]
    assert first["content"]["plot"] == "S-1"
    assert client.get("/api/v1/set-asides", params={"import": str(new_id())}).status_code == 404
    page = client.get(f"/uploads/{written.json()['id']}", params={"lang": "en"}).text
    assert "rows whose plot is not known" in page.partition("Rows set aside")[2]
    answer, shown, _ = checked(march, rows, SCORES | {"set_aside": ["unlinked", "missing"]})
    assert (shown["state"], issues(march, answer)[0]["code"]) == ("refused", "imported_before")


def test_the_same_again_is_the_same_upload(march: World) -> None:
    at, content = new_id(), geojson(feature("P-1"))
    assert send(march, content, PLOTS, at=at).status_code == 201
    assert send(march, content, PLOTS, at=at).status_code == 200
    assert len(left(march)) == 1
    for other in (
        {"content": geojson(feature("P-2"))},
        {"who": "manager-2"},
        {"asked": PLOTS | {"from": "2013-03-02"}},
    ):
        refused = send(march, **({"content": content, "asked": PLOTS, "at": at} | other))  # type: ignore[arg-type]
        assert (refused.status_code, refused.json()["code"]) == (409, "id_taken")
    assert len(left(march)) == 1


def test_other_bytes_in_the_place_of_a_file_are_not_imported_even_when_they_say_the_same(march: World) -> None:
    content = table(HEAD, task("N-1"))
    answer, _, etag = checked(march, content, TASKS)
    [stored] = [path for path in quarantine(march).folder.iterdir() if not path.suffix]
    stored.write_bytes(content.replace(b"\r\n", b"\n"))
    refused = post(march, answer, "confirm", etag)
    assert (refused.status_code, refused.json()["code"]) == (409, "upload_lost")
    stored.write_bytes(content)
    assert post(march, answer, "confirm", etag).status_code == 200


def test_a_file_that_breaks_its_check_is_refused_and_the_next_one_is_checked(
    march: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one file does to its reader must neither end the worker nor keep the others waiting."""
    poison, good = send(march, table(HEAD, task("N-1")), TASKS), send(march, geojson(feature("P-1")), PLOTS)

    def read(upload: Upload, *rest: Any) -> Contents:
        if upload.kind is UploadKind.TASKS:
            raise ZeroDivisionError
        return read_apart(upload, *rest)

    monkeypatch.setattr("service.exchange.uploads.read_apart", read)
    assert check(march) == 2
    upload, etag = look(march, poison)
    assert upload["state"] == "refused"
    assert [issue["code"] for issue in issues(march, poison)] == ["check_failed"]
    assert post(march, poison, "confirm", etag).json()["code"] == "upload_not_checked"
    assert look(march, good)[0]["state"] == "checked"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (PLOTS | {"file": "plots.kml"}, "format_unknown"),
        (PLOTS | {"file": "http://elsewhere.example/a"}, "format_unknown"),
        (TASKS | {"file": "tasks.geojson"}, "format_unknown"),
        ({"kind": "plots", "file": "a.csv"}, "day_needed"),
        (PLOTS | {"layout": '{"colours": {}}'}, "bad_layout"),
        (PLOTS | {"layout": "[]"}, "bad_layout"),
        (SCORES | {"layout": '{"scale": "0.0000001"}'}, "bad_layout"),
        (SCORES | {"layout": '{"scale": "1000000000000"}'}, "bad_layout"),
        (PLOTS | {"layout": '{"crs": NaN}'}, "not_json"),
        (TASKS | {"layout": '{"columns": {}}'}, "bad_layout"),
        (PLOTS | {"kind": "contract"}, "invalid_request"),
    ],
)
def test_what_cannot_be_right_is_refused_before_a_byte_is_kept(march: World, asked: dict[str, Any], code: str) -> None:
    refused = send(march, geojson(feature("P-1")), asked)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert left(march) == []


def test_other_bytes_than_the_name_says(march: World) -> None:
    for content, name in ((b"<OGRVRTDataSource/>", "a.geojson"), (b"PK\x03\x04..", "a.gpkg"), (b"GIF89a", "a.zip")):
        answer, shown, _ = checked(march, content, PLOTS | {"file": name})
        assert (shown["state"], issues(march, answer)[0]["code"]) == ("refused", "format_mismatch")


def test_a_file_is_cut_at_the_limit_while_it_comes(march: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine(march), "limit", 1000)
    assert send(march, b"", PLOTS).json()["code"] == "file_empty"
    refused = send(march, b"x" * 1001, PLOTS)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert left(march) == []
    assert send(march, b"x" * 1000, PLOTS).status_code == 201


def test_the_guard_counts_what_is_not_announced(march: World) -> None:
    sent = 0

    def endless() -> Any:
        nonlocal sent
        while sent < 80_000_000:
            sent += 1_000_000
            yield b"x" * 1_000_000

    refused = march.client("manager").put(f"{PREFIX}/{new_id()}", params=PLOTS, content=endless())
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert left(march) == []


def test_nobody_fills_the_disk_with_open_uploads(march: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.exchange.rules.ALL_OPEN", 1500)
    first = send(march, b"x" * 1000, PLOTS)
    assert first.status_code == 201
    assert send(march, b"x" * 1000, PLOTS).json()["code"] == "uploads_full"
    assert len(left(march)) == 1
    assert post(march, first, "cancel", first.headers["etag"]).json()["state"] == "cancelled"
    assert left(march) == []
    assert send(march, b"x" * 1000, PLOTS).status_code == 201


def test_many_rows_of_nothing_are_refused(march: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.exchange.contents.MOST_ROWS", 3)
    answer, shown, _ = checked(march, table(HEAD, *[task("N-1", operation=f"o{n}") for n in range(4)]), TASKS)
    assert (shown["state"], issues(march, answer)[0]["code"]) == ("refused", "too_many_rows")


def test_what_nobody_decides_on_expires(march: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, _, etag = checked(march, geojson(feature("P-1")), PLOTS)
    assert clear_uploads(march.database, quarantine(march)) == 0
    assert len(left(march)) == 2
    march.instant += timedelta(hours=25)
    assert clear_uploads(march.database, quarantine(march)) == 1
    assert left(march) == []
    assert look(march, answer)[0]["state"] == "expired"
    assert post(march, answer, "confirm", etag).json()["code"] == "upload_closed"
    (quarantine(march).folder / "0123").write_bytes(b"left by a crash")
    assert clear_uploads(march.database, quarantine(march)) == 0
    assert left(march) == ["0123"], "perhaps it is coming in at this moment"
    monkeypatch.setattr(quarantine_module, "ABANDONED_S", -1)
    clear_uploads(march.database, quarantine(march))
    assert left(march) == []


def test_a_check_that_was_cut_off_is_taken_up_again(march: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class CutOffError(BaseException):
        """The power fails."""

    def fail(*_arguments: object) -> None:
        raise CutOffError

    answer = send(march, geojson(feature("P-1")), PLOTS)
    with monkeypatch.context() as broken:
        broken.setattr("service.jobs.uploads.rehearse", fail)
        with pytest.raises(CutOffError):
            check(march)
    assert look(march, answer)[0]["state"] == "reading"
    assert check(march) == 0, "it may still be under way"
    march.instant += timedelta(minutes=11)
    assert check(march) == 1
    assert look(march, answer)[0]["state"] == "checked"


def test_bytes_that_are_gone(march: World) -> None:
    first = send(march, geojson(feature("P-1")), PLOTS)
    for name in left(march):
        (quarantine(march).folder / name).unlink()
    check(march)
    assert (look(march, first)[0]["state"], issues(march, first)[0]["code"]) == ("refused", "upload_lost")


def test_a_failure_in_the_middle_of_the_import_leaves_nothing(march: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDiskError(OSError):
        """No space left on device."""

    def fail(*_arguments: object, **_more: object) -> None:
        raise FullDiskError(28, "No space left on device")

    answer, _, etag = checked(march, geojson(feature("P-1")), PLOTS)
    before = state(march.database)
    with monkeypatch.context() as broken:
        broken.setattr("service.exchange.plots_in.close_plan", fail)
        assert post(march, answer, "confirm", etag).status_code == 507
    assert state(march.database) == before
    assert "P-1" not in march.read("manager", plots_by_code)
    assert post(march, answer, "confirm", etag).status_code == 200


def test_lists_are_paged_and_narrowed(march: World) -> None:
    sent = sorted(send(march, geojson(feature(f"P-{n}")), PLOTS).json()["id"] for n in range(3))
    client = march.client("auditor")
    first = client.get(PREFIX, params={"limit": 2}).json()
    rest = client.get(PREFIX, params={"limit": 2, "after": first["next"]}).json()
    assert [row["id"] for row in (*first["items"], *rest["items"])] == sent
    assert first["items"][1]["progress"]["ahead"] == 1
    assert client.get(PREFIX, params={"state": "checked"}).json()["items"] == []
    assert client.get(PREFIX, params={"after": "eA"}).json()["code"] == "bad_cursor"
