"""For each page, a request that would succeed for somebody who may make it."""

from urllib.parse import urlencode

from service.core.ids import new_id
from service.findings.queries import finding_by_id
from service.settlement.queries import statements
from tests.conftest import World
from tests.park import month_of
from tests.service.calls import (
    ABSENT,
    Call,
    Maker,
    fresh_session,
    fresh_token,
    own_finding,
    own_upload,
    proposal,
    send_back,
    shades,
    tasks_file,
)
from tests.service.full_world import ACTORS, Target, add_user_like, jpeg
from tests.service.policy import PREFIX, SITE, Operation

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BOUNDARY = "b0b0b0b0"
IN_PARTS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def _get(path: str) -> Maker:
    def make(world: World, target: Target, role: str) -> Call:
        return Call("GET", path.format(t=target))

    return make


def _form(path: str, **fields: str) -> Call:
    return Call("POST", path, content=urlencode(fields).encode(), headers=FORM)


def _file(world: World, target: Target, role: str) -> Call:
    fields = {"type": "litter", "quantity": "2", "severity": "minor", "text": "见照片", "found_on": "2013-02-20"}
    return _form("/findings/new", plot=target.plot, client_id=str(new_id()), **fields)


def _act(world: World, target: Target, role: str) -> Call:
    finding, act, seen = own_finding(world, target, role)
    absent = target is ABSENT
    code = target.finding_code if absent else world.read("auditor", finding_by_id, finding).finding.code
    return _form(f"/findings/{code}/acts/{act.value}", seen=str(seen), note="done")


def _photo(world: World, target: Target, role: str) -> Call:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'.encode()
    content = head + jpeg(next(shades)) + f"\r\n--{BOUNDARY}--\r\n".encode()
    return Call("POST", f"/findings/{target.finding_code}/photos", content=content, headers=IN_PARTS)


def _document(path: str) -> Maker:
    def make(world: World, target: Target, role: str) -> Call:
        fields = {"client_id": str(new_id()), "kind": "report", "title": "报告", "dated_on": "2013-02-20"}
        return Call(
            "POST", path.format(t=target), content=_parts(fields, "a.jpg", jpeg(next(shades))), headers=IN_PARTS
        )

    return make


def _parts(fields: dict[str, str], name: str, file: bytes) -> bytes:
    """Return a form in parts, its one file the last of them."""
    texts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return "".join([*texts, head]).encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()


def _prepare(world: World, target: Target, role: str) -> Call:
    send_back(world, target)
    return _form("/statements", contract=target.contract, first="2013-02-01")


def _decide(path: str, **fields: str) -> Maker:
    def make(world: World, target: Target, role: str) -> Call:
        code = target.statement
        if target is not ABSENT:
            send_back(world, target)
            code = _approved(world, target) or world.prepare(target.contract, 2)
        return _form(f"/statements/{code}/{path}", **fields)

    return make


def _send(world: World, target: Target, role: str) -> Call:
    fields = {"client_id": str(new_id()), "kind": "tasks"}
    return Call("POST", "/uploads/new", content=_parts(fields, "tasks.csv", tasks_file(target.plot)), headers=IN_PARTS)


def _upload(method: str, path: str = "", *, is_checked: bool = False) -> Maker:
    def make(world: World, target: Target, role: str) -> Call:
        upload, revision = own_upload(world, target, is_checked=is_checked)
        address = f"/uploads/{upload}{path}"
        return Call("GET", address) if method == "GET" else _form(address, seen=str(revision))

    return make


def _approved(world: World, target: Target) -> str:
    """Return the approved statement of February, which a contract has only once; empty before."""
    february = world.read("auditor", statements, period=month_of(2))
    own = [r.statement.code for r in february if r.contract.code == target.contract and r.state == "approved"]
    return own[0] if own else ""


def _password(world: World, target: Target, role: str) -> Call:
    chosen = f"four green benches {next(shades)}"
    return _form("/account/password", new=chosen, again=chosen)


def _issue(world: World, target: Target, role: str) -> Call:
    return _form("/account/tokens", name="phone", reach="read", days="30")


def _end(world: World, target: Target, role: str) -> Call:
    return _form(f"/sessions/{fresh_session(world, ACTORS[role])}/end")


def _revoke(world: World, target: Target, role: str) -> Call:
    return _form(f"/tokens/{fresh_token(world, ACTORS[role])}/revoke")


def _role(world: World, target: Target, role: str) -> Call:
    user = world.act("host", add_user_like, f"new-{next(shades)}")
    return _form(f"/accounts/{user}/role", role="inspector")


def _close(world: World, target: Target, role: str) -> Call:
    return _form(f"/accounts/{world.act('host', add_user_like, f'new-{next(shades)}')}/close")


def _answer(path: str) -> Maker:
    def make(world: World, target: Target, role: str) -> Call:
        return _form(f"/role-grants/{proposal(world)}/{path}")

    return make


# pages of one record, and forms: how to ask for a target's
ACTS: dict[Operation, Maker] = {
    ("GET", "/plots/{code:path}"): _get("/plots/{t.plot}"),
    ("GET", "/findings/{code}"): _get("/findings/{t.finding_code}"),
    ("GET", "/photos/{photo_id}"): _get("/photos/{t.photo}"),
    ("GET", "/contracts/{code}"): _get("/contracts/{t.contract}"),
    ("GET", "/statements/{code}"): _get("/statements/{t.statement}"),
    ("POST", "/findings/new"): _file,
    ("POST", "/findings/{code}/acts/{act}"): _act,
    ("POST", "/findings/{code}/photos"): _photo,
    ("POST", "/contracts/{code}"): _document("/contracts/{t.contract}"),
    ("POST", "/plots/{code:path}"): _document("/plots/{t.plot}"),
    ("POST", "/findings/{code}"): _document("/findings/{t.finding_code}"),
    ("POST", "/statements/{code}"): _document("/statements/{t.statement}"),
    ("POST", "/statements"): _prepare,
    ("POST", "/statements/{code}/send-back"): _decide("send-back", reason="计算有误"),
    ("POST", "/statements/{code}/approve"): _decide("approve"),
    ("POST", "/account/password"): _password,
    ("POST", "/account/tokens"): _issue,
    ("POST", "/sessions/{session_id}/end"): _end,
    ("POST", "/tokens/{token_id}/revoke"): _revoke,
    ("GET", "/accounts/{code}"): _get("/accounts/green-1"),
    ("POST", "/accounts/{code}/role"): _role,
    ("POST", "/accounts/{code}/close"): _close,
    ("POST", "/role-grants/{grant_id}/confirm"): _answer("confirm"),
    ("POST", "/role-grants/{grant_id}/decline"): _answer("decline"),
    ("POST", "/uploads/new"): _send,
    ("GET", "/uploads/{upload_id}"): _upload("GET"),
    ("POST", "/uploads/{upload_id}/check"): _upload("POST", "/check", is_checked=True),
    ("POST", "/uploads/{upload_id}/confirm"): _upload("POST", "/confirm", is_checked=True),
    ("POST", "/uploads/{upload_id}/cancel"): _upload("POST", "/cancel"),
}
# pages that open, and where
OPENING: dict[Operation, str] = {
    operation: operation[1].replace("{code}/v{version}", "park/v1") for operation in SITE if operation not in ACTS
}
# of a page with a list: what it names, and the operation whose verdict says which
SHOWN: dict[Operation, tuple[str, Operation]] = {
    ("GET", "/plots"): ("plot", ("GET", f"{PREFIX}/plots")),
    ("GET", "/findings"): ("plot", ("GET", f"{PREFIX}/findings")),
    ("GET", "/tasks"): ("plot", ("GET", f"{PREFIX}/tasks")),
    ("GET", "/contracts"): ("contract", ("GET", f"{PREFIX}/contracts")),
    ("GET", "/statements"): ("contract", ("GET", f"{PREFIX}/contracts")),
}
