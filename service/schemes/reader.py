"""YAML in, a tree of texts with line numbers out. No scalar is typed here: `no`, `1.10`, `2013-04` stay text."""

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from service.core.i18n import N_
from service.schemes.issues import SchemeIssue, SchemeRefused

MAX_BYTES = 1_000_000
MAX_DEPTH = 12
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, an order of magnitude sooner

ANCHOR = N_("Anchors and aliases are not allowed; write the value out.")
TAG = N_("Tags such as {tag} are not allowed.")
TWICE = N_("'{word}' is written twice.")
DEEP = N_("This is nested more than {limit} deep.")
LONG = N_("The file is longer than {limit} bytes.")
NOT_YAML = N_("This is not YAML: {problem}.")
NOT_WORDS = N_("A scheme file is a list of words with values, such as 'scheme: name'.")
NOT_A_WORD = N_("What stands before a colon must be a word.")
SEVERAL = N_("One file holds one scheme; a second document begins here.")
COMMA = N_(
    "A comma inside curly or square brackets ends the value: put the expression in quotes, or write one word a line."
)


@dataclass(frozen=True)
class Word:
    """A scalar, as it is written."""

    text: str
    line: int
    quoted: bool = False


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True)
class Fields:
    """A map; `lines` holds the line of each key."""

    fields: Mapping[str, "Node"]
    line: int
    lines: Mapping[str, int]


Node = Word | Items | Fields


def refuse(code: str, line: int, message: str, **details: str) -> SchemeRefused:
    """Return the refusal that consists of one issue."""
    return SchemeRefused([SchemeIssue(code, line, message, details)])


@dataclass
class _Open:
    """A list or map that is still being read; `key` waits for its value."""

    line: int
    is_map: bool
    is_flow: bool
    items: list[Node]
    fields: dict[str, Node]
    lines: dict[str, int]
    key: str | None = None

    def add(self, node: Node) -> None:
        if not self.is_map:
            self.items.append(node)
        elif self.key is None:
            if not isinstance(node, Word):
                raise refuse("YAML", node.line, NOT_A_WORD)
            if node.text in self.fields:
                raise refuse("YAML", node.line, TWICE, word=node.text)
            self.key = node.text
            self.lines[node.text] = node.line
        else:
            if self.is_flow and isinstance(node, Word) and not node.text and not node.quoted:
                raise refuse("COMMA", node.line, COMMA)
            self.fields[self.key] = node
            self.key = None

    def closed(self) -> Node:
        return Fields(self.fields, self.line, self.lines) if self.is_map else Items(tuple(self.items), self.line)


def read_yaml(text: str) -> Fields:
    """Return the map that the text holds; refuse anchors, aliases, tags, double keys, 12 levels, 1 MB.

    >>> read_yaml("version: 1.10").fields["version"]
    Word(text='1.10', line=1, quoted=False)
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise refuse("YAML", 1, LONG, limit=str(MAX_BYTES))
    try:
        root = _tree(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
        raise refuse("YAML", mark.line + 1 if mark else 1, NOT_YAML, problem=problem) from error
    if not isinstance(root, Fields):
        raise refuse("YAML", root.line if root else 1, NOT_WORDS)
    return root


def _tree(text: str) -> Node | None:
    stack: list[_Open] = []
    root: Node | None = None
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refuse("YAML", line, ANCHOR)
        if tag := getattr(event, "tag", None):
            raise refuse("YAML", line, TAG, tag=str(tag))
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise refuse("YAML", line, SEVERAL)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(stack) == MAX_DEPTH:
                raise refuse("YAML", line, DEEP, limit=str(MAX_DEPTH))
            is_map = isinstance(event, yaml.MappingStartEvent)
            stack.append(_Open(line, is_map, bool(event.flow_style), [], {}, {}))
            continue
        if isinstance(event, yaml.ScalarEvent):
            node: Node = Word(event.value, line, event.style in ("'", '"', "|", ">"))
        elif isinstance(event, yaml.CollectionEndEvent):
            node = stack.pop().closed()
        else:
            continue
        if stack:
            stack[-1].add(node)
        else:
            root = node
    return root
