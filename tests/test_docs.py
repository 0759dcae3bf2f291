"""What the documents say about the project is true of it."""

import re
from pathlib import Path

import pytest

from service.core.settings import Settings
from tests.support.sources import ROOT, files, name_of

DOCUMENTS = [*files("*.md", under=("docs",)), *sorted(ROOT.glob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
COMMAND = re.compile(r"(?:^|`|\$ )make ((?:[a-z][a-z-]*(?: [A-Z]+=\S+)*))", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)


def prose(path: Path) -> str:
    """Return a document without its fenced blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", path.read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the headings that a link can point at, as web sites of repositories spell them."""
    headings = re.findall(r"(?m)^#+ (.*)$", prose(path))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@each_document
def test_links_lead_somewhere(path: Path) -> None:
    for target, anchor in LINK.findall(prose(path)):
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), f"{name_of(path)} links to {target}"
        if anchor:
            assert anchor[1:] in anchors(there), f"{name_of(path)} links to {target}{anchor}"


@each_document
def test_commands_exist(path: Path) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    asked = {command.split()[0] for command in COMMAND.findall(path.read_text("utf-8"))}
    assert asked <= targets, f"make has no {sorted(asked - targets)}"


def test_contributors_are_told_of_every_command() -> None:
    told = re.findall(r"(?m)^\| `make ([a-z-]+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    described = re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"))
    assert [name for name in described if name not in ("help", "clean")] == told


@each_document
def test_files_that_are_named_exist(path: Path) -> None:
    named = set(re.findall(r"`((?:service|gis|maps|data|tests|docs)/[\w./-]*\w/?)`", prose(path)))
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def terms() -> list[tuple[str, str]]:
    """Return the glossary's words with their Chinese, in its order."""
    tables = re.split(r"(?m)^## ", (ROOT / "docs" / "glossary.md").read_text("utf-8"))[1:]
    rows = [
        row for table in tables if "| word |" in table for row in re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \|", table)
    ]
    return [row for row in rows if row[0] not in ("word", "---")]


def test_the_glossary_has_one_word_per_concept() -> None:
    for column in zip(*terms(), strict=True):
        assert sorted(column) == sorted(set(column))


def test_every_word_of_the_glossary_has_its_chinese() -> None:
    assert [word for word, chinese in terms() if not re.match(r"[\u4e00-\u9fff]", chinese)] == []


def test_pairs_to_keep_apart_are_words_of_the_glossary() -> None:
    words = {word for word, _ in terms()}
    pairs = (ROOT / "docs" / "glossary.md").read_text("utf-8").partition("## Pairs to keep apart")[2]
    assert set(re.findall(r"\*([^*]+)\*:?", re.sub(r"\([^)]*\)", "", pairs))) <= words


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8"))
    assert listed == [path.name for path in DECISIONS]
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=name_of)
def test_decisions_say_what_why_and_at_what_cost(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"(?m)^\*\*([\w ]+)\.\*\*", text) == ["Choice", "Why", "Cost", "Would change it"]
    assert text.startswith(f"# {path.name[:4]} ")


def test_unreleased_changes_stand_first() -> None:
    headings = re.findall(r"(?m)^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert headings[0] == "Unreleased"


def test_every_setting_is_listed() -> None:
    listed = re.findall(r"(?m)^\| `GREENKEEP_([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text("utf-8"))
    assert {name.lower() for name in listed} == set(Settings.model_fields)
