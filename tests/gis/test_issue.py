"""Every issue has its sentence, and every sentence its issue."""

import re
from pathlib import Path
from string import Formatter

from gis import issue
from gis.issue import ERRORS, REMARKS, SENTENCES

GIVEN = re.compile(r'Issue\(\s*"(\w+)"|code = "(\w+)" if .+ else "(\w+)"')


def test_codes_and_sentences_match() -> None:
    given = set()
    for path in Path(issue.__file__).parent.glob("*.py"):
        for found in GIVEN.findall(path.read_text("utf-8")):
            given |= set(found) - {""}
    assert given == set(SENTENCES)
    assert not set(REMARKS) & set(ERRORS)


def test_sentences_are_sentences_with_named_placeholders() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence[0].isupper() or sentence.startswith("{"), code
        assert sentence.endswith("."), code
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(sentence)), code
