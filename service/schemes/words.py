"""Reads the words of a scheme file and notes what is wrong with them, by line, without stopping."""

import difflib
import re
from collections.abc import Collection, Mapping

from service.core.i18n import N_
from service.schemes.expressions import Call, Expression, Name, walk
from service.schemes.issues import SchemeIssue
from service.schemes.model import Words
from service.schemes.parser import LATER, ExpressionRefused, parse
from service.schemes.reader import Fields, Items, Node, Word

IDENTIFIER = re.compile(r"[^\W\d]\w{0,59}")
KEYWORDS = {"yes", "no", "and", "or", "not", "is", "in", "else", "missing", "known", "any", "otherwise", "term"}
LATER_FUNCTIONS = {
    "distinct",
    "streak",
    "first",
    "last",
    "pick",
    "weighted",
    "marginal",
    "rank",
    "split",
    "has",
    "prev",
}
LATER_FUNCTIONS |= {"days", "workdays", "hours", "plus", "month_no", "weekday_no", "hour_no"}
LATER_NAMES = {"chosen", "nth", "until", "period_start", "period_end", "days_in_period", "statement_end", "term"}

UNKNOWN = N_("Unknown word '{word}'{near}. Known here: {known}.")
NEEDED = N_("The word '{word}' is needed here.")
NOT_TEXT = N_("'{word}' takes one value, not a list or a map.")
NOT_MAP = N_("'{word}' takes words with values.")
NOT_LIST = N_("'{word}' takes a list.")
NOT_NAME = N_("'{name}' cannot be a name: use letters, digits and _, and none of the words of expressions.")
ONE_OF = N_("'{word}' cannot be '{value}'; it is one of {known}.")
BOTH_LANGUAGES = N_("'{word}' is needed in both languages, as {{zh: ..., en: ...}}.")
WRONG = N_("'{word}' cannot be '{value}'; write it like {like}.")


def near(word: str, known: Collection[str]) -> str:
    """Return a suggestion to append to a message, or nothing.

    >>> near("area_m", ["area_m2", "trees"])
    ' (area_m2?)'
    """
    matches = difflib.get_close_matches(word, known, 1)
    return f" ({matches[0]}?)" if matches else ""


class WordReader:
    """Turns nodes into texts, names, expressions; what cannot be turned is noted and comes back as None or empty."""

    def __init__(self) -> None:
        self.issues: list[SchemeIssue] = []

    def note(self, code: str, line: int, message: str, **details: str) -> None:
        """Note one thing that is wrong."""
        self.issues.append(SchemeIssue(code, line, message, details))

    def fields(
        self, node: Node | None, word: str, known: Collection[str] = (), needed: Collection[str] = (), later: str = ""
    ) -> Fields:
        """Read a map; `known` empty lets every key through; `later` lists words that are not supported yet."""
        if node is None:
            return Fields({}, 1, {})
        if not isinstance(node, Fields):
            self.note("WORD", node.line, NOT_MAP, word=word)
            return Fields({}, node.line, {})
        for key in node.fields:
            if key in later.split():
                self.note("LATER", node.lines[key], LATER, word=key)
            elif known and key not in known:
                listed = ", ".join(sorted(known))
                self.note("WORD", node.lines[key], UNKNOWN, word=key, near=near(key, known), known=listed)
        for key in needed:
            if key not in node.fields:
                self.note("WORD", node.line, NEEDED, word=key)
        return node

    def items(self, node: Node | None, word: str) -> tuple[Node, ...]:
        """Read a list; none: empty."""
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.note("WORD", node.line, NOT_LIST, word=word)
            return ()
        return node.items

    def text(self, node: Node | None, word: str) -> str | None:
        """Read one value; None where there is none or it is empty."""
        if node is None:
            return None
        if not isinstance(node, Word) or not node.text.strip():
            self.note("WORD", node.line, NOT_TEXT, word=word)
            return None
        return node.text.strip()

    def choice(self, node: Node | None, word: str, known: Collection[str], later: str = "") -> str | None:
        """Read a value that is one of a few."""
        text = self.text(node, word)
        if text is None or node is None or text in known:
            return text
        if text in later.split():
            self.note("LATER", node.line, LATER, word=text)
        else:
            self.note("WORD", node.line, ONE_OF, word=word, value=text, known=", ".join(known))
        return None

    def wrong(self, node: Node, word: str, value: str, like: str) -> None:
        """Note a value that is not written as it should be."""
        self.note("WORD", node.line, WRONG, word=word, value=value[:60], like=like)

    def name(self, name: str, line: int) -> str | None:
        """Check a new name."""
        if IDENTIFIER.fullmatch(name) and name not in KEYWORDS | LATER_FUNCTIONS | LATER_NAMES:
            return name
        self.note("WORD", line, NOT_NAME, name=name[:60])
        return None

    def listed_names(self, node: Node | None, word: str) -> tuple[str, ...]:
        """Read a list of names, or one name."""
        nodes = (node,) if isinstance(node, Word) else self.items(node, word)
        return tuple(text for item in nodes if (text := self.text(item, word)))

    def words(self, node: Node | None, word: str, plain: bool = False) -> Words | None:
        """Read a text in both languages; `plain` allows one text for both."""
        if node is None:
            return None
        if plain and isinstance(node, Word):
            return Words(node.text, node.text)
        known = ("zh", "en")
        if not isinstance(node, Fields) or any(not self.text(node.fields.get(key), word) for key in known):
            self.note("WORD", node.line, BOTH_LANGUAGES, word=word)
            return None
        self.fields(node, word, known)
        return Words(*(self.text(node.fields[key], word) or "" for key in known))

    def expression(self, node: Node | None, word: str) -> Expression | None:
        """Read an expression, and refuse the words of the language that are not supported yet."""
        text = self.text(node, word)
        if text is None or node is None:
            return None
        try:
            tree = parse(text)
        except ExpressionRefused as refused:
            self.note(refused.code, node.line, refused.message, **refused.details)
            return None
        for part in walk(tree):
            later = (isinstance(part, Call) and part.name in LATER_FUNCTIONS) or (
                isinstance(part, Name) and part.name in LATER_NAMES
            )
            if later and isinstance(part, Call | Name):
                self.note("LATER", node.line, LATER, word=part.name)
                return None
        return tree

    def named(self, node: Node | None, word: str) -> Mapping[str, Node]:
        """Read a map from new names to anything."""
        fields = self.fields(node, word)
        return {name: part for name, part in fields.fields.items() if self.name(name, fields.lines[name])}
