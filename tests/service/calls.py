"""For each operation of the API, a request that would succeed for somebody who may make it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from unittest.mock import patch
from uuid import UUID

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session

from service.access.queries import running_sessions, tokens, user_by_code
from service.access.sign_in_actions import issue_token
from service.core.actor import Actor, Role
from service.core.ids import new_id
from service.core.sandbox import Limits
from service.exchange import texts
from service.exchange.actions import NewUpload, Stored, receive_upload
from service.exchange.quarantine import Quarantine
from service.exchange.rules import UploadKind
from service.findings.rules import Act
from service.jobs.uploads import check_uploads
from service.plots.actions import post_to_zone
from service.plots.queries import zone_by_code
from service.settlement.actions import decide_statement
from service.settlement.queries import statements
from service.settlement.rules import Decision
from tests.conftest import World
from tests.park import SCHEME
from tests.service.full_world import ACTORS, TARGETS, Target, add_user_like, jpeg, propose
from tests.service.policy import PREFIX, Operation

NOBODYS = UUID(int=7 << 76 | 2 << 62)
ABSENT = Target("X-9", "X9", "nobody", "inspector", NOBODYS, "F-9", NOBODYS, NOBODYS, "X9-1", NOBODYS, NOBODYS, NOBODYS)
UNPOSTED = "supervisor"  # sees every zone; nobody's role in the table
shades = iter(range(2000, 10**9))
months = iter(range(2000))  # each in no other contract


@dataclass
class Call:
    """A request."""

    method: str
    path: str
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, client: TestClient, **more: str) -> Response:
        """Send it, with further headers."""
        headers = {**self.headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        body: dict[str, Any] = {"content": self.content} if self.json is None else {"json": self.json}
        return client.request(self.method, self.path, headers=headers, follow_redirects=False, **body)


Maker = Callable[[World, Target, str], Call]


def new_finding(plot: str) -> dict[str, Any]:
    """Return a body that files a finding."""
    return {
        "plot": plot,
        "type": "litter",
        "severity": "minor",
        "quantity": "1.50",
        "text": "见照片",
        "found_on": "2013-02-20",
    }


def _file(world: World, target: Target, role: str) -> Call:
    return Call("PUT", f"{PREFIX}/findings/{new_id()}", json=new_finding(target.plot))


def _step(world: World, target: Target, role: str) -> Call:
    finding, act, seen = own_finding(world, target, role)
    body = {"act": act.value, "note": "done"}
    return Call("POST", f"{PREFIX}/findings/{finding}/steps", json=body, headers={"If-Match": f'"{seen}"'})


def own_finding(world: World, target: Target, role: str) -> tuple[UUID, Act, int]:
    """Return a finding for a step to change, the step that is the role's to take, and the state that it follows."""
    act, seen = (Act.REPORT_CURED, 2) if role == "contractor" else (Act.SEND_BACK, 3)
    if target is ABSENT:
        return NOBODYS, act, seen
    finding = world.file(target.plot, by=target.inspector, on=date(2013, 2, 20))
    world.confirm(finding, by=UNPOSTED)
    if act is Act.SEND_BACK:
        world.take(finding, Act.REPORT_CURED, by=f"{target.contractor}-1")
    return finding, act, seen


def _photo(world: World, target: Target, role: str) -> Call:
    content = jpeg(next(shades))
    path = f"{PREFIX}/findings/{target.finding}/photos/{sha256(content).hexdigest()}"
    return Call("PUT", path, content=content, headers={"Content-Type": "image/jpeg"})


def _task(world: World, target: Target, role: str) -> Call:
    day = date(2013, 2, 1) + timedelta(days=next(shades) - 2000)
    body = {"plot": target.plot, "operation": "mowing", "due_from": str(day), "due_until": str(day)}
    return Call("PUT", f"{PREFIX}/tasks/{new_id()}", json=body)


def _score(world: World, target: Target, role: str) -> Call:
    body = {"plot": target.plot, "from": "2013-03-01", "channel": f"patrol {next(shades)}", "score": "93.5"}
    return Call("PUT", f"{PREFIX}/scores/{new_id()}", json=body)


def _document(world: World, target: Target, role: str) -> Call:
    path = f"{PREFIX}/documents/{new_id()}?kind=report&title=复查记录&dated_on=2013-02-20&finding={target.finding}"
    content = f"%PDF-1.7 {next(shades)}".encode()
    return Call("PUT", path, content=content, headers={"Content-Type": "application/pdf"})


def _prepare(world: World, target: Target, role: str) -> Call:
    send_back(world, target)
    return Call("PUT", f"{PREFIX}/contracts/{target.contract}/statements/2013-02")


def _decide(world: World, target: Target, role: str) -> Call:
    code = target.statement
    if target is not ABSENT:
        send_back(world, target)
        code = world.prepare(target.contract, 2)
    body = {"decision": "sent_back", "reason": "计算有误"}
    return Call("POST", f"{PREFIX}/statements/{code}/decision", json=body)


def send_back(world: World, target: Target) -> None:
    """Decide on whatever awaits a decision, by whichever manager may."""
    for record in world.read("auditor", statements):
        if record.contract.code == target.contract and record.decision is None:
            by = "manager" if record.statement.prepared_by_name == "Manager-2" else "manager-2"
            world.act(by, decide_statement, record.statement.code, Decision.SENT_BACK)


def _get(path: str) -> Maker:
    def make(world: World, target: Target, role: str) -> Call:
        return Call("GET", PREFIX + path.format(**vars(target)))

    return make


def _amend(world: World, target: Target, role: str) -> Call:
    change = {"act": "change", "plot": target.plot, "from": "2013-11-01", "quantity": f"{next(shades)}.5"}
    body = {"signed_on": "2013-02-20", "reason": "面积核减", "document": "补充协议 2 号", "changes": [change]}
    return Call("PUT", f"{PREFIX}/contracts/{target.contract}/amendments/{new_id()}", json=body)


def _scheme(world: World, target: Target, role: str) -> Call:
    version = next(shades)
    text = SCHEME.replace("version: 1\n", f"version: {version}\n")
    return Call("PUT", f"{PREFIX}/schemes/park/{version}", json={"text": text})


def new_terms(plot: str = "N-1", first: date = date(2015, 1, 1)) -> dict[str, Any]:
    """Return a body that signs a contract for one plot, for a month from a day on."""
    return {
        "title": {"zh": "新合同", "en": "New contract"},
        "contractor": "green",
        "parties": {"consultant": "eye"},
        "from": str(first),
        "until": str(first + timedelta(days=30)),
        "currency": "CNY",
        "day_count": "contract_year",
        "rounding": "per_contract",
        "settled": "month",
        "vat_percent": "6",
        "scheme": {"code": "park", "version": 1},
        "lines": [{"plot": plot, "quantity": "1000.01", "unit": "m2", "unit_price": "3.55", "grade": "1"}],
    }


def _sign(world: World, target: Target, role: str) -> Call:
    number = next(months)
    first = date(2015, 1, 1) + timedelta(days=31 * number)  # two contracts never cover a plot at once
    return Call("PUT", f"{PREFIX}/contracts/new-{number}", json=new_terms(first=first))


def _view(world: World, target: Target, role: str) -> Call:
    return Call("POST", f"{PREFIX}/photos/{target.photo}/original-views")


def fresh_token(world: World, who: str) -> UUID:
    """Return the id of a token that was just issued to somebody."""

    def issue(session: Session, actor: Actor) -> UUID:
        user = user_by_code(session, who)
        issue_token(session, actor, user, name="fresh")
        return tokens(session, user)[-1][0].id

    return world.act("host", issue)


def _revoke(world: World, target: Target, role: str) -> Call:
    return Call("POST", f"{PREFIX}/tokens/{fresh_token(world, ACTORS[role])}/revocation")


def _organisation(world: World, target: Target, role: str) -> Call:
    body = {"kind": "builder", "name": {"zh": "施工一队", "en": "Builders"}}
    return Call("PUT", f"{PREFIX}/organisations/org-{next(shades)}", json=body)


def _user(world: World, target: Target, role: str) -> Call:
    body = {"name": "新人", "role": "inspector", "organisation": "park", "language": "zh"}
    return Call("PUT", f"{PREFIX}/users/new-{next(shades)}", json=body)


def _role(world: World, target: Target, role: str) -> Call:
    user = world.act("host", add_user_like, f"new-{next(shades)}")
    return Call("POST", f"{PREFIX}/users/{user}/role", json={"role": "inspector"}, headers={"If-Match": '"viewer"'})


def _zone(world: World, target: Target, role: str) -> Call:
    body = {"parent": "N", "name": {"zh": "新片区", "en": "New part"}}
    return Call("PUT", f"{PREFIX}/zones/Z{next(shades)}", json=body)


def fresh_inspector(world: World) -> str:
    """Return an inspector of the authority who is posted nowhere yet."""
    return world.act("host", add_user_like, f"new-{next(shades)}", Role.INSPECTOR)


def _post(world: World, target: Target, role: str) -> Call:
    body = {"user": fresh_inspector(world), "zone": "N"}
    return Call("PUT", f"{PREFIX}/postings/{new_id()}", json=body)


def fresh_posting(world: World) -> UUID:
    """Return a posting that was just made."""
    user = fresh_inspector(world)

    def post(session: Session, actor: Actor) -> UUID:
        holder, zone = user_by_code(session, user), zone_by_code(session, "N")
        return post_to_zone(session, actor, new_id(), holder, zone)[0].id

    return world.act("host", post)


def _withdraw(world: World, target: Target, role: str) -> Call:
    return Call("POST", f"{PREFIX}/postings/{fresh_posting(world)}/end")


def _close(world: World, target: Target, role: str) -> Call:
    user = world.act("host", add_user_like, f"new-{next(shades)}")
    return Call("POST", f"{PREFIX}/users/{user}/closure", headers={"If-Match": '"viewer"'})


def proposal(world: World) -> UUID:
    """Return a role that was just proposed for somebody."""
    return world.act("admin-2", propose, world.act("host", add_user_like, f"new-{next(shades)}"))


def _answer(world: World, target: Target, role: str) -> Call:
    return Call("POST", f"{PREFIX}/role-grants/{proposal(world)}/answer", json={"answer": "confirmed"})


def newest_session(session: Session, who: str) -> UUID:
    """Return the session that somebody began last."""
    return running_sessions(session, user_by_code(session, who))[0].id


def fresh_session(world: World, who: str) -> UUID:
    """Return a session that somebody has just begun."""
    world.browser(who)
    return world.read("host", newest_session, who)


def _end(world: World, target: Target, role: str) -> Call:
    return Call("POST", f"{PREFIX}/sessions/{fresh_session(world, ACTORS[role])}/revocation")


def tasks_file(plot: str) -> bytes:
    """Return a file with one task on a plot: other bytes each time."""
    head = "plot,operation,due_from,due_until,done_on,quantity,unit,reported_by,signed_by\n"
    day = date(2013, 2, 1) + timedelta(days=next(shades) - 2000)
    return f"{head}{plot},mowing,{day},{day},,,,,\n".encode()


def _run_here(function: Callable[..., Any], *, limits: Limits, **arguments: Any) -> Any:
    """Read a file that we have made ourselves in this process: the tests of uploads start the other."""
    return function(**arguments)


def own_upload(world: World, target: Target, *, is_checked: bool) -> tuple[UUID, int]:
    """Return an upload for a step to change, and the revision that it stands at."""
    if target is ABSENT:
        return NOBODYS, 3
    quarantine: Quarantine = world.app.state.quarantine
    with quarantine.incoming() as coming:
        coming.write(tasks_file(target.plot))
        coming.finish()
    new = NewUpload(UploadKind.TASKS, "tasks.csv", {}, None, ())
    stored = Stored(coming.name, coming.sha256, coming.bytes)
    upload, _ = world.act("manager", receive_upload, new_id(), new, stored)
    if is_checked:
        with patch.object(texts, "run_apart", _run_here):
            check_uploads(world.database, quarantine)
    return upload.id, 3 if is_checked else 1


def _send(world: World, target: Target, role: str) -> Call:
    path = f"{PREFIX}/uploads/{new_id()}?kind=tasks&file=tasks.csv"
    headers = {"Content-Type": "application/octet-stream"}
    return Call("PUT", path, content=tasks_file(target.plot), headers=headers)


def _upload(verb: str, *, is_checked: bool = False) -> Maker:
    def make(world: World, target: Target, role: str) -> Call:
        upload, revision = own_upload(world, target, is_checked=is_checked)
        headers = {"If-Match": f'"{revision}"'}
        return Call("POST", f"{PREFIX}/uploads/{upload}/{verb}", headers=headers)

    return make


def _look(world: World, target: Target, role: str) -> Call:
    return Call("GET", f"{PREFIX}/uploads/{own_upload(world, target, is_checked=False)[0]}")


def _issues(world: World, target: Target, role: str) -> Call:
    return Call("GET", f"{PREFIX}/uploads/{own_upload(world, target, is_checked=False)[0]}/issues")


# operations on one record: how to ask for a target's
ITEMS: dict[Operation, Maker] = {
    ("GET", f"{PREFIX}/organisations/{{code}}"): _get("/organisations/{contractor}"),
    ("PUT", f"{PREFIX}/organisations/{{code}}"): _organisation,
    ("PUT", f"{PREFIX}/users/{{code}}"): _user,
    ("POST", f"{PREFIX}/users/{{code}}/role"): _role,
    ("POST", f"{PREFIX}/users/{{code}}/closure"): _close,
    ("POST", f"{PREFIX}/role-grants/{{grant_id}}/answer"): _answer,
    ("POST", f"{PREFIX}/sessions/{{session_id}}/revocation"): _end,
    ("PUT", f"{PREFIX}/zones/{{code}}"): _zone,
    ("PUT", f"{PREFIX}/postings/{{posting_id}}"): _post,
    ("POST", f"{PREFIX}/postings/{{posting_id}}/end"): _withdraw,
    ("GET", f"{PREFIX}/plots/{{code}}"): _get("/plots/{plot}"),
    ("GET", f"{PREFIX}/plots/{{code}}/versions"): _get("/plots/{plot}/versions"),
    ("GET", f"{PREFIX}/contracts/{{code}}"): _get("/contracts/{contract}"),
    ("PUT", f"{PREFIX}/contracts/{{code}}"): _sign,
    ("GET", f"{PREFIX}/contracts/{{code}}/audit"): _get("/contracts/{contract}/audit"),
    ("GET", f"{PREFIX}/contracts/{{code}}/lines"): _get("/contracts/{contract}/lines"),
    ("GET", f"{PREFIX}/contracts/{{code}}/lines/{{number}}/versions"): _get("/contracts/{contract}/lines/1/versions"),
    ("GET", f"{PREFIX}/contracts/{{code}}/amendments"): _get("/contracts/{contract}/amendments"),
    ("GET", f"{PREFIX}/contracts/{{code}}/amendments/{{amendment_id}}"): _get(
        "/contracts/{contract}/amendments/{amendment}"
    ),
    ("PUT", f"{PREFIX}/contracts/{{code}}/amendments/{{amendment_id}}"): _amend,
    ("PUT", f"{PREFIX}/schemes/{{code}}/{{version}}"): _scheme,
    ("GET", f"{PREFIX}/tasks/{{task_id}}"): _get("/tasks/{task}"),
    ("GET", f"{PREFIX}/scores/{{score_id}}"): _get("/scores/{score}"),
    ("PUT", f"{PREFIX}/tasks/{{task_id}}"): _task,
    ("PUT", f"{PREFIX}/scores/{{score_id}}"): _score,
    ("GET", f"{PREFIX}/findings/{{finding_id}}"): _get("/findings/{finding}"),
    ("PUT", f"{PREFIX}/findings/{{finding_id}}"): _file,
    ("POST", f"{PREFIX}/findings/{{finding_id}}/steps"): _step,
    ("PUT", f"{PREFIX}/findings/{{finding_id}}/photos/{{sha256}}"): _photo,
    ("GET", f"{PREFIX}/photos/{{photo_id}}"): _get("/photos/{photo}"),
    ("POST", f"{PREFIX}/photos/{{photo_id}}/original-views"): _view,
    ("GET", f"{PREFIX}/documents/{{document_id}}"): _get("/documents/{document}"),
    ("GET", f"{PREFIX}/documents/{{document_id}}/content"): _get("/documents/{document}/content"),
    ("PUT", f"{PREFIX}/documents/{{document_id}}"): _document,
    ("GET", f"{PREFIX}/statements/{{code}}"): _get("/statements/{statement}"),
    ("GET", f"{PREFIX}/statements/{{code}}/lines.{{form}}"): _get("/statements/{statement}/lines.xlsx"),
    ("GET", f"{PREFIX}/statements/{{code}}/lines/{{number}}/explanation"): _get(
        "/statements/{statement}/lines/1/explanation"
    ),
    ("PUT", f"{PREFIX}/contracts/{{code}}/statements/{{period}}"): _prepare,
    ("POST", f"{PREFIX}/statements/{{code}}/decision"): _decide,
    ("POST", f"{PREFIX}/tokens/{{token_id}}/revocation"): _revoke,
    ("PUT", f"{PREFIX}/uploads/{{upload_id}}"): _send,
    ("GET", f"{PREFIX}/uploads/{{upload_id}}"): _look,
    ("GET", f"{PREFIX}/uploads/{{upload_id}}/issues"): _issues,
    ("POST", f"{PREFIX}/uploads/{{upload_id}}/check"): _upload("check", is_checked=True),
    ("POST", f"{PREFIX}/uploads/{{upload_id}}/confirm"): _upload("confirm", is_checked=True),
    ("POST", f"{PREFIX}/uploads/{{upload_id}}/cancel"): _upload("cancel"),
}

Names = Callable[[dict[str, Any]], set[str]]


def _by(key: str, fact: str) -> Names:
    """Return what says which targets a row of a list is about."""
    return lambda row: {name for name, target in TARGETS.items() if getattr(target, fact) == row[key]}


# lists: which targets a row is about
LISTS: dict[Operation, Names] = {
    ("GET", f"{PREFIX}/organisations"): _by("code", "contractor"),
    ("GET", f"{PREFIX}/plots"): _by("code", "plot"),
    ("GET", f"{PREFIX}/contracts"): _by("code", "contract"),
    ("GET", f"{PREFIX}/tasks"): _by("plot", "plot"),
    ("GET", f"{PREFIX}/scores"): _by("plot", "plot"),
    ("GET", f"{PREFIX}/findings"): _by("plot", "plot"),
    ("GET", f"{PREFIX}/photos"): _by("plot", "plot"),
    ("GET", f"{PREFIX}/documents"): _by("title", "plot"),
    ("GET", f"{PREFIX}/statements"): _by("contract", "contract"),
    ("GET", f"{PREFIX}/charges"): _by("contract", "contract"),
}
# the same as sheets, whose columns have titles
SHEETS: dict[Operation, Names] = {
    ("GET", f"{PREFIX}/{name}.{{form}}"): _by("Plot", "plot") for name in ("plots", "tasks", "scores", "findings")
}


def address_of(operation: Operation) -> str:
    """Return where a list or a sheet is asked for."""
    return operation[1].format(form="csv")


# what is the same for everybody who may ask
COMMON: dict[Operation, str] = {
    ("GET", PREFIX + path): PREFIX
    + path.replace("{code}/{version}", "park/1")
    .replace("zones/{code}", "zones/N")
    .replace("{z}/{x}/{y}", "0/0/0")
    .replace("{code}", "viewer")
    for path in (
        "/authority",
        "/me",
        "/tokens",
        "/sessions",
        "/role-grants",
        "/finding-types",
        "/operations",
        "/grades",
        "/workdays",
        "/postings",
        "/zones",
        "/zones/{code}",
        "/plots/tiles/{z}/{x}/{y}",
        "/users",
        "/users/{code}",
        "/schemes",
        "/schemes/{code}/{version}",
        "/uploads",
        "/imports",
        "/set-asides",
        "/audit-events",
        "/audit-head",
        "/jobs",
        "/openapi.json",
        "/docs",
    )
}
