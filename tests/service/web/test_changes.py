"""The page of changes speaks of records as people call them."""

import ast
import re
from datetime import date

from service.access.rules import Answer
from service.findings.rules import Act
from service.settlement.rules import Decision
from service.web.labels import VERBS
from tests.conftest import World
from tests.service.web.visitor import signed_in
from tests.support.sources import files, tree

EXPANDED = {
    "statement.": [decision.value for decision in Decision],
    "finding.": [act.value for act in Act],
    "catalogue.": ["finding_types", "operations", "grades", "workdays"],
    "role.": [answer.value for answer in Answer],
    "import.": ["plots", "contract", "scores", "tasks"],
}


def verbs() -> set[str]:
    """Return every verb that the service records."""
    found: set[str] = set()
    for path in files("*.py", under=("service",)):
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit_log.record", "_step")):
                continue
            verb = node.args[2]
            if isinstance(verb, ast.Constant) and isinstance(verb.value, str):
                found.add(verb.value)
            elif isinstance(verb, ast.JoinedStr) and isinstance(verb.values[0], ast.Constant):
                stem = str(verb.values[0].value)
                found |= {stem + end for end in EXPANDED[stem]}
    return found


def test_each_verb_has_its_words() -> None:
    assert verbs() == set(VERBS)


def test_a_finding_is_named_by_its_number_and_leads_to_its_page(world: World) -> None:
    world.on(date(2013, 3, 2))
    finding = world.file("N-1")
    world.confirm(finding)
    page = signed_in(world, "auditor").get(f"/changes?target=Finding+{finding}").text
    rows = re.findall(r'<a href="(/findings/F-2013-\d+)">(F-2013-\d+)</a>', page)
    assert rows == [(f"/findings/{rows[0][1]}", rows[0][1])] * 2
    assert "Finding confirmed" in page
    assert "Contract signed" not in page


def test_changes_are_paged_whole(world: World) -> None:
    browser, seen, address = signed_in(world, "auditor"), [], "/changes"
    for _ in range(50):
        page = browser.get(address).text
        seen += [int(number) for number in re.findall(r'<tr><td class="num">(\d+)</td>', page)]
        more = re.search(r'href="(/changes\?before=\d+)"', page)
        if not more:
            break
        address = more[1]
    assert seen == list(range(seen[0], 0, -1))
