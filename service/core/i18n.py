"""Sentences for people. English is the source; translations lie in service/locale."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")


def N_(message: str) -> str:  # noqa: N802 - the name that extraction tools know
    """Mark a sentence for translation where it is written; `translate` looks it up where it is shown."""
    return message


class Phrase(str):
    """A detail that is itself a phrase of ours: `translate` puts it into the language of its sentence."""


class Sentence(NamedTuple):
    """A detail that is itself a sentence of ours with details of its own."""

    message: str
    details: Mapping[str, object]


@cache
def catalogue(language: str) -> Catalog:
    """Return the translations into a language."""
    path = files("service").joinpath("locale", language, "LC_MESSAGES", "messages.po")
    return read_po(BytesIO(path.read_bytes()), locale=language)


def language_of(header: str) -> str:
    """Return the first of our languages that an Accept-Language header or a locale names; English when none.

    >>> language_of("fr, zh-CN;q=0.9"), language_of("zh_CN"), language_of("")
    ('zh', 'zh', 'en')
    """
    tags = (tag.strip()[:2].lower() for tag in header.split(","))
    return next((tag for tag in tags if tag in LANGUAGES), "en")


def gettext(message: str, language: str) -> str:
    """Return a sentence in one of our languages, its placeholders still open."""
    known = catalogue("zh").get(message) if language == "zh" else None
    return str(known.string) if known and known.string else message


def named(lang: str, row: Any, stem: str = "name") -> str:
    """Return a row's name in a language; in the other one when it has no such name."""
    zh, en = (getattr(row, f"{stem}_{which}") for which in LANGUAGES)
    return str((zh or en) if lang == "zh" else (en or zh))


def translate(message: str, language: str, details: Mapping[str, object]) -> str:
    """Return the sentence in the language of an Accept-Language header, in English when there is none.

    >>> translate("Sign in first.", "zh-CN,zh;q=0.9", {}), translate("Sign in first.", "fr", {})
    ('请先登录。', 'Sign in first.')
    """
    ours = language_of(language)
    return gettext(message, ours).format(**{name: _said(value, ours) for name, value in details.items()})


def _said(value: object, language: str) -> object:
    if isinstance(value, Sentence):
        return translate(value.message, language, value.details)
    return gettext(value, language) if isinstance(value, Phrase) else value
