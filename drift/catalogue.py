"""Holds every word that Drift itself says, in English and Chinese, as written in messages.toml."""

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from drift.errors import InputError, LexiconError
from drift.records import Lang
from drift.visible import visible

LANGS: tuple[Lang, ...] = ("en", "zh")
FORMS = ("en", "zh", "fix_en", "fix_zh")


@cache
def messages() -> dict[str, Any]:
    """Read the catalogue once, and refuse one with a hole in it."""
    text = files("drift").joinpath("messages.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    for key, entry in read["reason"].items():
        for form in FORMS:
            if not entry.get(form):
                raise LexiconError(f"messages.toml: reason {key!r} has no {form}")
            if placeholders(entry[form][-1]):
                raise LexiconError(f"messages.toml: the last {form} of {key!r} needs a detail")
    return read


def language(name: str) -> Lang:
    """Take a language by its name, or refuse it."""
    for known in LANGS:
        if name == known:
            return known
    raise InputError(f"unknown language {name!r}; choose en or zh")


def label(kind: str, key: str, lang: Lang) -> str:
    """Give the name of a verdict, severity, type, voice or flag; an unknown one names itself.

    >>> label("verdict", "misrepresents", "zh")
    '歪曲原意'
    """
    entry = messages()[kind].get(key, {})
    return str(entry.get(lang) or visible(key))


def line(verdict: str, lang: Lang) -> str:
    """Give the half sentence that says what a verdict means for a reader."""
    return str(messages()["verdict"][verdict][f"line_{lang}"])


def mqm(kind: str) -> str:
    """Give the MQM category of a finding's type."""
    return str(messages()["type"].get(kind, {}).get("mqm", "accuracy/mistranslation"))


def text(section: str, key: str, lang: Lang) -> str:
    """Give one text of the interface or of the drafted correction."""
    return str(messages()[section][f"{key}_{lang}"])


def fill(reason: str, form: str, values: Mapping[str, str]) -> str:
    """Fill the richest sentence of a reason whose placeholders are all known.

    >>> fill("quantity.changed", "fix_en", {"from": "4,000", "to": "40,000"})
    'I wrote 4,000, not 40,000.'
    >>> fill("quantity.unheard-of", "en", {})
    'A figure in the retweet is not the one in the post.'
    """
    reasons = messages()["reason"]
    entry = reasons.get(reason) or reasons.get(reason.split(".", maxsplit=1)[0]) or reasons["given"]
    for sentence in entry[form]:
        if all(values.get(name) for name in placeholders(sentence)):
            return str(sentence).format_map(values)
    return str(entry[form][-1])


@cache
def placeholders(sentence: str) -> tuple[str, ...]:
    """List the names that a sentence leaves open."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(sentence) if name)
