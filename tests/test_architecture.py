"""The rules of the house that imports alone cannot state. Each is checked file by file, so that a failure names one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Message
from jinja2.ext import babel_extract

from gis import issue
from service.core.i18n import catalogue
from tests.support.sources import PACKAGES, ROOT, files, floats_in, imports, last_name, name_of, nodes, place, tree

SERVICE = ROOT / "service"
PYTHON = files("*.py")
OF_SERVICE = files("*.py", under=("service",))
TEMPLATES = files("*.html", "*.jinja", "*.j2", under=("service", "maps"))
AT_THE_DOOR = ("service/core/", "service/migrations/")
OUTSIDE = [path for path in OF_SERVICE if not name_of(path).startswith(AT_THE_DOOR)]
ACTIONS = [path for path in OF_SERVICE if path.name.endswith("actions.py") and path.parent.name != "audit_log"]
MONEY_ROOMS = files(
    "*.py", under=("service/settlement", "service/assessment", "service/ledger", "service/schemes")
) + files("rules.py", "changes.py", "money.py", under=("service/contracts", "service/core"))
SCHEMES_WITH_TABLES = ("models.py", "actions.py", "queries.py", "api.py", "schemas.py")
PURE = [path for path in OF_SERVICE if path.name in ("rules.py", "changes.py")] + [
    path for path in files("*.py", under=("service/schemes",)) if path.name not in SCHEMES_WITH_TABLES
]

PAST_THE_DOOR = (
    "connect",
    "connection",
    "create_engine",
    "exec_driver_sql",
    "execute",
    "get_bind",
    "local_table",
    "raw_connection",
    "__table__",
)
DRIVERS = ("sqlite3", "psycopg", "sqlalchemy.text", "sqlalchemy.sql.text", "sqlmodel.text", "sqlalchemy.engine")
IMPURE = ("fastapi", "starlette", "sqlalchemy", "sqlmodel", "time", "random", "secrets", "os", "service.models")
IMPURE_OF_OURS = re.compile(
    r"service\.(core\.(db|scope|temporal|http|settings)|\w+\.(models|queries|actions|api))\b|"
    r"service\.core\.dates\.system_clock$"
)
CLOCKS = {"datetime": ("now", "utcnow", "today"), "date": ("today",), "time": ("time", "time_ns", "localtime")}
MARKUP_IN_PYTHON: frozenset[str] = frozenset()  # files that may say Markup(: each needs a reason, here
# "file: expression" that may say |safe: each needs a reason, here. The parts of a map are HTML that maps/ makes itself,
# from templates that no word of a user ever enters.
SAFE_IN_TEMPLATES = frozenset(
    f"service/web/templates/{page}.html: parts.{part}|safe"
    for page in ("map", "upload")
    for part in ("head", "body", "script")
)
# Names that look like addresses: nobody ever asks them for anything.
NAMES_LIKE_ADDRESSES = (
    "http://www.opengis.net/",
    "https://www.opengis.net/",
    "http://www.w3.org/",
    "http://127.0.0.1",
    "http://localhost",
)
ADDRESS = re.compile(r"\bhttps?://[\w-][\w.-]*[^\s\"'`<>)\]},;]*")
ADDRESSES_ARE_DATA = ("maps/assets.py",)


def each(paths: Iterator[Path] | list[Path] | tuple[Path, ...]) -> pytest.MarkDecorator:
    """Run a test once for each file."""
    return pytest.mark.parametrize("path", list(paths), ids=name_of)


@each(OUTSIDE)
def test_rows_are_only_reached_through_the_door(path: Path) -> None:
    assert [place(path, node) for node in nodes(path) if last_name(node) in PAST_THE_DOOR] == []
    assert [place(path, node) for node, name in imports(path) if name.startswith(DRIVERS)] == []
    calls = [node for node in nodes(path) if isinstance(node, ast.Call)]
    assert [place(path, call) for call in calls if last_name(call.func) == "Session"] == []


@each([path for path in OF_SERVICE if not name_of(path).startswith("service/migrations/")])
def test_nothing_commits_by_hand(path: Path) -> None:
    assert [place(path, node) for node in nodes(path) if last_name(node) in ("commit", "rollback")] == []


def recording(path: Path) -> set[str]:
    """Return the functions of a file that reach the audit log: themselves, or through another action."""
    elsewhere = {name.rpartition(".")[2] for _, name in imports(path) if re.match(r"service\.\w+\.actions", name)}
    elsewhere |= {n.asname for n in nodes(path) if isinstance(n, ast.alias) and n.asname and n.name == "actions"}
    functions = {f.name: f for f in tree(path).body if isinstance(f, ast.FunctionDef)}
    called = {
        name: {ast.unparse(c.func) for c in ast.walk(f) if isinstance(c, ast.Call)} for name, f in functions.items()
    }
    found: set[str] = set()
    while True:
        more = {n for n, calls in called.items() if any(c.split(".")[0] in elsewhere or c in found for c in calls)}
        if more <= found:
            return found
        found |= more


@each(ACTIONS)
def test_every_action_names_its_actor_and_is_recorded(path: Path) -> None:
    actions = [f for f in tree(path).body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_")]
    recorded = recording(path)
    for action in actions:
        arguments = [a.arg for a in (*action.args.posonlyargs, *action.args.args)]
        assert arguments[:2] == ["session", "actor"], f"{place(path, action)} begins with {arguments[:2]}"
        assert action.name in recorded, f"{place(path, action)} writes nothing to the audit log"


@each(PYTHON)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    functions = [f for f in nodes(path) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
    inside = (node for f in functions for node in ast.walk(f) if isinstance(node, ast.Import | ast.ImportFrom))
    assert [place(path, node) for node in inside] == []


@each(PYTHON)
def test_no_failure_is_swallowed(path: Path) -> None:
    silent = (
        node
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(s, ast.Pass) or _is_ellipsis(s) for s in node.body)
    )
    assert [place(path, node) for node in silent] == []


def _is_ellipsis(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and getattr(statement.value, "value", None) is Ellipsis


@each(PYTHON)
def test_only_one_function_reads_the_clock(path: Path) -> None:
    if name_of(path) == "service/core/dates.py":
        return
    readings = (
        node
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS.get(last_name(node.value), ())
    )
    assert [place(path, node) for node in readings] == []


@each(OUTSIDE)
def test_status_codes_are_for_core_alone(path: Path) -> None:
    assert [place(path, node) for node in nodes(path) if last_name(node) == "HTTPException"] == []


@each(OF_SERVICE)
def test_a_features_api_is_for_the_app_alone(path: Path) -> None:
    if name_of(path) != "service/app.py":
        assert [place(path, n) for n, name in imports(path) if re.match(r"service\.(?!core\b)\w+\.api\b", name)] == []


@each(OF_SERVICE)
def test_a_feature_keeps_its_private_names(path: Path) -> None:
    private = (n for n, name in imports(path) if name.startswith("service.") and re.search(r"\._[a-z]", name))
    assert [place(path, node) for node in private] == []


@each(PURE)
def test_rules_are_pure(path: Path) -> None:
    outside = [node for node, name in imports(path) if name.split(".")[0] in IMPURE or IMPURE_OF_OURS.match(name)]
    assert [place(path, node) for node in outside] == []
    assert [place(path, n) for n in nodes(path) if isinstance(n, ast.Call) and last_name(n.func) == "open"] == []


@each(MONEY_ROOMS)
def test_no_float_comes_near_money(path: Path) -> None:
    assert floats_in(name_of(path), path.read_text("utf-8")) == []


def test_nothing_repairs_a_geometry() -> None:
    repairing = [
        f"{name_of(path)}: {function.name}"
        for path in PYTHON
        for function in nodes(path)
        if isinstance(function, ast.FunctionDef)
        and any(isinstance(c, ast.Call) and last_name(c.func) == "make_valid" for c in ast.walk(function))
    ]
    assert repairing == []


@each(files("*.py", "*.html", "*.jinja", "*.j2", "*.js", "*.css", "*.svg", "*.json", "*.yaml", "*.toml", "*.csv"))
def test_nothing_names_another_host(path: Path) -> None:
    if name_of(path) in ADDRESSES_ARE_DATA:
        return
    found = set(ADDRESS.findall(path.read_text("utf-8")))
    assert sorted(address for address in found if not address.startswith(NAMES_LIKE_ADDRESSES)) == []


@pytest.mark.parametrize("name", ["Makefile", ".ci/run", "requirements.lock", "package.json", "pyproject.toml"])
def test_no_registry_is_named(name: str) -> None:
    assert ADDRESS.findall((ROOT / name).read_text("utf-8")) == []


def test_locked_packages_do_not_say_where_they_came_from() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


@each(TEMPLATES)
def test_templates_obey_the_content_security_policy(path: Path) -> None:
    """No inline style, handler, script without a nonce, or link that runs: the policy has no unsafe-inline."""
    source = path.read_text("utf-8")
    assert re.findall(r"\sstyle\s*=", source) == []
    assert re.findall(r"<[^>]*\son[a-z]+\s*=", source) == []
    assert re.findall(r"javascript:", source, re.IGNORECASE) == []
    assert re.findall(r"(?:src|href|action)\s*=\s*[\"']?//", source) == []
    inline = [tag for tag in re.findall(r"<(?:script|style)\b[^>]*>", source) if "nonce=" not in tag]
    assert [tag for tag in inline if "src=" not in tag and 'type="application/json"' not in tag] == []


@each(TEMPLATES)
def test_templates_escape_what_they_show(path: Path) -> None:
    source = path.read_text("utf-8")
    unescaped = {f"{name_of(path)}: {e.strip()}" for e in re.findall(r"\{\{([^}]*\|\s*safe\b[^}]*)\}\}", source)}
    assert unescaped - SAFE_IN_TEMPLATES == set()
    assert re.findall(r"\{%-?\s*autoescape\s+false", source) == []


@each(files("*.py", under=("service", "maps")))
def test_every_template_engine_escapes(path: Path) -> None:
    calls = [n for n in nodes(path) if isinstance(n, ast.Call) and last_name(n.func) == "Environment"]
    escaping = [
        call for call in calls for k in call.keywords if k.arg == "autoescape" and ast.unparse(k.value) == "True"
    ]
    assert [place(path, call) for call in calls if call not in escaping] == []


@each(files("*.js", under=("service", "maps")))
def test_scripts_make_nodes_not_markup(path: Path) -> None:
    made = r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|eval\(|new Function)"
    assert re.findall(made, path.read_text("utf-8")) == []


@each(OF_SERVICE)
def test_markup_is_made_by_templates(path: Path) -> None:
    calls = [n for n in nodes(path) if isinstance(n, ast.Call) and last_name(n.func) == "Markup"]
    assert name_of(path) in MARKUP_IN_PYTHON or [place(path, call) for call in calls] == []


def marked() -> dict[str, str]:
    """Return every sentence marked for translation, each with one place where it stands."""
    found: dict[str, str] = {}
    for path in OF_SERVICE:
        for call in nodes(path):
            if isinstance(call, ast.Call) and last_name(call.func) == "N_":
                found[ast.literal_eval(call.args[0])] = place(path, call)
    for path in TEMPLATES:
        with path.open("rb") as source:
            for line, _function, message, _comments in babel_extract(source, ("_", "gettext", "ngettext"), [], {}):
                sentences = [message] if isinstance(message, str) else message or ()
                found.update({sentence: f"{name_of(path)}:{line}" for sentence in sentences if sentence})
    found.update(dict.fromkeys((*issue.SENTENCES.values(), *issue.REASONS), "gis/issue.py"))  # gis knows no N_
    return found


def translated() -> dict[str, Message]:
    return {str(message.id): message for message in catalogue("zh") if message.id}


def test_every_sentence_has_its_chinese() -> None:
    chinese = translated()
    assert [f"{spot}: {s}" for s, spot in marked().items() if s not in chinese or not chinese[s].string] == []


def test_no_translation_is_left_over() -> None:
    assert sorted(translated().keys() - marked().keys()) == []


def test_translations_keep_their_placeholders() -> None:
    def names(sentence: object) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(str(sentence)) if name is not None}

    assert [m.id for m in translated().values() if names(m.id) != names(m.string) or m.fuzzy] == []


def test_the_features_introduce_themselves_in_order() -> None:
    """`service/__init__.py` is the table of contents: it names every feature folder that exists."""
    assert tree(SERVICE / "__init__.py").body[1:] == []
    contents = ast.get_docstring(tree(SERVICE / "__init__.py")) or ""
    features = sorted(path.parent.name for path in SERVICE.glob("*/__init__.py"))
    assert [name for name in features if not re.search(rf"\b{name}\b", contents)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_say_what_they_are_for(package: str) -> None:
    empty = [name_of(p) for p in files("__init__.py", under=(package,)) if not ast.get_docstring(tree(p))]
    assert empty == []
